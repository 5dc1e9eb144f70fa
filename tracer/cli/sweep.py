"""``bytefig sweep``: run a function many times, with other values at some paths of its graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias, TypeVar

import click

from ...configs import contains_buildable
from ..sweep.axes import is_axis, parse_axis
from ..sweep.engines import ENGINES, make_engine
from ..sweep.folder import Folder, is_folder
from ..sweep.journal import State
from ..sweep.results import Results
from ..sweep.returned import ResultError
from ..sweep.sweep_runs import Sweep
from ..sweep.trials import Mode, Points, PointsError, points_in_file, points_of
from .exit_codes import BadUsageError, ExitCode, show_error
from .options import ALLOW_IMPORT, TAKES_WORDS, WORDS, file_option
from .plan import Plan
from .screen import say, tell
from .sweep_progress import Progress, checking
from .sweep_table import print_attempts, print_status, print_table, print_trials, show_trial
from .targets import search_first, search_working_folder

T = TypeVar("T")
#: The values of the options, by name.
_Options: TypeAlias = dict[str, Any]

_STOPPED: Final = 130


@click.command(context_settings=TAKES_WORDS)
@WORDS
@click.option("--out", metavar="FOLDER", type=click.Path(path_type=Path), help="Where to keep it.")
@click.option("--jobs", "-j", metavar="N", type=click.IntRange(1), help="At a time.")
@click.option(
    "--engine", type=click.Choice([*ENGINES]), default="local", help="What runs the trials."
)
@click.option(
    "--set", "settings", metavar="KEY=VALUE", multiple=True, help="An option of the engine."
)
@click.option("--only", metavar="ID", multiple=True, help="Run this trial only.")
@click.option("--job", metavar="NAME", hidden=True, help="Be a task of an array of Slurm.")
@click.option("--zip", "zipped", is_flag=True, help="Step all axes together, not each by itself.")
@click.option("--sample", metavar="N", type=click.IntRange(1), help="Take N points by chance.")
@click.option("--seed", metavar="S", default=0, help="Decides what chance gives.")
@file_option(
    "--points", help='Take the points of a file: a JSON object, {"path": value}, in each line.'
)
@click.option(
    "--config", metavar="FILE", multiple=True, help="Start from a graph or values in a file."
)
@click.option("--fail-fast", is_flag=True, help="Stop when a trial fails.")
@click.option(
    "--retry", type=click.Choice(["failed"]), help="Run those trials again that have failed."
)
@click.option("--dry-run", is_flag=True, help="Check and list all trials, and run none.")
@click.option("--status", is_flag=True, help="Say how far it is.")
@click.option("--table", is_flag=True, help="Print all trials.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "csv"]),
    default="text",
    help="Of the table and the list.",
)
@click.option("--logs", metavar="ID", help="Print what a trial has printed.")
@click.option("--cancel", is_flag=True, help="Have all stop that work on it.")
@click.option("--best", metavar="NAME", help="Print the trial whose result NAME is least.")
@click.option("--maximize", is_flag=True, help="With --best: the greatest.")
@file_option("--html", help="Write a page with the table and plots.")
@ALLOW_IMPORT
def sweep(words: tuple[str, ...], **options: Any) -> None:
    """Run a function many times, with other values at some paths of its graph.

    Words are those of bytefig run, and axes: path:=[8, 16, 32] for a list of values,
    path:=range(8, 65, 8), path:=log(1e-4, 1e-1, 4); with --sample also uniform(0, 1),
    loguniform(1e-4, 1) and choice(8, 16). All trials are checked before the first one runs.

    In place of MODULE:FN, the folder of a sweep may be given: it goes on where it stopped.
    """
    options["retry"] = options["retry"] is not None
    if not (options["job"] or options["dry_run"]):
        options["made"] = make_engine(options["engine"], options["jobs"], options["settings"])
    if words and is_folder(Path(words[0])):
        if words[1:] or options["points"] or options["config"]:
            raise BadUsageError(
                f"{words[0]} has its points already",
                "give only options with a folder; more points by the command that made it",
            )
        if options["out"]:
            raise BadUsageError(f"{words[0]} is the folder itself", "leave --out out")
        options["out"] = Path(words[0])
        _look_or_run(Folder(Path(words[0])), options)
        return
    made = _swept(words, options)
    if options["dry_run"]:
        _list(made, options["form"])
        return
    if options["out"] is None:
        raise BadUsageError("there is no folder to keep the sweep in", "add --out FOLDER")
    with checking(len(made)) as progress:
        allow = options["allow_import"]
        folder = _writing(lambda: made.save(options["out"], progress, allow))
    _look_or_run(folder, options)


def _look_or_run(folder: Folder, options: _Options) -> None:
    """Show the parts of a folder that are asked for; run the waiting trials if none is."""
    asked = False
    if options["cancel"]:
        folder.cancel()
        asked = True
    if options["logs"]:
        trial = folder.find(options["logs"])
        print_attempts(folder, trial)
        tell(folder.log(trial).removesuffix("\n"))
        asked = True
    shown = [key for key in ("status", "table", "html") if options[key]]
    if options["best"] is not None or options["dry_run"]:
        shown.append("best")
    if not asked and not shown:
        _run(folder, options)
        return
    if shown:
        _show(folder, options)


def _show(folder: Folder, options: _Options) -> None:
    results = Results(folder, folder.ledger())
    if options["status"]:
        print_status(results)
    if options["table"] or options["dry_run"]:
        print_table(results, options["form"])
    if options["best"] is not None:
        try:
            show_trial(results.best(options["best"], maximize=options["maximize"]))
        except ResultError as error:
            raise BadUsageError(str(error)) from None
    if options["html"]:
        from ..sweep.results_page import write_page  # noqa: PLC0415 - rarely needed

        search_working_folder()
        search_first(*folder.surroundings()[1])
        allow = folder.allowed_if_trusted(options["allow_import"])
        _writing(lambda: write_page(results, options["html"], allow), *_PAGE)


def _run(folder: Folder, options: _Options) -> None:
    from ..sweep.engine import drive  # noqa: PLC0415

    allow = folder.allowed(options["allow_import"])
    ids = [folder.find(each) for each in options["only"]] or None
    if options["job"]:
        from ..sweep.engines.slurm import work_for  # noqa: PLC0415

        for trial in ids or ():
            _writing(lambda trial=trial: work_for(folder, options["job"], trial, allow))
        return
    if options["retry"]:
        _writing(lambda: folder.retry(folder.ledger()))
    with Progress() as progress:
        try:
            ledger = _writing(
                lambda: drive(
                    options["made"],
                    folder,
                    allow,
                    ids=ids,
                    fail_fast=options["fail_fast"],
                    progress=progress.show,
                )
            )
        except KeyboardInterrupt:
            say(f"stopped; to go on: bytefig sweep {folder.root}")
            raise click.exceptions.Exit(_STOPPED) from None
    results = Results(folder, ledger)
    print_status(results, to_errors=True)
    if len(results) > results.counts[State.done]:
        raise click.exceptions.Exit(ExitCode.USER_CODE_FAILED)


_FOLDER: Final = (
    "the folder of the sweep",
    "make room for it, and give its name to bytefig sweep: it goes on",
)
_PAGE: Final = ("the page", "name a file in a folder that is there, and has room")


def _writing(do: Callable[[], T], what: str = _FOLDER[0], fix: str = _FOLDER[1]) -> T:
    """Call a function that writes to a folder; say so and exit if it cannot.

    Args:
        do: The function.
        what: The thing that is written.
        fix: Advice for where it cannot be.
    """
    try:
        return do()
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        show_error(f"{what} cannot be written: {where}{error.strerror}\n  fix: {fix}")
        raise click.exceptions.Exit(ExitCode.USER_CODE_FAILED) from None


def _swept(words: Sequence[str], options: _Options) -> Sweep:
    """Return the sweep that the words describe."""
    axes = [word for word in words if is_axis(word.removeprefix("--"))]
    rest = [word for word in words if word not in axes]
    plan = Plan.of(rest, options["allow_import"], captures=False)
    base = plan.graph(rest, options["config"])
    if not contains_buildable(base):
        raise BadUsageError("there is no config in it", "name the function to call")
    if plan.makes_graph and (named := [word for word in axes if word.startswith("--")]):
        raise BadUsageError(
            f"{named[0]} is about a parameter of {plan.target}, which has run already",
            "sweep what is in the graph that it gives: path:=[...]",
        )
    return Sweep(base, _points(axes, options), plan.scope, str(plan.target or plan.file))


def _points(axes: Sequence[str], options: _Options) -> Points:
    count = options["sample"]
    try:
        if options["points"] is not None:
            if axes or count or options["zipped"]:
                raise PointsError("--points has all points: give no axes, --zip or --sample")
            return points_in_file(options["points"])
        if count and options["zipped"]:
            raise PointsError("--zip and --sample are two ways to make points: leave one out")
        mode = Mode.sample if count else Mode.zip if options["zipped"] else Mode.grid
        found = [parse_axis(word.removeprefix("--")) for word in axes]
        return points_of(found, mode, count or 0, options["seed"])
    except OSError as error:
        raise BadUsageError(f"cannot read {options['points']}: {error.strerror}") from None


def _list(made: Sweep, form: str) -> None:
    """Check all trials, and print them as they are made."""
    with checking(len(made)) as progress:
        made.check(progress)
    print_trials(made, form)
