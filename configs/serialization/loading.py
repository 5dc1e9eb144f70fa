"""From a document to a graph. Nothing in a document is believed."""

from __future__ import annotations

import functools
import sys
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Collection, Iterable
from typing import Any, Final, cast

from ..core.errors import DocumentError, excerpt
from ..core.keys import ArgumentKey
from ..core.registry import BUILDABLE_TYPES, class_of
from ..core.slots import Block, new_node, set_effects, set_order
from ..core.tag_type import TagType
from ..core.type_forms import form_name, put_together
from ..members import USING_MEMBERS, check_member
from ..node.buildable import Buildable
from ..permission import Allowed, is_class
from ..signature.signature import Signature
from ..symbols import class_namespace
from .codecs import LIBRARIES, codec_named
from .costs import Costs, check_collisions
from .dumping import FORMAT, VERSION
from .errors import SerializationError, brief, json_path
from .fields import (
    Fields,
    check_arguments,
    check_key,
    decode_history,
    decode_key,
    decode_provenance,
    fields_of,
    mapping,
    typed,
)
from .leaves import DECODERS, LARGEST, check_float
from .shapes import NODE_TYPES
from .unasked import unasked_signature

_AS_IS: Final = frozenset((str, bool, type(None)))


def load_document(document: object, allow: Iterable[object] | Allowed) -> Any:
    """Return the graph of a document.

    Args:
        document: What a parser of JSON or YAML made of it; its nodes are dropped as they are read.
        allow: What it may name.

    Raises:
        SerializationError: It is not a document, or names what is not allowed.
    """
    allowed = allow if isinstance(allow, Allowed) else Allowed(allow)
    try:
        return _Loader(allowed).load(document)
    except DocumentError as fault:
        raise SerializationError(str(fault), json_path(fault.steps)) from fault.__cause__


