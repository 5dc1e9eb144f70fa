"""Policy rules from a TOML file."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NoReturn, cast

from ...configs.for_tracer import short_repr
from ..errors import PolicyFileError, describe
from .globs import why_never
from .rules import Decision, Named, Rule

_DECISIONS: Final = {decision.name.lower(): decision for decision in Decision}
_KEYS: Final = ("match", "decision", "reason")
_HEADER: Final = re.compile(r"\s*\[\[\s*(?:rule|\"rule\"|'rule')\s*\]\]")
_SYNTAX_LINE: Final = re.compile(r"\(at line (\d+),")


def load_rules(path: str | os.PathLike[str]) -> tuple[Rule, ...]:
    """Return the rules of a TOML file, in its order.

    Args:
        path: The file; `PolicyTable.extend_from` says what is in it.

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
        _reject(source, _deepest_line(text), "this nests too deep", "write each rule as a [[rule]]")
    found: object = document.get("rule", [])
    unknown = [key for key in document if key != "rule"]
    if unknown or not isinstance(found, list):
        line = _line_at_top(text, unknown[0] if unknown else "rule")
        _reject(
            source, line, "only [[rule]] tables are known here", "write each rule as a [[rule]]"
        )
    entries = cast("list[Any]", found)
    lines = list(_header_lines(text))
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


def _header_lines(text: str) -> Iterator[int]:
    for number, line in enumerate(text.splitlines(), start=1):
        if _HEADER.match(line):
            yield number


def _line_at_top(text: str, key: str) -> int:
    """Return the line that a key of the document, or a table of that name, starts at."""
    name = re.escape(key)
    pattern = re.compile(rf"\s*\[*\s*[\"']?{name}[\"']?\s*[\].=]")
    found = (n for n, line in enumerate(text.splitlines(), start=1) if pattern.match(line))
    return next(found, 1)


def _rule(path: Path, line: int, entry: object, text: str) -> Rule:
    if not isinstance(entry, dict):
        _reject(path, line, f"a rule is a table, not {short_repr(entry)}", "write it as a [[rule]]")
    given = cast("dict[str, Any]", entry)
    for key in given:
        if key not in _KEYS:
            _reject(
                path,
                _line_of(text, line, key),
                f"a rule has no {short_repr(key)}",
                f"use {', '.join(_KEYS)}",
            )
    glob = given.get("match")
    if not isinstance(glob, str) or not glob:
        _reject(
            path,
            _line_of(text, line, "match"),
            f"match must be a glob on module and qualified name, not {short_repr(glob)}",
            'write, for instance, match = "numpy.*"',
        )
    decision = given.get("decision")
    if not isinstance(decision, str) or decision not in _DECISIONS:
        _reject(
            path,
            _line_of(text, line, "decision"),
            f"decision must be one of {', '.join(_DECISIONS)}, not {short_repr(decision)}",
            'write, for instance, decision = "exempt"',
        )
    reason = given.get("reason", f"{path.name}:{line} says so of {glob}")
    if not isinstance(reason, str):
        _reject(
            path,
            _line_of(text, line, "reason"),
            f"reason must be a string, not {short_repr(reason)}",
            "put it in quotes",
        )
    impossible = why_never(glob)
    if impossible:
        _reject(
            path,
            _line_of(text, line, "match"),
            f"no name of a module and a callable in it matches {glob!r}: {impossible}",
            'write, for instance, match = "numpy.*"',
        )
    return Rule(Named(glob), _DECISIONS[decision], reason)


def _line_of(text: str, header: int, key: str) -> int:
    """Return the line of a key in the table that starts at a header's line, else the header's."""
    pattern = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=")
    lines = text.splitlines()
    for number in range(header, len(lines)):
        if _HEADER.match(lines[number]):
            break
        if pattern.match(lines[number]):
            return number + 1
    return header


def _reject(path: Path, line: int, what: str, fix: str) -> NoReturn:
    raise PolicyFileError(describe(f"cannot load the policy: {what}", f"{path}:{line}", fix))
