"""What `py314.mjs` runs inside the WebAssembly CPython: pytest, with an event loop that runs."""

from __future__ import annotations

import asyncio
import os
import time
from asyncio import runners
from functools import partial
from typing import Any


class Loop(asyncio.BaseEventLoop):
    """Runs callbacks and timers until none is left.

    Pyodide's own loop leaves that to JavaScript's, which does not go on before Python returns. The
    loops of `asyncio` need a socket for what other threads want, and there are none.
    """

    def __init__(self) -> None:
        super().__init__()
        self._selector = self

    def select(self, timeout: float | None) -> list[Any]:
        """Wait for the next timer; nothing else can happen."""
        time.sleep(timeout or 0)
        return []

    def _process_events(self, event_list: list[Any]) -> None: ...


def main(arguments: list[str]) -> int:
    """Run pytest in the checkout, which is the working directory."""
    os.chdir("/checkout")
    # Pyodide's loop is always running.
    asyncio.events._set_running_loop(None)
    asyncio.run = partial(runners.run, loop_factory=Loop)
    import pytest  # from /packages

    return int(pytest.main(["-p", "no:cacheprovider", *arguments]))
