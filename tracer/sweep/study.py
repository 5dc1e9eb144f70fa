"""A search that learns from its trials: Optuna asks, a sweep answers."""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from .axes import Uniform
from .engine import Engine, drive
from .folder import Folder, SweepRecord
from .journal import State
from .local import Local
from .processes import refuse_in_import
from .results import Results
from .returned import metric as number_of
from .trials import Mode, Trials, points_of_values

#: By path, a list of values or what to draw from.
Space: TypeAlias = Mapping[str, Sequence[object] | Uniform]


def search(
    base: object,
    study: Any,
    space: Space,
    metric: str = "",
    *,
    count: int = 10,
    at_once: int = 1,
    engine: Engine | None = None,
    out: str | Path | None = None,
) -> Results:
    """Run trials that an Optuna study asks for, and tell it their results.

    Args:
        base: The graph.
        study: The study.
        space: By path, a list of values, or `uniform` and `loguniform`.
        metric: Under which name a result has the number that the study is about; none if it is one.
        count: How many trials to ask for.
        at_once: How many before it is told what became of the first.
        engine: What runs them; by default `Local`, as many as are asked for at once.
        out: The folder; by default one that is made for it. A point that has a result there is not
            run again.

    Raises:
        SweepError: A trial cannot be run.
        ModuleNotFoundError: Optuna is not installed.
        OSError: The folder cannot be written.
    """
    refuse_in_import()
    failed = importlib.import_module("optuna.trial").TrialState.FAIL
    place = Path(tempfile.mkdtemp(prefix="sweep-")) if out is None else Path(out)
    engine = Local(at_once) if engine is None else engine
    folder = Folder(place)
    left = count
    results: Results | None = None
    while left > 0 or results is None:
        asked = [study.ask() for _ in range(min(at_once, left))]
        left -= len(asked)
        points = [_point(trial, space) for trial in asked]
        trials = Trials(base, points_of_values(points, Mode.grid, 0, 0), by_value=True)
        trials.check()
        ids = [trial.id for trial in trials]
        folder.add(trials, SweepRecord.of(trials))
        ledger = drive(engine, folder, folder.allowed(()), ids=ids)
        results = Results(folder, ledger)
        by_id = {result.id: result for result in results}
        for trial, name in zip(asked, ids, strict=True):
            found = by_id[name]
            number = number_of(found.value, metric) if found.status is State.done else None
            if number is None:
                study.tell(trial, state=failed)
            else:
                study.tell(trial, number)
    return results


def _point(trial: object, space: Space) -> dict[str, object]:
    return {path: _suggested(trial, path, values) for path, values in space.items()}


def _suggested(trial: Any, path: str, values: Sequence[object] | Uniform) -> object:
    if not isinstance(values, Uniform):
        # By number: a value of a list may be anything, a node say.
        return values[trial.suggest_categorical(path, [*range(len(values))])]
    if values.whole:
        return trial.suggest_int(path, int(values.low), int(values.high), log=values.log)
    return trial.suggest_float(path, values.low, values.high, log=values.log)
