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
from ..core.tag_type import ArgumentTags
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
class DumpOptions:
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
        keys: The keys of its parts.
        values: The parts.
        element: Makes the path element of a key.
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


def _node_parts(node: Buildable[object], symbol: Symbol, options: DumpOptions) -> Parts:
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
        if node.__argument_tags__:
            found["tags"] = _encode_tags(node.__argument_tags__, keys, symbol)
        if options.provenance and node.__provenance__ is not None:
            found["made"] = _encode_provenance(node.__provenance__)
        if options.history and node.__history__:
            found["history"] = [_encode_edit(edit) for edit in node.__history__]
        return found

    name = getattr(fn, "__name__", "node")
    return Parts(name, (CALLABLE, *keys), (fn, *values), kind.element, entry)


def _encode_tags(tags: ArgumentTags, keys: Sequence[ArgumentKey], symbol: Symbol) -> Entry:
    # Those of arguments that have a value in their order, the others by name.
    ordered = dict.fromkeys((*keys, *sorted(tags, key=str)))
    return {encode_key(key): sorted(map(symbol, tags[key])) for key in ordered if key in tags}


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


def _sequence(
    values: Sequence[object], entry: Entry, keys: Sequence[str] = (), interned: bool = False
) -> Parts:
    """Return the parts of a value whose entry has them as items; with keys, they are attributes."""

    def with_items(results: list[object]) -> Entry:
        return {**entry, "items": results}

    element = Attr if keys else Index
    return Parts(
        str(entry["type"]), keys or range(len(values)), values, element, with_items, interned
    )


def _set_parts(value: frozenset[object], order: Order) -> Parts:
    # An order that does not depend on hashes, of which those of texts differ in each process.
    entry: Entry = {"type": type(value).__name__}
    return _sequence(sorted(value, key=order), entry, interned=type(value) is frozenset)


def _mapping(value: dict[object, object]) -> Parts:
    name = type(value).__name__
    entry: Entry = {"type": name}
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
    inner = _mapping(value)

    def entry(results: list[object]) -> Entry:
        return {"type": "defaultdict", "factory": results[0], **inner.entry(results[1:])}

    keys = ("default_factory", *inner.keys)
    return Parts("defaultdict", keys, (value.default_factory, *inner.values), Key, entry)


def _deque_parts(value: deque[object]) -> Parts:
    maxlen = None if value.maxlen is None else encode_int(value.maxlen)
    return _sequence(tuple(value), {"type": "deque", "maxlen": maxlen})


def _slice_parts(value: slice) -> Parts:
    names = ("start", "stop", "step")
    return _sequence((value.start, value.stop, value.step), {"type": "slice"}, names, interned=True)


def _named_tuple_parts(value: Any, symbol: Symbol) -> Parts:
    cls = cast("Any", type(value))
    entry: Entry = {"type": "namedtuple", "class": symbol(cls)}
    parts = _sequence(tuple(value), entry, cls._fields, interned=True)
    parts.name = cls.__name__
    return parts


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
    return Parts("partial", keys, values, _element, entry)


def _element(key: int | str) -> PathElement:
    return Attr(key) if isinstance(key, str) else Index(key)


def _alias_parts(value: object) -> Parts:
    origin, args = taken_apart(value)

    def entry(results: list[object]) -> Entry:
        return {"type": "alias", "call": results[0], "items": results[1:]}

    keys = ("__origin__", *range(len(args)))
    return Parts("alias", keys, (origin, *args), _element, entry, interned=True)


def take_apart(value: Any, symbol: Symbol, order: Order, options: DumpOptions) -> Parts | None:
    """Return the parts of a value; None if it is of no type that has any."""
    cls = cast("Any", type(value))
    if cls in BUILDABLE_TYPES:
        return _node_parts(value, symbol, options)
    if cls is list:
        return _sequence(tuple(value), {"type": "list"})
    if cls is dict or cls is OrderedDict:
        return _mapping(value)
    if cls is tuple:
        return _sequence(value, {"type": "tuple"}, interned=True)
    if cls is set or cls is frozenset:
        return _set_parts(value, order)
    if cls is defaultdict:
        return _defaultdict_parts(value)
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
