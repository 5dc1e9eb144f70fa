"""`sweep`: many runs of one function, each with other values at some paths of its graph."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...configs import BUILDABLE_TYPES, Config
from ..engine.values import type_of
from ..values import Scope
from ..values.presets import preset_of
from .engine import Engine, drive
from .folder import Folder, SweepRecord
from .journal import State
from .local import Local
from .processes import refuse_in_import
from .results import Results
from .trials import Mode, Points, Trials, points_of_values

if TYPE_CHECKING:
    from .study import Space


class Sweep(Trials):
    """The trials of a sweep, made when they are asked for, which can be run.

    Args:
        base: The graph.
        points: What is set in it.
        scope: What names in values stand for.
        target: The function, as the command line named it.
    """

    def __init__(
        self, base: object, points: Points, scope: Scope | None = None, target: str = ""
    ) -> None:
        super().__init__(base, points, scope, by_value=True)
        self._target = target

    def save(
        self,
        out: Path,
        progress: Callable[[int], None] = lambda _: None,
        allow: Sequence[str] = (),
    ) -> Folder:
        """Check all trials, and write them to a folder.

        Args:
            out: The folder. It may be there: trials that it has already are not made again.
            progress: Told from time to time how many were checked.
            allow: What graphs of the folder may name, if somebody else has made it.

        Raises:
            SweepError: Some cannot be run; nothing was written.
            FolderError: It has another sweep.
            OSError: It cannot be written.
        """
        self.check(progress)
        folder, record = Folder(out), SweepRecord.of(self, self._target)
        folder.add(self, record, allow)
        return folder

    def run(
        self,
        engine: Engine | None = None,
        out: str | Path | None = None,
        *,
        fail_fast: bool = False,
        retry: bool = False,
        progress: Callable[[Mapping[State, int]], None] = lambda _: None,
    ) -> Results:
        """Run the trials that have no result yet, and return the results of all.

        Args:
            engine: What runs them; by default `Local`, one at a time.
            out: Their folder; by default one that is made for them. What is there goes on.
            fail_fast: Stop when one fails.
            retry: Run those again that failed.
            progress: Told from time to time how many trials there are of each state.

        Raises:
            SweepError: Some trials cannot be run; none has been.
            FolderError: The folder has another sweep.
            SweepInTrialError: A trial has imported the script that calls this.
            OSError: The folder cannot be written.
        """
        refuse_in_import()
        place = Path(tempfile.mkdtemp(prefix="sweep-")) if out is None else Path(out)
        folder = self.save(place)
        if retry:
            folder.retry(folder.ledger())
        ledger = drive(
            Local() if engine is None else engine,
            folder,
            folder.allowed(()),
            fail_fast=fail_fast,
            progress=progress,
        )
        return Results(folder, ledger)

    def study(self, study: object, space: Space, metric: str = "", **options: Any) -> Results:
        """Search with Optuna: see `bytefig.tracer.sweep.study.search`."""
        from .study import search  # noqa: PLC0415 - rarely needed

        return search(self.base, study, space, metric, **options)


def sweep(
    target: object,
    values: Mapping[str, object] | Iterable[Mapping[str, object]] = ({},),
    mode: str = "grid",
    *,
    count: int = 0,
    seed: int = 0,
) -> Sweep:
    """Return the trials of a function or a graph: the same with other values at some paths.

    Args:
        target: A function, or a graph.
        values: By path, the values to set there; `uniform`, `loguniform` for a sample. Or a list
            of points, each with values by path.
        mode: ``"grid"`` for each value of a path with each of the others, ``"zip"`` for the first
            with the first and so on, ``"sample"`` for values by chance.
        count: How many to take by chance.
        seed: Decides what chance gives.

    Raises:
        ValueError: The values make no points, or a path is none.

    Example:
        >>> from bytefig.configs import Config
        >>> trials = sweep(Config(dict, a=0, b=1), {"a": [1, 2], "b": [3, 4]})
        >>> len(trials), trials[1].point, trials[1].graph
        (4, {'a': 1, 'b': 4}, <Config[dict(a=1, b=4)]>)
    """
    return Sweep(base_graph(target), points_of_values(values, Mode(mode), count, seed))


def base_graph(target: Any) -> Any:
    """Return the graph of a function, or a graph itself.

    Example:
        >>> base_graph(divmod)
        <Config[divmod()]>
    """
    if type_of(target) in BUILDABLE_TYPES:
        return target
    make = preset_of(target)
    return Config(target) if make is None else make()
