"""Who works on a sweep, and whether it still does.

A worker counts in a file of its own while it lives. Whether it does is judged by whether the count
changes while the observer's own clock runs on: no two clocks are compared. On the machine of the
worker itself, the system knows it at once.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from .atomic_files import read_object, replace

_FOLDER: Final = "workers"
#: Every so many seconds a worker counts.
BEAT: Final = 5.0
#: After so many seconds without, it is taken for dead.
PATIENCE: Final = 60.0


class Worker:
    """This process, as one that works on a sweep.

    Args:
        folder: The folder of the sweep.
        beat: Every how many seconds it counts.

    Attributes:
        name: What it is called.
        host: The machine.

    Raises:
        OSError: The folder cannot be written.
    """

    def __init__(self, folder: Path, beat: float = BEAT) -> None:
        self.host = socket.gethostname()
        self.name = f"{self.host}-{os.getpid()}-{secrets.token_hex(4)}"
        self._file = folder / _FOLDER / f"{self.name}.json"
        self._file.parent.mkdir(exist_ok=True)
        pid = os.getpid()
        self._said: dict[str, object] = {
            "host": self.host,
            "pid": pid,
            "kernel": _kernel(),
            "started": _started(pid),
        }
        self._count = 0
        self._beat = beat
        self._last = 0.0
        self.beat()

    def beat(self) -> bool:
        """Count, if it is time to; return whether it was.

        Raises:
            OSError: The folder cannot be written.
        """
        now = time.monotonic()
        if self._count and now - self._last < self._beat:
            return False
        self._last, self._count = now, self._count + 1
        replace(self._file, f"{json.dumps({**self._said, 'count': self._count})}\n")
        return True


class Observer:
    """Watches other workers.

    Args:
        folder: The folder of the sweep.
        patience: After how many seconds without counting one is taken for dead.
    """

    def __init__(self, folder: Path, patience: float = PATIENCE) -> None:
        self._folder = folder
        self._patience = patience
        self._seen: dict[str, tuple[object, float]] = {}

    def is_alive(self, name: str) -> bool:
        """Tell whether a worker is, as far as this process knows yet."""
        said = read_object(self._folder / _FOLDER / f"{name}.json")
        if said.get("kernel") and said["kernel"] == _kernel():
            return _started(said.get("pid", 0)) == said.get("started")
        now = time.monotonic()
        count, since = self._seen.get(name, (None, now))
        if name not in self._seen or count != said.get("count"):
            count, since = self._seen[name] = said.get("count"), now
        return now - since < self._patience


def _kernel() -> str:
    """Return an id of the processes that know each other by their pids.

    That is the boot of a machine and, in a container, its own list of pids. Nothing where the
    system does not tell.
    """
    with suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {os.readlink('/proc/self/ns/pid')}"
    return ""


def _started(pid: int) -> str:
    """Return when a process started, in its system's own time; nothing if there is none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (OSError, ValueError):
        return ""
    return "" if fields[0] in "ZX" else fields[19]  # a zombie works no more
