"""Plain values as nested YAML, which a person reads and writes; and graphs as such values."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from typing import Any, Final, cast

import attrs

from ..core.errors import UnwritableError
from ..core.registry import class_of
from ..core.slots import NodeSlots
from ..node.kinds import Config, Partial
from ..signature.signature import signature_of
from ..symbols import symbol_of
from .yaml_text import ruamel_yaml

_STANDARD: Final = "tag:yaml.org,2002:"
_UNFINISHED: Final = object()


@attrs.frozen(eq=False)
class Tagged:
    """A value with a tag of the user's, such as ``!big``.

    Attributes:
        tag: The tag.
        content: The value; a dict, list or text.
    """

    tag: str
    content: Any

    def __repr__(self) -> str:
        return f"{self.tag} {self.content!r}"


@attrs.frozen(eq=False)
class Places:
    """Where in a text its parts are, as offsets in characters.

    Attributes:
        starts: Those of lists, mappings and what has a tag, by their `id`.
        keys: Those of the keys of mappings, by the start of the mapping and what the key is.
    """

    starts: dict[int, int] = attrs.field(factory=dict[int, int])
    keys: dict[tuple[int, str], int] = attrs.field(factory=dict[tuple[int, str], int])


def parse_plain_yaml(text: str, places: Places | None = None) -> Any:
    """Return the value of a YAML text; an anchor stands for one object wherever it is referred to.

    Dates stay text. A tag makes a `Tagged`; none means a class of Python's.

    Args:
        text: The text.
        places: Is told where things are.

    Raises:
        ValueError: It is not YAML, or a key occurs twice.
        ModuleNotFoundError: ruamel.yaml is not installed.
    """
    ruamel = ruamel_yaml()
    yaml = ruamel.YAML(typ="safe", pure=True)
    try:
        root = yaml.compose(text)
    except ruamel.error.YAMLError as error:
        raise ValueError(str(error)) from None
    return None if root is None else _Composed(places or Places()).value(root)


class _Composed:
    def __init__(self, places: Places) -> None:
        self._memo: dict[int, object] = {}
        self._places = places

    def value(self, node: Any) -> object:
        if id(node) not in self._memo:
            self._memo[id(node)] = _UNFINISHED
            own = node.tag is not None and str(node.tag).startswith("!") and str(node.tag) != "!"
            made = self._plain(node, own)
            found = self._memo[id(node)] = Tagged(str(node.tag), made) if own else made
            for part in (made, found) if own or node.id != "scalar" else ():
                self._places.starts[id(part)] = node.start_mark.index
        if self._memo[id(node)] is _UNFINISHED:
            raise ValueError(f"line {node.start_mark.line + 1}: this contains itself")
        return self._memo[id(node)]

    def _plain(self, node: Any, own: bool) -> object:
        if node.id == "sequence":
            return [self.value(each) for each in node.value]
        if node.id == "mapping":
            return self._mapping(node)
        kind = str(node.tag).removeprefix(_STANDARD)
        if own or kind not in ("null", "bool", "int", "float"):
            return node.value
        return _scalar(kind, node.value)

    def _mapping(self, node: Any) -> dict[object, object]:
        found: dict[object, object] = {}
        merged: dict[object, object] = {}
        for key_node, value_node in node.value:
            if key_node.id == "scalar":
                place = node.start_mark.index, key_node.value
                self._places.keys[place] = key_node.start_mark.index
            value = self.value(value_node)
            if str(key_node.tag) == f"{_STANDARD}merge":
                parts = value if isinstance(value, list) else [value]  # pyright: ignore[reportUnknownVariableType]
                for each in cast("list[dict[object, object]]", parts):
                    merged = {**each, **merged}
                continue
            key = self.value(key_node)
            if key_node.id != "scalar" or key in found:
                line = key_node.start_mark.line + 1
                raise ValueError(f"line {line}: the key {key!r} occurs twice, or is none")
            found[key] = value
        return {**merged, **found}


def _scalar(kind: str, text: str) -> object:
    plain = text.lower().replace("_", "")
    if kind == "null":
        return None
    if kind == "bool":
        return plain == "true"
    if kind == "int":
        return int(plain, 0) if plain.lstrip("+-").startswith(("0x", "0o", "0b")) else int(plain)
    return float(plain.replace(".inf", "inf").replace(".nan", "nan"))


def nested_yaml(graph: object) -> str:
    """Return a graph as nested YAML, with anchors for shared values.

    Raises:
        UnwritableError: Something in it has no place there.
        ModuleNotFoundError: ruamel.yaml is not installed.
    """
    yaml = ruamel_yaml().YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False
    yaml.width = 100
    stream = io.StringIO()
    yaml.dump(_Nested().data(graph), stream)
    return stream.getvalue()


class _Nested:
    def __init__(self) -> None:
        self._memo: dict[int, dict[str, object]] = {}

    def data(self, value: Any) -> object:
        """Return plain data for a value."""
        kind = class_of(value)
        if value is None or kind in (bool, int, str):
            return value
        if kind is float and math.isfinite(value):
            return value
        if kind in (Config, Partial):
            if id(value) not in self._memo:
                self._memo[id(value)] = {}  # of a cycle, which building refuses
                self._memo[id(value)].update(self._node(value))
            return self._memo[id(value)]
        if kind in (list, dict):
            if id(value) in self._memo:
                raise UnwritableError("a container is shared")
            self._memo[id(value)] = value
        if kind is list:
            return [self.data(each) for each in value]
        if kind is dict and all(type(key) is str and not key.startswith("_") for key in value):
            return {key: self.data(each) for key, each in value.items()}
        if callable(value):
            return {"_target_": _dotted(value), "_call_": False}
        raise UnwritableError(f"a {kind.__name__} is no plain value")

    def _node(self, node: NodeSlots) -> Mapping[str, object]:
        if node.__argument_tags__:
            raise UnwritableError("tags are no plain values")
        found: dict[str, object] = {"_target_": _dotted(node.__fn_or_cls__)}
        if type(node) is Partial:
            found["_partial_"] = True
        arguments = signature_of(node.__fn_or_cls__).ordered(node.__arguments__)
        positional = [key for key in arguments if isinstance(key, int)]
        if positional != [*range(len(positional))]:
            raise UnwritableError("an argument by position has a gap before it")
        if positional:
            found["_args_"] = [self.data(arguments[key]) for key in positional]
        for key, value in arguments.items():
            if isinstance(key, str):
                if key.startswith("_"):
                    raise UnwritableError(f"{key} is private")
                found[key] = self.data(value)
        return found


def _dotted(value: object) -> str:
    return symbol_of(value).replace(":", ".")
