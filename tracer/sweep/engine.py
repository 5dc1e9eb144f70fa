"""The engine of a sweep: a small protocol, so that anything that starts processes can be one."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol, runtime_checkable

from .folder import Folder
from .journal import Ledger, State

#: Every so many seconds the journals are read, or less often if that takes long.
_LOOK: Final = 0.25
_PAUSE: Final = 0.01


@runtime_checkable
class Engine(Protocol):
    """Runs trials of a folder, one after the other or many at once, here or anywhere.

    It need not see to it that one is run once only, nor to what becomes of its result: whatever
    runs a trial does, see `run_trials`.
    """

    def submit(self, folder: Folder, ids: Sequence[str], allow: Sequence[str]) -> None:
        """Take on some trials.

        Args:
            folder: The folder.
            ids: Their ids.
            allow: What their graphs may name.
        """
        ...

    def poll(self) -> bool:
        """Do all that is due, without waiting; return whether more is to come."""
        ...

    def cancel(self) -> None:
        """Stop, and leave nothing running."""
        ...


def drive(
    engine: Engine,
    folder: Folder,
    allow: Sequence[str],
    *,
    ids: Sequence[str] | None = None,
    fail_fast: bool = False,
    progress: Callable[[Mapping[State, int]], None] = lambda _: None,
) -> Ledger:
    """Have an engine run the trials of a folder that wait, until they are at an end.

    Args:
        engine: The engine.
        folder: The folder.
        allow: What graphs may name.
        ids: Which trials; all that wait by default, and those that somebody else works on.
        fail_fast: Stop when one fails.
        progress: Told how many trials there are of each state.

    Returns:
        What became of them.

    Raises:
        OSError: The folder cannot be written.
    """
    ledger, token = folder.ledger(), folder.cancelled()
    if ids is None:
        open_states = (State.waiting, State.running)
        ids = [each.id for each in ledger.entries.values() if each.state in open_states]
    failed = ledger.counts()[State.failed]
    try:
        engine.submit(folder, ids, allow)
        look = 0.0
        while engine.poll():
            if (now := time.monotonic()) >= look:
                ledger.refresh()
                look = now + max(_LOOK, 10 * (time.monotonic() - now))
                counts = ledger.counts()
                progress(counts)
                if folder.cancelled() != token or (fail_fast and counts[State.failed] > failed):
                    break
            time.sleep(_PAUSE)
    finally:
        engine.cancel()
    folder.update(ledger)
    progress(ledger.counts())
    return ledger
