"""Writing and reading YAML with ruamel.yaml, of which only the emitter and the parser are used.

A document is read from events: nothing recurses, and no alias or tag is ever followed.
"""

from __future__ import annotations

import io
import math
import re
import sys
from typing import Any, Final, cast

from ..core.errors import DocumentError, excerpt
from .document_writer import document
from .errors import SerializationError, json_path
from .json_text import parse_integer
from .shapes import DumpOptions

#: The deepest that a document of this version nests is less.
_DEEPEST: Final = 100
_INTEGER: Final = re.compile(r"-?(0|[1-9][0-9]*)")
_FLOAT: Final = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
#: What YAML, or a reader of it, takes for something else than text, and `dump_yaml` never writes.
_AMBIGUOUS: Final = re.compile(
    r"~?|null|true|false|[-+]?\.(inf|nan)|[-+]?0[xo][0-9a-f]+|[-+]?[0-9][0-9_]*"
    r"|[-+]?(\.[0-9]+|[0-9]+\.[0-9]*)(e[-+]?[0-9]+)?",
    re.IGNORECASE,
)
_WORDS: Final = {"null": None, "true": True, "false": False}


def ruamel_yaml() -> Any:
    """Return ruamel.yaml, or say how to install it."""
    try:
        import ruamel.yaml  # noqa: PLC0415 - it is slow to import, and an extra
    except ModuleNotFoundError as error:
        error.add_note("YAML needs an extra: pip install 'bytefig[yaml]'")
        raise
    return cast("Any", ruamel.yaml)


def yaml_text(root: object, options: DumpOptions) -> str:
    """Return the document of a graph as YAML."""
    ruamel = ruamel_yaml()
    yaml = ruamel.YAML(typ="safe", pure=True)
    yaml.Representer = _representer(ruamel)
    yaml.default_flow_style = None  # on one line what has no parts of its own
    yaml.sort_base_mapping_type_on_output = False
    # ruamel.yaml loses a space where it folds a line of escaped text, so it is to fold none.
    yaml.width = sys.maxsize
    yaml.allow_unicode = False
    yaml.representer.ignore_aliases = _never_an_alias
    stream = io.StringIO()
    yaml.dump(document(root, options), stream)
    return stream.getvalue()


def _representer(ruamel: Any) -> Any:
    # A class of its own: what represents text is kept by class, and others use ruamel.yaml too.
    representer = type("Representer", (ruamel.representer.SafeRepresenter,), {})
    cast("Any", representer).add_representer(str, _represent_text)
    return representer


def _represent_text(representer: Any, text: str) -> Any:
    # Inside brackets ruamel.yaml takes a plain ``?a`` or ``:a`` for a part of a mapping.
    style = "'" if text.startswith(("?", ":")) else None
    return representer.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _never_an_alias(_: object) -> bool:
    return True


def parse_yaml(text: str) -> object:
    """Return the value of a text in YAML: mappings, lists, and the scalars of JSON."""
    if not isinstance(text, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"a document is text, not a {type(text).__name__}")
    ruamel = ruamel_yaml()
    yaml = ruamel.YAML(typ="safe", pure=True)
    reader = _Reader()
    try:
        for event in yaml.parse(io.StringIO(text)):
            reader.take(event)
    except DocumentError as fault:
        raise SerializationError(f"{fault}", json_path(fault.steps)) from None
    # Next to its own errors, the parser lets some slip of what it is written with.
    except Exception as error:
        raise SerializationError(f"not YAML: {excerpt(str(error))}", "$") from error
    return reader.result()


class _Reader:
    """Puts a document together from events."""

    def __init__(self) -> None:
        self._stack: list[dict[str, object] | list[object]] = []
        self._keys: list[str | None] = []
        self._documents: list[object] = []

    def take(self, event: Any) -> None:
        """Take one event of the parser."""
        kind = type(event).__name__
        if getattr(event, "anchor", None) is not None:  # also that of an alias
            raise self._fault("anchors and aliases are not used")
        if kind in ("MappingStartEvent", "SequenceStartEvent", "ScalarEvent"):
            if event.tag is not None:
                raise self._fault("tags are not used")
            self._node(kind, event)
        elif kind in ("MappingEndEvent", "SequenceEndEvent"):
            self._stack.pop()
            self._keys.pop()

    def result(self) -> object:
        """Return the one document."""
        if len(self._documents) != 1:
            raise SerializationError(f"expected a document, found {len(self._documents)}", "$")
        return self._documents[0]

    def _node(self, kind: str, event: object) -> None:
        if kind == "ScalarEvent":
            self._add(self._scalar(event))
            return
        value: dict[str, object] | list[object] = {} if kind == "MappingStartEvent" else []
        self._add(value)
        if len(self._stack) == _DEEPEST:
            raise self._fault("the document nests too deep")
        self._stack.append(value)
        self._keys.append(None)

    def _add(self, value: object) -> None:
        if not self._stack:
            self._documents.append(value)
            return
        inside = self._stack[-1]
        if isinstance(inside, list):
            inside.append(value)
        elif self._keys[-1] is None:
            if type(value) is not str:
                raise self._fault(f"expected text as a key, found {excerpt(value)}")
            if value in inside:
                raise self._fault(f"the key {excerpt(value)} occurs twice")
            self._keys[-1] = value
        else:
            inside[self._keys[-1]] = value
            self._keys[-1] = None

    def _scalar(self, event: Any) -> object:
        text: str = event.value
        if not event.implicit[0]:  # it is quoted
            return text
        if text in _WORDS:
            return _WORDS[text]
        if _INTEGER.fullmatch(text):
            try:
                return parse_integer(text)
            except ValueError as error:
                raise self._fault(str(error)) from None
        if _FLOAT.fullmatch(text):
            value = float(text)
            if not math.isfinite(value):
                raise self._fault(f"{excerpt(text)} is too large for a float")
            return value
        if _AMBIGUOUS.fullmatch(text):
            raise self._fault(f"{excerpt(text)} is written otherwise here: as in JSON, or quoted")
        return text

    def _fault(self, message: str) -> DocumentError:
        steps: list[str | int] = []
        for inside, key in zip(self._stack, self._keys, strict=True):
            steps.append(len(inside) if isinstance(inside, list) else key or "")
        return DocumentError(message, *steps)
