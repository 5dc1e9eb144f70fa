"""What runs `worker.py` in the WebAssembly CPython: see ``WebAssembly`` in ``workers.py``."""

from __future__ import annotations

import sys

import webassembly_inside

sys.path.append("/tests")  # the folder of the `test` package

from . import worker  # noqa: E402


def main(arguments: list[str]) -> int:
    """Run one test module."""
    from test import support  # noqa: PLC0415 - absent before the path is extended

    webassembly_inside.use_own_loop()
    # What is skipped for want of sockets is what uses an event loop, and ours needs none.
    support.has_socket_support = True
    worker.main(*arguments)
    return 0
