"""Trials as text, JSON or CSV; each line is written as it is made, however many there are."""

from __future__ import annotations

import csv
import itertools
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, cast

from ..sweep.atomic_files import JsonObject
from ..sweep.folder import Folder
from ..sweep.journal import attempts_of
from ..sweep.results import Results, TrialResult
from ..sweep.trials import Trial, show_point
from .screen import is_terminal, output, say, tell

#: Longer values are cut in text.
_WIDEST: Final = 60
#: So many rows are looked at to find out how wide columns are.
_LOOKED: Final = 1000


def print_table(results: Results, form: str) -> None:
    """Print all trials, with their states and results."""
    paths = list(dict.fromkeys(path for result in results for path in result.point))
    more = ["status", "result", "reason"]
    if form == "csv":
        keys = dict.fromkeys(key for result in results for key in _flat(result.row()))
        more = ["status", *keys, "reason"]
    _print(form, ({**_flat(row), **row} for row in map(TrialResult.row, results)), paths, more)


def _flat(row: dict[str, object]) -> dict[str, object]:
    """Return the entries of a result by the names that the columns of a table have for them."""
    result = row["result"]
    if not isinstance(result, dict):
        return {"result": result}
    return {f"result.{key}": value for key, value in cast("dict[str, object]", result).items()}


def print_trials(trials: Sequence[Trial], form: str) -> None:
    """Print trials that have not run."""
    rows = ({"id": trial.id, "point": dict(trial.point)} for trial in trials)
    paths = list(trials[0].point) if len(trials) else []
    _print(form, rows, paths, [])


def print_status(results: Results, to_errors: bool = False) -> None:
    """Print how many trials there are of each state, and why some failed."""
    write = say if to_errors else tell
    said = ", ".join(f"{count:,} {state}" for state, count in results.counts.items())
    write(f"{results.folder.root}: {len(results):,} trials: {said}")
    ended = [result for result in results if result.reason]
    for result in ended[:10]:
        write(f"  {result.id} {show_point(result.point)}: {result.reason}")
    if ended:
        more = f"  and {len(ended) - 10:,} more; " if len(ended) > 10 else "  "
        write(f"{more}see what one printed: bytefig sweep {results.folder.root} --logs ID")


def print_attempts(folder: Folder, trial: str) -> None:
    """Print to standard error who has run a trial and where, and how that has ended."""
    for number, said in attempts_of(folder.trial(trial)):
        who = f"{said.get('engine', 'local')} {said.get('engine_id', '')}".strip()
        ended = ": ".join(filter(None, (said.get("outcome", "not ended"), said.get("reason"))))
        say(f"attempt {number}: {who} on {said.get('host')}, since {said.get('began')}; {ended}")
        if log := said.get("engine_log"):
            say(f"  see also {log}")


def show_trial(result: TrialResult) -> None:
    """Print a trial by itself."""
    tell(f"{result.id} {show_point(result.point)}: {json.dumps(result.value)}")


def _print(
    form: str, rows: Iterable[JsonObject], paths: Sequence[str], more: Sequence[str]
) -> None:
    is_terminal(sys.stdout)  # raises if it is closed
    if form == "json":
        _print_json(rows)
    elif form == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(["id", *paths, *more])
        for row in rows:
            cells = [row["point"].get(path, "") for path in paths]
            writer.writerow([row["id"], *map(_cell, [*cells, *(row.get(key) for key in more)])])
    else:
        _print_text(rows, paths, more)


def _print_json(rows: Iterable[dict[str, object]]) -> None:
    sys.stdout.write("[")
    for index, row in enumerate(rows):
        said = {key: value for key, value in row.items() if not key.startswith("result.")}
        sys.stdout.write(f"{',' if index else ''}\n{json.dumps(said)}")
    sys.stdout.write("\n]\n")


def _print_text(
    rows: Iterable[dict[str, object]], paths: Sequence[str], more: Sequence[str]
) -> None:
    lines = _lines(rows, paths, more)
    first = [*itertools.islice(lines, _LOOKED)]
    head = ["id", *paths, *more]
    shown = (
        [*range(len(head))]
        if not more
        else [
            at for at in range(len(head)) if head[at] != "reason" or any(line[at] for line in first)
        ]
    )
    widths = [max(len(line[at]) for line in [head, *first]) for at in shown]
    write = _to_terminal if is_terminal(sys.stdout) else tell
    for line in itertools.chain([head], first, lines):
        cells = (line[at].ljust(width) for at, width in zip(shown, widths, strict=True))
        write("  ".join(cells).rstrip())


def _to_terminal(line: str) -> None:
    output().print(line, markup=False, soft_wrap=True)


def _lines(
    rows: Iterable[JsonObject], paths: Sequence[str], more: Sequence[str]
) -> Iterator[list[str]]:
    for row in rows:
        cells = [row["point"].get(path, "") for path in paths]
        said = (_brief(row.get(key)) if key != "result" else _said(row[key]) for key in more)
        yield [row["id"], *map(_brief, cells), *said]


def _said(result: object) -> str:
    """Return a result as text, numbers in it with the digits that a reader looks at."""
    if not isinstance(result, dict):
        return _brief(f"{result:.6g}" if type(result) is float else result)
    pairs = cast("dict[str, object]", result).items()
    return _brief(" ".join(f"{key}={_said(value)}" for key, value in pairs))


def _cell(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


def _brief(value: object) -> str:
    text = "".join(
        c if c.isprintable() else " " if c.isspace() else "\N{REPLACEMENT CHARACTER}"
        for c in _cell(value)[: _WIDEST + 1]
    )
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 3]}..."
