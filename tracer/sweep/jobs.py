"""Jobs: trials that another engine has been given, and the tasks that it makes of them.

A job has a folder in the folder of the sweep, for what the engine needs and for its logs. A file in
there is gone when nobody wants the job any more. Its tasks look at it before they begin and while
they run, so that they end wherever they are, also those that the engine starts later.
"""

from __future__ import annotations

import os
import secrets
import stat
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import attrs

from .folder import Folder

_FOLDER: Final = "jobs"
_WANTED: Final = "wanted"
#: Every so many seconds a task looks at whether it is wanted.
_LOOK: Final = 0.25


@attrs.frozen(eq=False)
class Job:
    """Trials that an engine has been given.

    Attributes:
        folder: The folder of the sweep.
        name: What it is called there.
    """

    folder: Folder
    name: str

    @classmethod
    def begin(cls, folder: Folder, engine: str) -> Job:
        """Make one, for an engine of a name.

        Raises:
            OSError: The folder cannot be written.
        """
        job = cls(folder, f"{engine}-{secrets.token_hex(4)}")
        job.root.mkdir(parents=True)
        (job.root / _WANTED).write_text(folder.cancelled(), encoding="utf-8")
        return job

    @property
    def root(self) -> Path:
        """Its own folder."""
        return (self.folder.root / _FOLDER / self.name).resolve()

    def is_wanted(self) -> bool:
        """Tell whether it is to go on: nobody has ended it, or cancelled the whole sweep."""
        with suppress(OSError):
            return (self.root / _WANTED).read_text("utf-8") == self.folder.cancelled()
        return False

    def end(self) -> None:
        """Have its tasks end, and do nothing if they have not begun yet.

        Raises:
            OSError: The folder cannot be written.
        """
        (self.root / _WANTED).unlink(missing_ok=True)

    def clean(self) -> None:
        """Remove its folder, unless that has something to read."""
        with suppress(OSError):
            self.root.rmdir()


class Task:
    """This process, or a thread of it, as one that works for a job.

    Args:
        job: The job.
        engine: The engine.
        id: What the engine calls the task.
        log: The file to which the engine writes what this process prints; by default it is asked
            for.

    Attributes:
        where: What the files of attempts say of it.
    """

    def __init__(self, job: Job, engine: str, id: str, log: str | None = None) -> None:
        self._job = job
        self._looked = -_LOOK
        self._reason = ""
        log = own_log() if log is None else log
        self.where: Mapping[str, str] = {
            "engine": engine,
            "job": job.name,
            "engine_id": id,
            **({"engine_log": log} if log else {}),
        }

    def over(self) -> str:
        """Return why it is to end; nothing while it is not."""
        now = time.monotonic()
        if not self._reason and now - self._looked >= _LOOK:
            self._looked = now
            if not self._job.is_wanted():
                self.end("the sweep was stopped")
        return self._reason

    def end(self, reason: str) -> None:
        """Have it end soon."""
        self._reason = reason


def own_log() -> str:
    """Return the file to which this process prints its errors; nothing if that is none."""
    with suppress(OSError):
        if stat.S_ISREG(os.fstat(2).st_mode):
            return os.readlink("/proc/self/fd/2")
    return ""
