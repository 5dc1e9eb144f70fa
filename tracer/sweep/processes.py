"""Processes of trials, which end with the process that started them, and so do their own.

Each has a process group of its own, so that what it starts can be ended with it. If this process
ends, however it does, two others notice by a pipe that is closed: the trial's, in a thread, and a
keeper beside it, which also sees to what a trial has left if that was killed at the same time.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from ..errors import TracerError

#: Names the pipe that a trial watches: its number, and the one that its system gives it.
_PIPE: Final = "_BYTEFIG_PARENT"
#: Has an item in a trial that has not begun yet: it imports what it needs.
_importing: list[bool] = []
#: So many seconds a trial has, when it is asked to end.
_GRACE: Final = 3.0
_KEEPER: Final = Path(__file__).with_name("keeper.py")
_HAS_GROUPS: Final = hasattr(os, "killpg")


class SweepInTrialError(TracerError, RuntimeError):
    """A trial starts the sweep that it is one of."""


class Process:
    """A process of a trial.

    Attributes:
        pid: Its number, and that of its group.
    """

    def __init__(self, popen: subprocess.Popen[bytes], keeper: Keeper) -> None:
        self._popen = popen
        self._keeper = keeper
        self.pid = popen.pid

    def ended(self) -> int | None:
        """Return its exit code, if it has ended; then all that it started is ended, too."""
        if self._popen.returncode is None and self._is_over():
            # The group has its number for as long as its leader is not waited for.
            self._signal(9)
            self._popen.wait()
            self._keeper.forget(self.pid)
        return self._popen.returncode

    def end(self) -> None:
        """Ask it to end, and then make it."""
        if self.ended() is None:
            self._signal(15)
            deadline = time.monotonic() + _GRACE
            while self.ended() is None and time.monotonic() < deadline:
                time.sleep(0.01)
            self._signal(9)
            while self.ended() is None:
                time.sleep(0.01)

    def _is_over(self) -> bool:
        if not hasattr(os, "waitid"):
            return self._popen.poll() is not None
        flags = os.WEXITED | os.WNOHANG | os.WNOWAIT
        return os.waitid(os.P_PID, self.pid, flags) is not None

    def _signal(self, number: int) -> None:
        with suppress(ProcessLookupError, PermissionError):
            if _HAS_GROUPS:
                os.killpg(self.pid, number)
            elif self._popen.returncode is None:
                self._popen.kill()


class Keeper:
    """Starts processes, and keeps watch over them."""

    def __init__(self) -> None:
        self._keeper: subprocess.Popen[bytes] | None = None
        self._pipe: tuple[int, int] | None = None

    def start(
        self, command: Sequence[str], log: int, environment: dict[str, str], cwd: str | None
    ) -> Process:
        """Start a process.

        Args:
            command: Its words.
            log: The file that it prints to.
            environment: Its environment.
            cwd: Its working folder.

        Raises:
            OSError: It cannot be started.
        """
        pipes: tuple[int, ...] = ()
        if _HAS_GROUPS:
            reader = self._watched()
            environment = {**environment, _PIPE: f"{reader} {os.fstat(reader).st_ino}"}
            pipes = (reader,)
        popen = subprocess.Popen(
            [*command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environment,
            cwd=cwd,
            start_new_session=_HAS_GROUPS,
            pass_fds=pipes,
        )
        self._tell(f"+{popen.pid}")
        return Process(popen, self)

    def forget(self, pid: int) -> None:
        """Keep watch over a process no more."""
        self._tell(f"-{pid}")

    def close(self) -> None:
        """End the keeper."""
        if self._pipe is not None:
            for number in self._pipe:
                os.close(number)
            self._pipe = None
        if self._keeper is not None:
            with suppress(OSError):
                self._keeper.communicate()
            self._keeper = None

    def _watched(self) -> int:
        """Return the end of a pipe that is closed when this process ends."""
        if self._pipe is None:
            self._pipe = os.pipe()
            self._keeper = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_KEEPER)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        return self._pipe[0]

    def _tell(self, line: str) -> None:
        if self._keeper is not None and self._keeper.stdin is not None:
            with suppress(OSError):  # it was killed; the trial watches, too
                self._keeper.stdin.write(f"{line}\n".encode())
                self._keeper.stdin.flush()


def end_with_parent() -> None:
    """End this process and its group when the one that started it for a trial is gone.

    Until `trial_begins` is called, it starts no trials itself.
    """
    reader, _, inode = os.environ.pop(_PIPE, "").partition(" ")
    with suppress(OSError, ValueError, RuntimeError):
        if os.fstat(int(reader)).st_ino == int(inode):
            _importing.append(True)
            watch = threading.Thread(target=_wait, args=(int(reader),), daemon=True)
            watch.start()


def refuse_in_import() -> None:
    """Refuse to sweep while a trial imports its function.

    Raises:
        SweepInTrialError: This is one: it imports the script that runs the sweep, which would run
            it again, without an end.
    """
    if _importing:
        raise SweepInTrialError(
            "a trial imports this script, which runs the sweep again\n"
            '  fix: run the sweep below: if __name__ == "__main__":'
        )


def trial_begins() -> None:
    """Say that all is imported that a trial needs. From now on it may sweep itself."""
    _importing.clear()


def _wait(reader: int) -> None:
    with suppress(OSError):
        os.read(reader, 1)
        os.killpg(0, signal.SIGKILL)