class _Loader:
    """Reads one document.

    A node may refer to those before it only, so that there are no cycles and nothing recurses.
    """

    def __init__(self, allowed: Allowed) -> None:
        self._allowed = allowed
        self._objects: dict[str, object] = {}
        self._symbols: dict[str, Any] = {}
        self._signatures: dict[int, Signature] = {}
        self._nodes: list[Any] = []
        self._costs = Costs(allowed.refuse)
        self._block = Block()

    def load(self, document: object) -> object:
        fields = fields_of(document, ("format", "version", "nodes", "root"), ("effects",))
        if fields["format"] != FORMAT:
            raise DocumentError(f"expected {FORMAT!r}, found {excerpt(fields['format'])}", "format")
        version = fields["version"]
        if type(version) is not int or not 1 <= version <= VERSION:
            raise DocumentError(
                f"version {excerpt(version)} is none of 1 to {VERSION}, the known ones", "version"
            )
        self._nodes = typed(fields["nodes"], list, "nodes")
        for index, entry in enumerate(self._nodes):
            try:
                self._add(entry)
            except DocumentError as fault:
                fault.steps[:0] = "nodes", index
                raise
            self._nodes[index] = None  # Nothing asks for it again.
        root = self._at("root", fields["root"])
        for name, values in mapping(fields.get("effects", {}), "effects").items():
            try:
                self._add_effects(name, values)
            except DocumentError as fault:
                fault.steps.insert(0, "effects")
                raise
        return root

    def _add_effects(self, name: str, values: object) -> None:
        node: Any = self._objects.get(name)
        effects = self._list(name, values)
        for value in (node, *effects):
            if class_of(value) not in BUILDABLE_TYPES:
                raise DocumentError("effects and what they act on have to be calls", name)
        set_effects(node, tuple(effects) or None)

    def _add(self, entry: object) -> None:
        if not isinstance(entry, dict):
            raise DocumentError(f"expected a node, found {excerpt(entry)}")
        fields = cast("Fields", entry)
        name, kind = typed(fields.get("id"), str, "id"), typed(fields.get("type"), str, "type")
        if name in self._objects:
            raise DocumentError(f"the id {excerpt(name)} is taken by a node before this one", "id")
        read = _READERS.get(kind)
        if read is not None:
            self._objects[name] = read(self, fields)
        elif kind in NODE_TYPES or ":" in kind:
            self._objects[name] = self._node(fields)
        else:
            raise DocumentError(f"{excerpt(kind)} is not a type of nodes", "type")

    def _value(self, value: object) -> Any:
        cls = class_of(value)
        if cls in _AS_IS:
            return value
        if cls is int:
            if not -LARGEST <= cast("int", value) <= LARGEST:
                raise DocumentError("a large integer is written as {'int': '0x...'}")
            return value
        if cls is float:
            return check_float(cast("float", value))
        if cls is not dict or len(cast("Fields", value)) != 1:
            raise DocumentError(f"expected a value, found {excerpt(value)}")
        ((kind, payload),) = cast("Fields", value).items()
        if kind == "ref":
            return self._ref(payload)
        try:
            if kind == "symbol":
                return self._symbol(payload)
            decode = DECODERS.get(kind)
            if decode is None:
                raise DocumentError(f"{excerpt(kind)} is not a kind of values")
            return decode(payload, self._allowed)
        except DocumentError as fault:
            fault.steps.insert(0, str(kind))
            raise
        except Exception as error:  # what a constructor, or the user's `__hash__`, raises
            raise DocumentError(
                f"not a {kind}: {excerpt(payload)}: {brief(error)}", kind
            ) from error

    def _ref(self, name: object) -> object:
        if not isinstance(name, str):
            raise DocumentError(f"expected the id of a node, found {excerpt(name)}", "ref")
        try:
            return self._objects[name]
        except KeyError:
            pass
        later = (cast("Any", node).get("id") for node in self._nodes if isinstance(node, dict))
        if name in later:
            raise DocumentError(
                f"the node {excerpt(name)} comes later, or refers to itself: a reference has to"
                " point back, so that there are no cycles",
                "ref",
            )
        raise DocumentError(f"there is no node {excerpt(name)}", "ref")

    def _at(self, step: str, value: object) -> Any:
        try:
            return self._value(value)
        except DocumentError as fault:
            fault.steps.insert(0, step)
            raise

    def _list(self, step: str, values: object) -> list[object]:
        found: list[object] = []
        try:
            for value in typed(values, list):
                found.append(self._value(value))
        except DocumentError as fault:
            fault.steps[:0] = (step, len(found)) if isinstance(values, list) else (step,)
            raise
        return found

    def _entries(self, step: str, values: object) -> dict[str, object]:
        found: dict[str, object] = {}
        key = None
        try:
            for key, value in mapping(values).items():
                found[key] = self._value(value)
        except DocumentError as fault:
            fault.steps[:0] = (step,) if key is None else (step, key)
            raise
        return found

    def _symbol(self, symbol: object) -> Any:
        if isinstance(symbol, str) and symbol in self._symbols:
            return self._symbols[symbol]
        found = self._allowed.resolve(symbol)
        self._symbols[cast("str", symbol)] = found
        return found

    def _symbol_at(self, step: str, symbol: object) -> Any:
        try:
            return self._symbol(symbol)
        except DocumentError as fault:
            fault.steps.insert(0, step)
            raise

    def _callable_at(self, step: str, value: object) -> Any:
        found = self._symbol_at(step, value) if isinstance(value, str) else self._at(step, value)
        if not callable(found) or issubclass(type(found), Buildable):
            raise DocumentError(f"{excerpt(value)} is not a callable", step)
        return found

    # Nodes of a config graph

    def _node(self, fields: Fields) -> Buildable[Any]:
        optional = ("tags", "made", "history", "positional", "order")
        fields_of(fields, ("id", "type", "call", "args"), optional)
        cls = NODE_TYPES.get(fields["type"])
        if cls is None:
            cls = self._symbol_at("type", fields["type"])
            if not is_class(cls) or not issubclass(cls, Buildable):
                raise DocumentError(f"{excerpt(fields['type'])} is not a class of nodes", "type")
        symbol = fields["call"]
        fn = USING_MEMBERS.get(symbol) if isinstance(symbol, str) else None
        fn = fn or self._callable_at("call", symbol)
        signature = self._signature(fn)
        arguments: dict[ArgumentKey, object] = {}
        for text, value in self._entries("args", fields["args"]).items():
            arguments[decode_key(text, "args")] = value
        check_arguments(signature, arguments)
        tags = self._tags(signature, fields["tags"]) if "tags" in fields else None
        made = decode_provenance(fields["made"], "made") if "made" in fields else None
        edits: Any = decode_history(fields["history"]) if "history" in fields else None
        form = typed(fields.get("positional", 0), int, "positional")
        node = new_node(cast("Any", cls), fn, arguments, made, 0, tags, edits, signature.form(form))
        if "order" in fields:
            set_order(node, self._block.number(typed(fields["order"], int, "order")))
        try:
            check_member(self._allowed, fn, arguments)
            self._costs.calling(self._allowed.check_call(fn), node, fn, arguments)
        except DocumentError as fault:
            fault.steps.insert(0, "call")
            raise
        return node

    def _signature(self, fn: object) -> Signature:
        # Those that `signature_of` cannot keep are kept here; the objects live as long.
        found = self._signatures.get(id(fn))
        if found is None:
            try:
                found = unasked_signature(fn)
            except Exception as error:  # a signature that a class computes
                raise DocumentError(
                    f"the callable has no signature: {brief(error)}", "call"
                ) from error
            self._signatures[id(fn)] = found
        return found

    def _tags(
        self, signature: Signature, value: object
    ) -> dict[ArgumentKey, frozenset[TagType]] | None:
        found: dict[ArgumentKey, frozenset[TagType]] = {}
        for text, symbols in mapping(value, "tags").items():
            key = decode_key(text, "tags")
            check_key(signature, key, "tags", text)
            tags: list[TagType] = []
            for index, symbol in enumerate(typed(symbols, list, "tags", text)):
                try:
                    tag = self._symbol(symbol)
                    if not issubclass(type(tag), TagType):
                        raise DocumentError(f"{excerpt(symbol)} is not a tag")
                except DocumentError as fault:
                    fault.steps[:0] = "tags", text, index
                    raise
                tags.append(tag)
            found[key] = frozenset(tags)
        return {key: tags for key, tags in found.items() if tags} or None

    # Containers

    def _counted(self, made: object, items: Collection[object]) -> Any:
        """Return a new container, after taking down how deep and large it is."""
        self._costs.add(made, items)
        return made

    def _items(self, fields: Fields) -> list[object]:
        fields_of(fields, ("id", "type", "items"))
        return self._list("items", fields["items"])

    def _read_list(self, fields: Fields) -> list[object]:
        items = self._items(fields)
        return self._counted(items, items)

    def _read_tuple(self, fields: Fields) -> tuple[object, ...]:
        items = self._items(fields)
        return self._counted(tuple(items), items)

    def _read_set(self, fields: Fields) -> object:
        items = self._items(fields)
        make: Any = set if fields["type"] == "set" else frozenset
        self._costs.hashing(items, "items")
        try:
            check_collisions(items, "items")
            found: Any = make(items)
        except DocumentError:
            raise
        except Exception as error:  # whatever a `__hash__` raises
            raise DocumentError(f"an item cannot be in a set: {brief(error)}", "items") from error
        if len(found) != len(items):
            raise DocumentError("an item occurs twice", "items")
        return self._counted(found, items)

    def _read_named_tuple(self, fields: Fields) -> object:
        fields_of(fields, ("id", "type", "class", "items"))
        cls = self._symbol_at("class", fields["class"])
        names: Any = None
        if is_class(cls) and issubclass(cls, tuple):
            names = class_namespace(cast("Any", cls)).get("_fields")
        items = self._list("items", fields["items"])
        if type(names) is not tuple:
            raise DocumentError(f"{excerpt(fields['class'])} is not a named tuple", "class")
        count = len(cast("tuple[object, ...]", names))
        if count != len(items):
            raise DocumentError(f"expected {count} items, found {len(items)}", "items")
        return self._counted(cast("Any", tuple).__new__(cls, items), items)

    def _read_dict(self, fields: Fields) -> dict[Any, object]:
        fields_of(fields, ("id", "type"), ("entries", "items"))
        return self._counted_dict(self._dict(fields))

    def _counted_dict(self, made: Any) -> Any:
        return self._counted(made, (*made, *made.values()))

    def _read_defaultdict(self, fields: Fields) -> defaultdict[object, object]:
        fields_of(fields, ("id", "type", "factory"), ("entries", "items"))
        factory = self._at("factory", fields["factory"])
        if factory is not None and not callable(factory):
            raise DocumentError("a default factory has to be callable, or null", "factory")
        return self._counted_dict(defaultdict(factory, self._dict(fields)))

    def _read_ordered_dict(self, fields: Fields) -> OrderedDict[object, object]:
        return self._counted_dict(OrderedDict(self._read_dict(fields)))

    def _read_deque(self, fields: Fields) -> deque[object]:
        fields_of(fields, ("id", "type", "maxlen", "items"))
        maxlen, items = self._at("maxlen", fields["maxlen"]), self._list("items", fields["items"])
        if maxlen is not None and not len(items) <= typed(maxlen, int, "maxlen") <= sys.maxsize:
            raise DocumentError(f"{excerpt(maxlen)} is too little or too much", "maxlen")
        return self._counted(deque(items, maxlen), items)

    def _read_slice(self, fields: Fields) -> object:
        items = self._items(fields)
        if len(items) != 3:
            raise DocumentError(f"expected 3 items, found {len(items)}", "items")
        return self._counted(slice(*items), items)

    def _dict(self, fields: Fields) -> dict[Any, object]:
        if ("entries" in fields) == ("items" in fields):
            raise DocumentError("expected either entries or items")
        if "entries" in fields:
            return self._entries("entries", fields["entries"])
        keys: list[object] = []
        values: list[object] = []
        for index, pair in enumerate(typed(fields["items"], list, "items")):
            if len(typed(pair, list, "items", index)) != 2:
                raise DocumentError("expected a key and a value", "items", index)
            try:
                key, value = (self._value(part) for part in pair)
                keys.append(key)
                values.append(value)
            except DocumentError as fault:
                fault.steps[:0] = "items", index
                raise
        return self._keyed(keys, values)

    def _keyed(self, keys: list[object], values: list[object]) -> dict[Any, object]:
        self._costs.hashing(keys, "items")
        found: dict[Any, object] = {}
        index = 0
        try:
            check_collisions(keys, "items")
            for index, (key, value) in enumerate(zip(keys, values, strict=True)):
                # One look-up for both: keys that collide make it slow.
                found.setdefault(key, value)
                if len(found) == index:
                    raise DocumentError("the key occurs twice", "items", index)
        except DocumentError:
            raise
        except Exception as error:  # whatever a `__hash__` or `__eq__` raises
            raise DocumentError(f"cannot be a key: {brief(error)}", "items", index) from error
        return found

    def _read_partial(self, fields: Fields) -> functools.partial[object]:
        fields_of(fields, ("id", "type", "call", "items", "entries"))
        fn = self._callable_at("call", fields["call"])
        if issubclass(
            type(fn), functools.partial
        ):  # Python merges the two, in more than linear time
            raise DocumentError("a partial of a partial is one partial", "call")
        items = self._list("items", fields["items"])
        named = self._entries("entries", fields["entries"])
        return self._counted(functools.partial(fn, *items, **named), (*items, *named.values()))

    def _read_alias(self, fields: Fields) -> object:
        fields_of(fields, ("id", "type", "call", "items"))
        origin = self._callable_at("call", fields["call"])
        if not is_class(origin) and form_name(origin) is None:
            raise DocumentError(f"{excerpt(fields['call'])} is not a class", "call")
        items = self._list("items", fields["items"])
        try:
            found = put_together(origin, tuple(items))
        except Exception as error:  # typing is particular about what a form takes
            raise DocumentError(
                f"{excerpt(fields['call'])} cannot be subscripted so: {brief(error)}", "items"
            ) from error
        return self._counted(found, items)

    def _read_codec(self, fields: Fields) -> object:
        fields_of(fields, ("id", "type", "codec", "value"))
        name = typed(fields["codec"], str, "codec")
        value = self._at("value", fields["value"])
        decode = self._decoder(name)
        try:
            return decode(value)
        except Exception as error:  # a user's function may raise anything
            raise DocumentError(
                f"the codec {excerpt(name)} fails: {brief(error)}", "value"
            ) from error

    def _decoder(self, name: str) -> Callable[[Any], object]:
        codec = codec_named(name)
        if codec is not None:
            return codec.decode
        codec = LIBRARIES.get(name)
        if codec is None:
            raise DocumentError(f"no codec called {excerpt(name)} is registered", "codec")
        library = name.partition(".")[0]
        try:
            self._allowed.require(library)
            decode: Any = functools.partial(codec.decode, self._allowed.load(library))
            return decode
        except DocumentError as fault:
            fault.steps.insert(0, "codec")
            raise


