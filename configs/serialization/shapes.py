"""Values with parts: into which parts they are taken, and the entry of a document they become.

Each is an entry of its own in the list of nodes, and refers to others by their ids; so a document
is flat however deep the graph is, and a value that is used twice is written once.
"""

from __future__ import annotations

import functools
import json
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias, cast

import attrs

from ..core.edit import Edit, SavedEdit
from ..core.errors import UnwritableError
from ..core.keys import ArgumentKey
from ..core.provenance import Provenance, SavedProvenance
from ..core.registry import BUILDABLE_TYPES
from ..core.sentinels import NO_VALUE
from ..core.type_forms import is_alias, taken_apart
from ..editing.tags import TaggedValueCls
from ..node.buildable import Buildable
from ..node.kinds import ArgFactory, Config, Partial
from ..signature.signature import signature_of
from ..traversal.paths import Attr, Index, Key, PathElement
from ..traversal.traverse import kind_of
from .leaves import encode_int

Entry: TypeAlias = dict[str, object]

NODE_TYPES: Final[Mapping[str, type[Buildable[Any]]]] = {
    cls.__name__: cls for cls in (Buildable, Config, Partial, ArgFactory, TaggedValueCls)
}
"""The classes of nodes that documents call by their short names."""

CALLABLE: Final = "__fn_or_cls__"


@attrs.frozen
class Options:
    """The parts of a document besides the graph itself.

    Attributes:
        provenance: Where each node was made.
        history: The edits of each node.
        form: What each call passes by position, where that may matter.
        ranks: By the number of each call, which it is in the program; empty if nobody needs that.
    """

    provenance: bool = False
    history: bool = False
    form: bool = True
    ranks: Mapping[int, int] = attrs.field(factory=dict[int, int])


@attrs.define(eq=False)
class Parts:
    """A value taken apart.

    Attributes:
        name: A short name of the value, for its id.
        keys: Keys of its parts.
        values: The parts.
        elements: The path element of each part, made when it is needed.
        entry: Makes the entry from the parts as they are written.
        interned: Whether it may become one value with another that is written alike.
    """

    name: str
    keys: Sequence[object]
    values: Sequence[object]
    element: Callable[[Any], PathElement]
    entry: Callable[[list[object]], Entry]
    interned: bool = False


Symbol = Callable[[object], str]
Order = Callable[[object], str]


def encode_key(key: ArgumentKey) -> str:
    """Return the text of the key of an argument: a name as is, a position as a number.

    Example:
        >>> encode_key("units"), encode_key(0), encode_key("0")
        ('units', '0', '"0"')
    """
    if isinstance(key, int):
        return str(key)
    return key if key.isidentifier() else json.dumps(key)


def _node_parts(node: Buildable[object], symbol: Symbol, options: Options) -> Parts:
    fn = node.__fn_or_cls__
    kind = kind_of(node)
    assert kind is not None
    keys, values = kind.flatten(node)
    cls = type(node)
    type_name = cls.__name__ if NODE_TYPES.get(cls.__name__) is cls else symbol(cls)

    def entry(results: list[object]) -> Entry:
        called = results[0]
        found: Entry = {
            "type": type_name,
            # Nearly always a plain name.
            "call": cast("Entry", called).get("symbol", called) if called else called,
            "args": dict(zip(map(encode_key, keys), results[1:], strict=True)),
        }
        if options.form and node.__form__ and signature_of(fn).exact_form:
            found["positional"] = node.__form__
        rank = options.ranks.get(node.__order__)
        if rank is not None:
            found["order"] = rank
        _add_tags(found, node, keys, symbol)
        if options.provenance and node.__provenance__ is not None:
            found["made"] = _encode_provenance(node.__provenance__)
        if options.history and node.__history__:
            found["history"] = [_encode_edit(edit) for edit in node.__history__]
        return found

    name = getattr(fn, "__name__", "node")
    return Parts(name, (CALLABLE, *keys), (fn, *values), kind.element, entry)


def _add_tags(entry: Entry, node: Buildable[Any], keys: Sequence[Any], symbol: Symbol) -> None:
    tags = node.__argument_tags__
    if not tags:
        return
    # Those of arguments that have a value in their order, the others by name.
    rest = sorted((key for key in tags if key not in node.__arguments__), key=str)
    entry["tags"] = {
        encode_key(key): sorted(map(symbol, tags[key])) for key in (*keys, *rest) if key in tags
    }


def _encode_provenance(provenance: Provenance | SavedProvenance) -> Entry:
    return {
        "file": provenance.filename,
        "line": provenance.line,
        "column": provenance.column,
        "function": provenance.function,
    }


def _encode_edit(edit: Edit | SavedEdit) -> Entry:
    if isinstance(edit, Edit):
        make, fields = edit.__reduce__()
        edit = cast("SavedEdit", make(*fields))
    provenance = edit.provenance
    return {
        "key": encode_key(edit.key),
        "kind": edit.kind,
        "before": _encode_past(edit.before),
        "after": _encode_past(edit.after),
        "place": None if provenance is None else _encode_provenance(provenance),
    }


