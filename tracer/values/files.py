"""Files that a person writes: nested YAML, JSON and TOML of plain values and calls.

A mapping with ``_target_`` is a config of what that names, as in Hydra and NeMo Run: ``_partial_``
makes it a Partial, ``_args_`` are its arguments by position, and with ``_call_: false`` it is the
function or class itself. ``!name {...}`` in YAML is the call ``name(...)`` of a value, so that
presets are run, and ``!name`` alone the name. Other text is read as on the command line where the
annotation takes no text. All names are looked up in the scope, so that a file opens no more than a
value does.
"""

from __future__ import annotations

import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NoReturn, get_origin

import attrs

from ... import configs
from ...configs import (
    Attr,
    Config,
    ConfigError,
    Index,
    Key,
    Partial,
    Place,
    for_tracer,
)
from ...configs.for_tracer import (
    UNIONS,
    Allowed,
    Noted,
    Places,
    UnwritableError,
    options_of,
    short_repr,
)
from ..errors import ValueLanguageError
from .assignments import Assignment
from .hint_conversion import Converter
from .insides import classes_to_make
from .scope import Scope
from .source_text import SourceText
from .text_to_value import parse_value
from .trees import Call, Literally, Name, Tree, is_a

_TARGET: Final = "_target_"
_OTHERS: Final = frozenset({"_partial_", "_args_", "_call_"})
_FORM: Final = "write _target_, _partial_, _args_, _call_, or the names of arguments"


@attrs.frozen(eq=False)
class NestedFile:
    """The content of a file that has plain values rather than a whole graph.

    Attributes:
        name: That of the file.
        data: Its content, as `for_tracer.parse_plain_yaml` gives it.
        text: Its text, if it is known where in that the parts of the content are.
        places: Where they are.
    """

    name: str
    data: Any
    text: str = ""
    places: Places | None = None

    @property
    def is_graph(self) -> bool:
        """Whether its root is made of something that it names."""
        return not is_a(self.data, dict) or _TARGET in self.data

    def value(self, scope: Scope, hint: object = None) -> Any:
        """Return all of it as a value of an annotation.

        Raises:
            ValueLanguageError: It is none.
        """
        return tree_value(self._tree(), hint, scope, self.name)

    def assignments(self) -> Iterator[Assignment]:
        """Yield the assignments of the file.

        Raises:
            ValueLanguageError: A value is none.
        """
        tree = self._tree()
        for key, value in self.data.items():
            element = Attr(key) if is_a(key, str) else _element(key)
            label = label_of(tree, key, str(element).removeprefix("."), self.name)
            yield Assignment((element,), short_repr(value, 60), label, tree=tree[key])

    def _tree(self) -> Tree:
        return _Reader(self.name, self.text, self.places).tree(self.data)


def _element(key: object) -> Index | Key:
    return Index(key) if type(key) is int else Key(key)


def read_document(name: str, text: str, allowed: Allowed) -> Any:
    """Return the graph of a document in the exact format, or any other content as `NestedFile`.

    Args:
        name: The name of the file; its suffix says what it is.
        text: Its text.
        allowed: What it may name.

    Raises:
        SerializationError: It is in the exact format, and cannot be read.
        ValueLanguageError: It is not in the language that the suffix says.
    """
    suffix = Path(name).suffix
    is_yaml, is_toml = suffix in (".yaml", ".yml"), suffix == ".toml"
    exact = configs.load_yaml if is_yaml else configs.load_json
    if not is_toml and for_tracer.FORMAT in text[:200]:
        return exact(text, allow=allowed)
    try:
        if is_yaml:
            places = for_tracer.Places()
            return NestedFile(name, for_tracer.parse_plain_yaml(text, places), text, places)
        return NestedFile(name, _parse_toml(text) if is_toml else _parse_json(text))
    except (ValueError, RecursionError) as error:
        if not (is_yaml or is_toml):
            return exact(text, allow=allowed)  # which says what is wrong
        what = f"this is not {suffix[1:].upper()}: {' '.join(str(error).split())}"
        raise ValueLanguageError(name, "--config", 0, what, "mend the file") from None


def _parse_json(text: str) -> object:
    import json  # noqa: PLC0415 - few commands read a file

    return json.loads(text)


def _parse_toml(text: str) -> object:
    import tomllib  # noqa: PLC0415 - likewise

    return tomllib.loads(text)


#: What a file of a graph may end in.
SUFFIXES: Final = (".json", ".yaml", ".yml", ".toml")


@attrs.frozen(eq=False)
class FileSource(SourceText):
    """The text of a file, of which the keys of mappings are known."""

    places: Places = attrs.field(kw_only=True)

    def keyword_at(self, name: str, after: int) -> int:
        """Return the offset of a key of the mapping that starts at an offset, else that offset."""
        return self.places.keys.get((after, name), after)

    def line_of(self, at: int) -> int:
        """Return the number of the line, from 1, that an offset is in."""
        return self.text.count("\n", 0, at) + 1


class WrittenMapping(dict[object, Tree]):
    """A mapping of a file.

    Attributes:
        source: The text of the file.
        at: The offset of the mapping in it.
    """

    __slots__ = ("at", "source")

    source: FileSource
    at: int

    def line_of(self, key: object) -> str:
        """Return the line of a key, as it comes after the name of the file."""
        return f", line {self.source.line_of(self.source.keyword_at(str(key), self.at))}"


def label_of(tree: Tree, key: object, where: str, file: str) -> str:
    """Return how messages name an entry of a mapping of a file.

    Args:
        tree: The mapping.
        key: The key of the entry.
        where: Where the entry is, from the root of the file.
        file: The name of the file.
    """
    line = tree.line_of(key) if isinstance(tree, WrittenMapping) else ""
    return f"{file}{line}: {where}"


