"""The files of attempts: who runs a trial and where, since when, and how that has ended."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping

from .atomic_files import JsonObject, create, replace
from .folder import Folder
from .journal import Event, Journal


def claim(folder: Folder, trial: str, number: int, said: Mapping[str, object]) -> JsonObject:
    """Begin an attempt, if nobody else has.

    Args:
        folder: The folder.
        trial: The id of the trial.
        number: Which attempt it is.
        said: Who runs it, and where.

    Returns:
        What its file says; nothing if somebody else has begun it.

    Raises:
        OSError: The folder cannot be written.
    """
    told = {**said, "began": _now()}
    return told if create(folder.trial(trial) / f"attempt-{number}.json", _text(told)) else {}


def end(
    folder: Folder,
    journal: Journal,
    trial: str,
    number: int,
    said: Mapping[str, object],
    outcome: Event,
    reason: str,
    **more: object,
) -> None:
    """Say how an attempt has ended.

    Args:
        folder: The folder.
        journal: Where to say it as well.
        trial: The id of the trial.
        number: Which attempt it is.
        said: What its file says.
        outcome: How it has ended.
        reason: Why; empty if it is done.
        more: What else its file is to say.

    Raises:
        OSError: The folder cannot be written.
    """
    told = {**said, "ended": _now(), "outcome": outcome.value, "reason": reason, **more}
    replace(folder.trial(trial) / f"attempt-{number}.json", _text(told))
    if outcome is not Event.done:
        journal.write(outcome, trial, attempt=number, reason=reason)


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def _text(said: Mapping[str, object]) -> str:
    return json.dumps(said, indent=1) + "\n"
