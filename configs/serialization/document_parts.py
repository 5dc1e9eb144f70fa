"""The parts of a document, checked, and the way to them in errors."""

from __future__ import annotations

import json
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final

from ..core.edit import EditKind, History, SavedEdit
from ..core.errors import DocumentError, excerpt
from ..core.keys import ArgumentKey
from ..core.provenance import SavedProvenance
from ..core.sentinels import NO_VALUE
from ..signature.signature import Signature

_KINDS_OF_EDITS: Final = frozenset(("create", "set", "delete", "tags", "callable"))
_LONGEST_POSITION: Final = 9
_LONGEST_NAME: Final = 200
_LONGEST_TEXT: Final = 200

Fields = dict[str, Any]


class At:
    """Adds the steps to a part of a document to the errors of a block.

    Args:
        steps: The steps. They may be set anew as the block goes on.
        failure: The message of errors that are no `DocumentError`; without one, they pass.
    """

    __slots__ = ("_failure", "steps")

    def __init__(self, *steps: str | int, failure: str = "") -> None:
        self.steps = steps
        self._failure = failure

    def __enter__(self) -> At:
        return self

    def __exit__(
        self, _: object, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if isinstance(error, DocumentError):
            error.steps[:0] = self.steps
        elif isinstance(error, Exception) and self._failure:
            raise DocumentError(f"{self._failure}: {brief(error)}", *self.steps) from error


def brief(error: Exception) -> str:
    """Return the text of an error, cut short: it may quote a whole document."""
    text = str(error)
    return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 3] + "..."


def of_type(value: object, kind: type, *steps: str | int) -> Any:
    """Return a part of a document that has to be exactly of a type; ``steps`` lead to it."""
    if type(value) is not kind:
        article = "an" if kind is int else "a"
        raise DocumentError(f"expected {article} {kind.__name__}, found {excerpt(value)}", *steps)
    return value


def mapping(value: object, *steps: str) -> Fields:
    """Return a part of a document that has to be a mapping with text as keys."""
    found: Fields = of_type(value, dict, *steps)
    for key in found:
        if type(key) is not str:  # pyright: ignore[reportUnnecessaryComparison] - YAML
            raise DocumentError(f"expected text as a key, found {excerpt(key)}", *steps)
    return found


def fields_of(value: object, needed: Sequence[str], optional: Sequence[str] = ()) -> Fields:
    """Return a mapping that has to have these fields, and no others but the optional ones."""
    found = mapping(value)
    for name in needed:
        if name not in found:
            raise DocumentError(f"the field {name!r} is missing")
    for name in found:
        if name not in needed and name not in optional:
            raise DocumentError(f"{excerpt(name)} is not a field here")
    return found


def decode_key(text: str, *steps: str) -> ArgumentKey:
    """Return the key of an argument; the inverse of `encode_key`."""
    if text.isidentifier():
        return text
    if text.isascii() and text.isdigit() and len(text) <= _LONGEST_POSITION:
        return int(text)
    if text.startswith('"'):
        try:
            name = json.loads(text)
        except (ValueError, RecursionError):
            name = None
        if isinstance(name, str) and not name.isidentifier():
            return name
    raise DocumentError(
        f"{excerpt(text)} is neither the name nor the position of an argument", *steps
    )


def check_arguments(signature: Signature, arguments: dict[ArgumentKey, object]) -> None:
    """Refuse arguments that the callable does not take."""
    first, count = len(signature.keys), 0
    for key in arguments:
        if key not in signature.names:
            check_key(signature, key, "args", str(key))
            count += isinstance(key, int) and key >= first
    # The `*args` have no gaps. `call_arguments` counts on it.
    if any(position not in arguments for position in range(first, first + count)):
        raise DocumentError("the variadic positional arguments have a gap", "args")


def check_key(signature: Signature, key: ArgumentKey, *steps: str) -> None:
    """Refuse an argument that the callable does not take."""
    if isinstance(key, str):
        # ``**kwargs`` takes the name of a positional-only parameter, too.
        if not signature.accepts(key) and signature.varkw is None:
            unknown = f"{signature.name} has no parameter {excerpt(key)}"
            text = unknown if len(key) > _LONGEST_NAME else signature.explain(key)
            raise DocumentError(text, *steps)
    elif key < len(signature.keys):
        if signature.keys[key] != key:
            raise DocumentError(f"{signature.name} takes the argument at {key} by name", *steps)
    elif signature.varargs is None:
        raise DocumentError(f"{signature.name} takes no positional argument at {key}", *steps)


def decode_provenance(value: object, *steps: str | int) -> SavedProvenance:
    """Return the provenance of a node or an edit."""
    with At(*steps):
        fields = fields_of(value, ("file", "line", "column", "function"))
        column = fields["column"]
        return SavedProvenance(
            of_type(fields["file"], str, "file"),
            of_type(fields["line"], int, "line"),
            None if column is None else of_type(column, int, "column"),
            of_type(fields["function"], str, "function"),
        )


def decode_history(value: object) -> History:
    """Return the edits of a node."""
    edits: History = []
    for index, edit in enumerate(of_type(value, list, "history")):
        with At("history", index):
            fields = fields_of(edit, ("key", "kind", "before", "after", "place"))
            kind: EditKind = of_type(fields["kind"], str, "kind")
            if kind not in _KINDS_OF_EDITS:
                raise DocumentError(f"{excerpt(kind)} is not a kind of edits", "kind")
            key = decode_key(of_type(fields["key"], str, "key"), "key")
            before, after = (_past(fields[step], kind, step) for step in ("before", "after"))
            place = fields["place"]
            provenance = None if place is None else decode_provenance(place, "place")
            edits.append(SavedEdit(key, before, after, kind, provenance))
    return edits


def _past(value: object, kind: str, step: str) -> object:
    if kind == "tags":
        return frozenset(of_type(name, str, step) for name in of_type(value, list, step))
    return NO_VALUE if value is None else of_type(value, str, step)
