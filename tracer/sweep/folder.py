"""The folder of a sweep: all there is of it, for whoever can read it, on any machine."""

from __future__ import annotations

import json
import os
import platform
import secrets
import shutil
import site
import sys
import sysconfig
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import attrs

from ...configs import SerializationError, __version__, dump_json
from ...configs.for_tracer import Allowed
from ..errors import TracerError
from .atomic_files import create, read_object, replace
from .canonical import id_of
from .grants import grant, is_granted
from .journal import Event, Journal, Ledger, State, attempts_of
from .trials import Trial, Trials
from .workers import Observer

_FILE: Final = "sweep.json"
_FORMAT: Final = "bytefig.sweep"
_GRAPHS: Final = ("graph.json", "graph.pickle")


class FolderError(TracerError):
    """The folder of a sweep is not as it has to be."""


@attrs.frozen
class SweepRecord:
    """The content of the file of a sweep.

    Attributes:
        base: The document of the graph; empty if it has functions that importing cannot find.
        points: The axes, or where else the points are from.
        target: The function, as the command line named it.
        allow: What graphs name, which has to be allowed.
        search: Where modules are looked for, beside where Python does.
        cwd: The working folder.
        python: The version of Python.
        bytefig: The version of bytefig.
    """

    base: str
    points: dict[str, object]
    target: str
    allow: tuple[str, ...] = attrs.field(converter=tuple)
    search: tuple[str, ...] = attrs.field(converter=tuple)
    cwd: str
    python: str = attrs.field(factory=platform.python_version)
    bytefig: str = __version__
    format: str = _FORMAT
    version: int = 1

    @classmethod
    def of(cls, trials: Trials, target: str = "") -> SweepRecord:
        """Return the record of trials that were checked.

        Args:
            trials: The trials.
            target: What the command line named.
        """
        try:
            base = dump_json(trials.base)
        except SerializationError:
            base = ""
        search = [str(Path(entry).resolve()) for entry in sys.path if _is_own(entry)]
        described = dict(trials.points.described)
        return cls(base, described, target, sorted(trials.needed), search, str(Path.cwd()))

    @property
    def wanted(self) -> str:
        """The names and folders that the folder has to be trusted with."""
        return json.dumps([self.allow, self.search, self.cwd])


def _is_own(entry: str) -> bool:
    """Tell whether a place to look for modules is not one where every Python does."""
    paths = {*sysconfig.get_paths().values(), *site.getsitepackages()}
    usual = paths | {str(Path(path, "lib-dynload")) for path in paths}
    if site.ENABLE_USER_SITE:
        usual.add(site.getusersitepackages())
    return entry not in usual and Path(entry).is_dir()