_READERS: Final[dict[str, Callable[[_Loader, Fields], object]]] = {
    # The methods are this module's own.
    "list": _Loader._read_list,  # pyright: ignore[reportPrivateUsage]
    "tuple": _Loader._read_tuple,  # pyright: ignore[reportPrivateUsage]
    "set": _Loader._read_set,  # pyright: ignore[reportPrivateUsage]
    "frozenset": _Loader._read_set,  # pyright: ignore[reportPrivateUsage]
    "namedtuple": _Loader._read_named_tuple,  # pyright: ignore[reportPrivateUsage]
    "dict": _Loader._read_dict,  # pyright: ignore[reportPrivateUsage]
    "defaultdict": _Loader._read_defaultdict,  # pyright: ignore[reportPrivateUsage]
    "OrderedDict": _Loader._read_ordered_dict,  # pyright: ignore[reportPrivateUsage]
    "deque": _Loader._read_deque,  # pyright: ignore[reportPrivateUsage]
    "slice": _Loader._read_slice,  # pyright: ignore[reportPrivateUsage]
    "functools.partial": _Loader._read_partial,  # pyright: ignore[reportPrivateUsage]
    "alias": _Loader._read_alias,  # pyright: ignore[reportPrivateUsage]
    "codec": _Loader._read_codec,  # pyright: ignore[reportPrivateUsage]
}