def tree_of(data: object, file: str) -> Tree:
    """Return plain data of a file as a parsed text, from which a value is made: see `tree_value`.

    Raises:
        ValueLanguageError: It names something that is no name.
    """
    return _Reader(file).tree(data)


def readable_yaml(graph: object) -> str:
    """Return a graph as nested YAML where that loses nothing, else in the exact format.

    Raises:
        SerializationError: Something in the graph cannot be written.
        ModuleNotFoundError: ruamel.yaml is not installed.
    """
    scope = Scope()
    scope.allowed = Noted(scope.allowed)
    try:
        text = for_tracer.nested_yaml(graph)
        again = NestedFile("graph.yaml", for_tracer.parse_plain_yaml(text)).value(scope)
        if configs.dump_json(again) == configs.dump_json(graph):
            return text
    except (UnwritableError, ValueLanguageError, ConfigError):
        pass
    return configs.dump_yaml(graph)


def tree_value(tree: object, hint: object, scope: Scope, label: str) -> Any:
    """Return the value of an annotation that a part of a file stands for.

    Raises:
        ValueLanguageError: There is none.
    """
    return _FileConverter(SourceText(short_repr(tree, 60), label), scope).convert(tree, hint)


class _FileConverter(Converter):
    """Converts the content of files: text has its type there, and a shared part is one node."""

    def convert(self, tree: object, hint: object) -> Any:
        if isinstance(tree, Literally):
            return self._text(tree, hint)
        if not is_a(tree, dict | Call):
            return super().convert(tree, hint)
        before = self._source
        if isinstance(tree, WrittenMapping | Call):
            self._source = tree.source
        try:
            return self._mapping(tree, hint)
        finally:
            self._source = before

    def _mapping(self, tree: object, hint: object) -> object:
        made = self._scope.made.get(id(tree))
        if made is None or not self._matcher.fits(Place(made[1]), hint):
            made = self._scope.made[id(tree)] = tree, super().convert(tree, hint)
        return made[1]

    def _text(self, tree: Literally, hint: Any) -> object:
        if hint is None or hint in (Any, object) or str in options_of(hint):
            return tree.text
        return parse_value(tree.text, hint, self._scope, tree.label)

    def _convert(self, tree: object, hint: object) -> object:
        if is_a(tree, dict) and (get_origin(hint) or hint) not in UNIONS:
            for cls in classes_to_make(hint):
                if not typing.is_typeddict(cls) and not issubclass(get_origin(cls) or cls, dict):
                    return self._fitting(self._from_fields(tree, cls), hint)
        return super()._convert(tree, hint)

    def _untyped(self, tree: object) -> object:
        if isinstance(tree, Literally):
            return tree.text
        if isinstance(tree, Call):
            made = self._scope.made.get(id(tree))
            if made is None:
                made = self._scope.made[id(tree)] = tree, super()._untyped(tree)
            return made[1]
        return super()._untyped(tree)


class _Reader:
    """Turns plain data into trees as `read` returns them; shared parts stay shared."""

    def __init__(self, file: str, text: str = "", places: Places | None = None) -> None:
        self._file = file
        self._memo: dict[int, Tree] = {}
        self._source = None if places is None else FileSource(text, file, places=places)

    def tree(self, data: Tree, line: str = "") -> Tree:
        if is_a(data, str):
            return Literally(data, f"{self._file}{line}")
        if not (is_a(data, list | dict) or hasattr(data, "tag")):
            return data
        if id(data) not in self._memo:
            self._memo[id(data)] = None  # of what contains itself
            self._memo[id(data)] = self._made(data)
        return self._memo[id(data)]

    def _made(self, data: Any) -> Tree:
        if is_a(data, list):
            return [self.tree(each) for each in data]
        if not is_a(data, dict):
            return self._tagged(data.tag.removeprefix("!"), data.content, data)
        if _TARGET not in data:
            return self._written(data)
        target = self._name(data[_TARGET], data)
        if data.get("_call_", True) is False:
            return target
        named: dict[str, Tree] = {}
        for key, value in data.items():
            if key != _TARGET and key not in _OTHERS:
                if not is_a(key, str) or not key.isidentifier() or key.startswith("_"):
                    self._refuse(str(key), f"{key!r} has no meaning here")
                named[key] = self.tree(value)
        kind = Partial if data.get("_partial_") is True else Config
        positional = tuple(self.tree(value) for value in data.get("_args_", ()))
        return Call(target, positional, named, None, kind)

    def _written(self, data: Any) -> dict[object, Tree]:
        if self._source is None:
            return {key: self.tree(value) for key, value in data.items()}
        made = WrittenMapping()
        made.source, made.at = self._source, self._source.places.starts.get(id(data), 0)
        made.update({key: self.tree(value, made.line_of(key)) for key, value in data.items()})
        return made

    def _tagged(self, text: str, content: Any, data: object) -> Tree:
        name = self._name(text, data)
        if content in (None, ""):
            return name
        if is_a(content, dict):
            given = {str(key): self.tree(value) for key, value in content.items()}
            return Call(name, (), given, None)
        items = content if is_a(content, list) else [content]
        return Call(name, tuple(self.tree(each) for each in items), {}, None)

    def _name(self, text: Any, data: object) -> Name:
        parts = tuple(str(text).replace(":", ".").split("."))
        if not is_a(text, str) or not all(part.isidentifier() for part in parts):
            self._refuse(str(text), f"{text!r} is no name")
        if self._source is None:
            return Name(SourceText(text, self._file), parts, 0)
        return Name(self._source, parts, self._source.places.starts.get(id(data), 0))

    def _refuse(self, text: str, what: str) -> NoReturn:
        raise ValueLanguageError(text, self._file, 0, what, _FORM)