class Folder:
    """The folder of a sweep.

    Args:
        root: Its path.

    Attributes:
        root: Likewise.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def at(cls, root: Path) -> Folder:
        """Return a folder that there is.

        Raises:
            FolderError: There is none.
        """
        if not is_folder(root):
            raise FolderError(f"{root} is not the folder of a sweep: it has no {_FILE}")
        return cls(root)

    @property
    def record(self) -> SweepRecord:
        """The content of its file.

        Raises:
            FolderError: The file cannot be read.
        """
        found = read_object(self.root / _FILE)
        if found.get("format") != _FORMAT:
            raise FolderError(f"{self.root / _FILE} is not the file of a sweep")
        if found.get("version") != 1:
            raise FolderError(f"{self.root} was made by a later version of bytefig")
        try:
            return SweepRecord(**found)
        except TypeError as error:
            raise FolderError(f"{self.root / _FILE} is not the file of a sweep: {error}") from None

    def refuse_other(self, record: SweepRecord, given: Sequence[str]) -> None:
        """Refuse to add the trials of another sweep to this one, or to a folder of somebody else.

        Raises:
            FolderError: It has another, or more has to be allowed.
        """
        if is_folder(self.root) and record.base and self.record.base != record.base:
            raise FolderError(
                f"{self.root} has a sweep of another graph\n"
                "  fix: give another folder, or set the difference as an axis"
            )
        if is_folder(self.root):
            self.allowed(given)
        elif self.root.exists() and not self.root.is_dir():
            raise FolderError(f"{self.root} is a file")

    def add(self, trials: Iterable[Trial], record: SweepRecord, given: Sequence[str] = ()) -> int:
        """Add the trials that are not there yet, and then say that all are.

        Args:
            trials: The trials.
            record: What there is to say of them.
            given: What the user allows, of a folder that somebody else has made.

        Returns:
            How many were not there.

        Raises:
            OSError: The folder cannot be written.
            FolderError: It has another sweep, or more has to be allowed.
        """
        self.refuse_other(record, given)
        (self.root / "trials").mkdir(parents=True, exist_ok=True)
        ledger = Ledger(self.root)
        ledger.refresh()
        known, count = set(ledger.entries), 0
        del ledger
        journal = Journal(self.root, f"made-{secrets.token_hex(8)}")
        try:
            for trial in trials:
                if trial.id in known:
                    continue
                count += self._add(trial)
                # One that two points are, or that was there without a journal, is said again.
                journal.write(Event.made, trial.id, point=trial.point)
        finally:
            journal.close()
        replace(self.root / _FILE, json.dumps(attrs.asdict(record), indent=1) + "\n")
        grant(self.root, record.wanted)
        return count

    def _add(self, trial: Trial) -> bool:
        place = self.trial(trial.id)
        beside = place.with_name(f".{secrets.token_hex(8)}.tmp")
        beside.mkdir()
        try:
            document = trial.document
            name = _GRAPHS[isinstance(document, bytes)]
            data = document if isinstance(document, bytes) else document.encode()
            (beside / name).write_bytes(data)
            (beside / "point.json").write_text(json.dumps(trial.point) + "\n", encoding="utf-8")
            os.rename(beside, place)
        except OSError:
            shutil.rmtree(beside, ignore_errors=True)
            if not place.is_dir():
                raise
            return False
        return True

    def allowed(self, given: Sequence[str]) -> list[str]:
        """Return the names that its graphs may use, if the user trusts it.

        Args:
            given: What the user allows. A folder that this user has made needs none.

        Raises:
            FolderError: It wants more than that.
        """
        record = self.record
        if is_granted(self.root, record.wanted):
            return self.allowed_if_trusted(given)
        allow = Allowed(given)
        lacking = [name for name in record.allow if not _covers(allow, given, name)]
        if lacking:
            options = " ".join(f"--allow-import {name}" for name in record.allow)
            raise FolderError(
                f"{self.root} was not made by you, here: its graphs name {', '.join(lacking)}\n"
                f"  fix: if you trust it, add {options}"
            )
        return [*given]

    def allowed_if_trusted(self, given: Sequence[str]) -> list[str]:
        """Return the names that the user allows, and more for a folder that he has made."""
        record = self.record
        return [*(record.allow if is_granted(self.root, record.wanted) else ()), *given]

    def surroundings(self) -> tuple[str | None, tuple[str, ...]]:
        """Return the working folder of trials, and where they look for modules, if it is trusted.

        Of a folder that somebody else made, neither is used.
        """
        record = self.record
        if not is_granted(self.root, record.wanted):
            return None, ()
        return (record.cwd if Path(record.cwd).is_dir() else None), record.search

    def trial(self, trial: str) -> Path:
        """Return the folder of a trial."""
        return self.root / "trials" / trial

    def graph_file(self, trial: str) -> Path:
        """Return the file of a trial's graph.

        Raises:
            FolderError: There is none, or it is not what the trial's id was made of.
        """
        for name in _GRAPHS:
            file = self.trial(trial) / name
            with suppress(FileNotFoundError, UnicodeDecodeError):
                data = file.read_bytes()
                text = data.decode() if name == _GRAPHS[0] else data.hex()
                if id_of(text) == trial:
                    return file
                raise FolderError(f"{file} was changed: its content is not that of {trial}")
        raise FolderError(f"{self.trial(trial)} has no graph")

    def ledger(self) -> Ledger:
        """Return the states of all trials.

        Raises:
            OSError: The folder cannot be read.
        """
        found = Ledger(self.root)
        self.update(found)
        return found

    def update(self, ledger: Ledger) -> None:
        """Read the new events, and look at the trials that the journals say no end of.

        Raises:
            OSError: The folder cannot be read.
        """
        ledger.refresh()
        ledger.settle(Observer(self.root).is_alive)

    def find(self, begun: str) -> str:
        """Return the id of the only trial whose id begins so.

        Raises:
            FolderError: There is none, or there are several.
        """
        if begun.isalnum() and (self.trial(begun) / "point.json").is_file():
            return begun
        found = [trial for trial in self.ledger().entries if trial.startswith(begun)]
        if len(found) != 1:
            what = "no trial" if not found else f"{len(found)} trials"
            raise FolderError(f"{self.root} has {what} whose id begins with {begun!r}")
        return found[0]

    def retry(self, ledger: Ledger) -> int:
        """Have the trials that failed run again; return how many there are.

        Raises:
            OSError: The folder cannot be written.
        """
        failed = [each for each in ledger.entries.values() if each.state is State.failed]
        journal = Journal(self.root, f"retry-{secrets.token_hex(8)}")
        try:
            for entry in failed:
                attempt, said = attempts_of(self.trial(entry.id))[-1]
                file = self.trial(entry.id) / f"attempt-{attempt}.json"
                replace(file, json.dumps({**said, "again": True}, indent=1) + "\n")
                journal.write(Event.again, entry.id, attempt=attempt)
        finally:
            journal.close()
        ledger.refresh()
        return len(failed)

    def cancel(self) -> None:
        """Tell all who work on it to stop.

        Raises:
            OSError: The folder cannot be written.
        """
        replace(self.root / "cancel", secrets.token_hex(16))

    def cancelled(self) -> str:
        """Return a text that changes whenever `cancel` is called."""
        with suppress(FileNotFoundError):
            return (self.root / "cancel").read_text("utf-8")
        return ""

    def log(self, trial: str) -> str:
        """Return the output of a trial."""
        with suppress(FileNotFoundError):
            return (self.trial(trial) / "log.txt").read_text("utf-8", "replace")
        return ""

    def publish(self, trial: str, text: str) -> bool:
        """Make a result the one of a trial; return whether it had none."""
        return create(self.trial(trial) / "result.json", text, sync=True)


def is_folder(root: Path) -> bool:
    """Tell whether a folder has a sweep."""
    return (root / _FILE).is_file()


def _covers(allow: Allowed, given: Sequence[str], name: str) -> bool:
    module, _, qualname = name.partition(":")
    return name in given or allow.opens(module, qualname)
