"""Policy rules from a TOML file."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Final, NoReturn, cast

from ...configs.for_tracer import short_repr
from ..errors import PolicyFileError
from .globs import why_never
from .rules import Decision, Named, Rule

_DECISIONS: Final = {decision.name.lower(): decision for decision in Decision}
_KEYS: Final = ("match", "decision", "reason")
_WRITE_TABLE: Final = "write each rule as a [[rule]]"
_WRITE_GLOB: Final = 'write, for instance, match = "numpy.*"'
_HEADER: Final = re.compile(r"\s*\[\[\s*(?:rule|\"rule\"|'rule')\s*\]\]")
_SYNTAX_LINE: Final = re.compile(r"\(at line (\d+),")


def load_rules(path: str | os.PathLike[str]) -> tuple[Rule, ...]:
    """Return the rules of a TOML file, in its order; see `PolicyTable.extend_from`.

    Raises:
        PolicyFileError: The file or a rule in it is wrong; no rule is loaded then.
        OSError: The file cannot be read.
    """
    source = Path(path)
    encoded = source.read_bytes()
    try:
        text = encoded.decode()
    except UnicodeDecodeError as error:
        line = encoded.count(b"\n", 0, error.start) + 1
        _reject(source, line, f"this is not UTF-8: {error}", "save the file as UTF-8")
    try:
        document: dict[str, object] = tomllib.loads(text)
    except ValueError as error:  # of syntax, or of an integer that is too long
        place = _SYNTAX_LINE.search(str(error))
        line = int(place[1]) if place else text.count("\n") + 1
        _reject(source, line, f"this is not TOML: {error}", "correct the syntax")
    except RecursionError:
        _reject(source, _deepest_line(text), "this nests too deep", _WRITE_TABLE)
    found = document.get("rule", [])
    unknown = [key for key in document if key != "rule"]
    if unknown or not isinstance(found, list):
        line = _line_at_top(text, unknown[0] if unknown else "rule")
        _reject(source, line, "only [[rule]] tables are known here", _WRITE_TABLE)
    entries = cast("list[object]", found)
    lines = [at for at, line in enumerate(text.splitlines(), start=1) if _HEADER.match(line)]
    # Rules may also be an inline array, which has no headers.
    places = lines if len(lines) == len(entries) else [1] * len(entries)
    return tuple(
        _rule(source, line, entry, text) for line, entry in zip(places, entries, strict=True)
    )


def _deepest_line(text: str) -> int:
    depth = deepest = 0
    found = 1
    for number, line in enumerate(text.splitlines(), start=1):
        for char in line:
            depth += (char in "[{") - (char in "]}")
            if depth > deepest:
                deepest, found = depth, number
    return found


def _line_at_top(text: str, key: str) -> int:
    """Return the line that a key of the document, or a table of that name, starts at."""
    name = re.escape(key)
    pattern = re.compile(rf"\s*\[*\s*[\"']?{name}[\"']?\s*[\].=]")
    found = (n for n, line in enumerate(text.splitlines(), start=1) if pattern.match(line))
    return next(found, 1)


def _rule(path: Path, line: int, entry: object, text: str) -> Rule:
    def wrong(key: str, what: str, fix: str) -> NoReturn:
        _reject(path, _line_of(text, line, key), what, fix)

    if not isinstance(entry, dict):
        _reject(path, line, f"a rule is a table, not {short_repr(entry)}", "write it as a [[rule]]")
    given = cast("dict[str, object]", entry)
    for key in given:
        if key not in _KEYS:
            wrong(key, f"a rule has no {short_repr(key)}", f"use {', '.join(_KEYS)}")
    glob = given.get("match")
    if not isinstance(glob, str) or not glob:
        what = f"match must be a glob on module and qualified name, not {short_repr(glob)}"
        wrong("match", what, _WRITE_GLOB)
    decision = given.get("decision")
    if not isinstance(decision, str) or decision not in _DECISIONS:
        what = f"decision must be one of {', '.join(_DECISIONS)}, not {short_repr(decision)}"
        wrong("decision", what, 'write, for instance, decision = "exempt"')
    reason = given.get("reason", f"{path.name}:{line} says so of {glob}")
    if not isinstance(reason, str):
        wrong("reason", f"reason must be a string, not {short_repr(reason)}", "put it in quotes")
    if impossible := why_never(glob):
        what = f"no name of a module and a callable in it matches {glob!r}: {impossible}"
        wrong("match", what, _WRITE_GLOB)
    return Rule(Named(glob), _DECISIONS[decision], reason)


def _line_of(text: str, header: int, key: str) -> int:
    """Return the line of a key in the table that starts at a header's line, else the header's."""
    pattern = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=")
    for number, line in enumerate(text.splitlines()[header:], start=header + 1):
        if _HEADER.match(line):
            break
        if pattern.match(line):
            return number
    return header


def _reject(path: Path, line: int, what: str, fix: str) -> NoReturn:
    raise PolicyFileError.of(f"cannot load the policy: {what}", f"{path}:{line}", fix)