def _encode_past(value: object) -> object:
    if value is NO_VALUE:
        return None
    return sorted(cast("frozenset[str]", value)) if isinstance(value, frozenset) else value


def _sequence(type_name: str, values: Sequence[object], interned: bool = False) -> Parts:
    def entry(results: list[object]) -> Entry:
        return {"type": type_name, "items": results}

    return Parts(type_name, range(len(values)), values, Index, entry, interned)


def _set_parts(value: frozenset[object], order: Order) -> Parts:
    # An order that does not depend on hashes, of which those of texts differ in each process.
    keyed = sorted((order(item), position, item) for position, item in enumerate(value))
    return _sequence(type(value).__name__, [item for _, _, item in keyed], type(value) is frozenset)


def _mapping(value: dict[object, object], entry: Entry, name: str) -> Parts:
    if all(type(key) is str for key in value):

        def with_entries(results: list[object]) -> Entry:
            return {**entry, "entries": dict(zip(value, results, strict=True))}

        return Parts(name, tuple(value), tuple(value.values()), Key, with_entries)

    def with_items(results: list[object]) -> Entry:
        half = len(value)
        pairs = zip(results[:half], results[half:], strict=True)
        return {**entry, "items": [list(pair) for pair in pairs]}

    keys = tuple(value)
    return Parts(name, keys * 2, (*keys, *value.values()), Key, with_items)


def _defaultdict_parts(value: defaultdict[object, object]) -> Parts:
    inner = _mapping(value, {}, "defaultdict")

    def entry(results: list[object]) -> Entry:
        return {"type": "defaultdict", "factory": results[0], **inner.entry(results[1:])}

    keys = ("default_factory", *inner.keys)
    return Parts("defaultdict", keys, (value.default_factory, *inner.values), Key, entry)


def _deque_parts(value: deque[object]) -> Parts:
    maxlen = None if value.maxlen is None else encode_int(value.maxlen)

    def entry(results: list[object]) -> Entry:
        return {"type": "deque", "maxlen": maxlen, "items": results}

    return Parts("deque", range(len(value)), tuple(value), Index, entry)


def _slice_parts(value: Any) -> Parts:
    def entry(results: list[object]) -> Entry:
        return {"type": "slice", "items": results}

    values = (value.start, value.stop, value.step)
    return Parts("slice", ("start", "stop", "step"), values, Attr, entry, interned=True)


def _named_tuple_parts(value: Any, symbol: Symbol) -> Parts:
    cls = cast("Any", type(value))
    name = symbol(cls)

    def entry(results: list[object]) -> Entry:
        return {"type": "namedtuple", "class": name, "items": results}

    return Parts(cls.__name__, cls._fields, tuple(value), Attr, entry, interned=True)


def _partial_parts(value: functools.partial[object]) -> Parts:
    if value.__dict__:
        raise UnwritableError("a functools.partial with attributes of its own")
    count = len(value.args)

    def entry(results: list[object]) -> Entry:
        return {
            "type": "functools.partial",
            "call": results[0],
            "items": results[1 : count + 1],
            "entries": dict(zip(value.keywords, results[count + 1 :], strict=True)),
        }

    keys = ("func", *range(count), *value.keywords)
    values = (value.func, *value.args, *value.keywords.values())
    return Parts("partial", keys, values, _partial_element, entry)


def _partial_element(key: int | str) -> PathElement:
    return Attr(key) if isinstance(key, str) else Index(key)


def _alias_parts(value: object) -> Parts:
    origin, args = taken_apart(value)

    def entry(results: list[object]) -> Entry:
        return {"type": "alias", "call": results[0], "items": results[1:]}

    keys = ("__origin__", *range(len(args)))
    return Parts("alias", keys, (origin, *args), _partial_element, entry, interned=True)


def take_apart(value: Any, symbol: Symbol, order: Order, options: Options) -> Parts | None:
    """Return the parts of a value; None if it is not of a type that has any.

    Args:
        value: The value.
        symbol: Gives the name of a class, or raises `UnwritableError`.
        order: Gives the text to sort the items of a set by.
        options: What to write besides.

    Raises:
        UnwritableError: It has parts, but cannot be written.
    """
    cls = cast("Any", type(value))
    if cls in BUILDABLE_TYPES:
        return _node_parts(value, symbol, options)
    if cls is list:
        return _sequence("list", tuple(value))
    if cls is dict:
        return _mapping(value, {"type": "dict"}, "dict")
    if cls is tuple:
        return _sequence("tuple", value, interned=True)
    if cls is set or cls is frozenset:
        return _set_parts(value, order)
    if cls is defaultdict:
        return _defaultdict_parts(value)
    if cls is OrderedDict:
        return _mapping(value, {"type": "OrderedDict"}, "OrderedDict")
    if cls is deque:
        return _deque_parts(value)
    if cls is slice:
        return _slice_parts(value)
    if cls is functools.partial:
        return _partial_parts(value)
    if is_alias(value):
        return _alias_parts(value)
    if issubclass(cls, tuple) and kind_of(value) is not None:
        return _named_tuple_parts(value, symbol)
    return None
