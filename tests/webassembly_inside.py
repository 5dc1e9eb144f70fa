"""What `webassembly.mjs` runs inside: pytest, with an event loop that runs."""

from __future__ import annotations

import asyncio
import os
import time
from asyncio import runners
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

    def _write_to_self(self) -> None:
        """Wake it up, which only another thread would have to."""


class Policy(asyncio.events._BaseDefaultEventLoopPolicy):
    """Makes a `Loop` where a program asks for none in particular."""

    _loop_factory = Loop


def use_own_loop() -> None:
    """Make `Loop` what runs coroutines."""
    # Pyodide's loop is always running.
    asyncio.events._set_running_loop(None)
    # Tests set the policy to None, which stands for the default.
    asyncio.events._set_event_loop_policy(Policy())
    asyncio.unix_events._DefaultEventLoopPolicy = Policy
    asyncio.run = runners.run


def main(arguments: list[str]) -> int:
    """Run pytest in the checkout, which is the working directory."""
    os.chdir("/checkout")
    use_own_loop()
    import pytest  # from /packages

    return int(pytest.main(["-p", "no:cacheprovider", *arguments]))
