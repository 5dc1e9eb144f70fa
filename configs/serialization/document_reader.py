"""From a document to a graph. Nothing in a document is believed."""

from __future__ import annotations

import functools
import sys
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Collection, Iterable
from typing import Any, Final, TypeVar, cast

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
from .codecs import LIBRARIES, Decode, codec_named
from .costs import Costs, check_collisions
from .document_parts import (
    At,
    Fields,
    brief,
    check_arguments,
    check_key,
    decode_history,
    decode_key,
    decode_provenance,
    fields_of,
    mapping,
    of_type,
)
from .document_writer import FORMAT, VERSION
from .errors import SerializationError, json_path
from .leaves import DECODERS, LARGEST, check_float
from .shapes import NODE_TYPES
from .unasked import unasked_signature

T = TypeVar("T")
D = TypeVar("D", bound=dict[Any, object])

_AS_IS: Final = frozenset((str, bool, type(None)))


def load_document(document: object, allow: Iterable[object] | Allowed) -> Any:
    """Return the graph of a parsed document, whose nodes are dropped as they are read."""
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
        self._symbols: dict[str, object] = {}
        self._signatures: dict[int, Signature] = {}
        self._nodes: list[object] = []
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
        with At("nodes") as at:
            self._nodes = of_type(fields["nodes"], list)
            for index, entry in enumerate(self._nodes):
                at.steps = "nodes", index
                self._add(entry)
                self._nodes[index] = None  # Nothing asks for it again.
        root = self._at("root", fields["root"])
        with At("effects"):
            for name, values in mapping(fields.get("effects", {})).items():
                self._add_effects(name, values)
        return root

    def _add_effects(self, name: str, values: object) -> None:
        node = self._objects.get(name)
        effects = self._list(name, values)
        for value in (node, *effects):
            if class_of(value) not in BUILDABLE_TYPES:
                raise DocumentError("effects and what they act on have to be calls", name)
        set_effects(node, tuple(effects) or None)

    def _add(self, entry: object) -> None:
        if not isinstance(entry, dict):
            raise DocumentError(f"expected a node, found {excerpt(entry)}")
        fields = cast("Fields", entry)
        name, kind = of_type(fields.get("id"), str, "id"), of_type(fields.get("type"), str, "type")
        if name in self._objects:
            raise DocumentError(f"the id {excerpt(name)} is taken by a node before this one", "id")
        read = _READERS.get(kind)
        if read is not None:
            self._objects[name] = read(self, fields)
        elif kind in NODE_TYPES or ":" in kind:
            self._objects[name] = self._node(fields)
        else:
            raise DocumentError(f"{excerpt(kind)} is not a type of nodes", "type")

    def _value(self, value: object) -> object:
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
        later = (cast("Fields", node).get("id") for node in self._nodes if isinstance(node, dict))
        if name in later:
            raise DocumentError(
                f"the node {excerpt(name)} comes later, or refers to itself: a reference has to"
                " point back, so that there are no cycles",
                "ref",
            )
        raise DocumentError(f"there is no node {excerpt(name)}", "ref")

    def _at(self, step: str, value: object) -> Any:
        with At(step):
            return self._value(value)

    def _list(self, step: str, values: object) -> list[object]:
        found: list[object] = []
        try:
            for value in of_type(values, list):
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

    def _callable(self, value: object) -> Any:
        with At("call"):
            found = self._symbol(value) if isinstance(value, str) else self._value(value)
            if not callable(found) or issubclass(type(found), Buildable):
                raise DocumentError(f"{excerpt(value)} is not a callable")
            return found

    # Nodes of a config graph

    def _node(self, fields: Fields) -> Buildable[Any]:
        optional = ("tags", "made", "history", "positional", "order")
        fields_of(fields, ("id", "type", "call", "args"), optional)
        cls = NODE_TYPES.get(fields["type"]) or self._node_class(fields["type"])
        symbol = fields["call"]
        fn = USING_MEMBERS.get(symbol) if isinstance(symbol, str) else None
        fn = fn or self._callable(symbol)
        signature = self._signature(fn)
        entries = self._entries("args", fields["args"])
        arguments = {decode_key(text, "args"): value for text, value in entries.items()}
        check_arguments(signature, arguments)
        tags = self._tags(signature, fields["tags"]) if "tags" in fields else None
        made = decode_provenance(fields["made"], "made") if "made" in fields else None
        edits = decode_history(fields["history"]) if "history" in fields else None
        form = of_type(fields.get("positional", 0), int, "positional")
        node = new_node(cls, fn, arguments, made, 0, tags, edits, signature.form(form))
        if "order" in fields:
            set_order(node, self._block.number(of_type(fields["order"], int, "order")))
        with At("call"):
            check_member(self._allowed, fn, arguments)
            self._costs.calling(self._allowed.check_call(fn), node, fn, arguments)
        return node

    def _node_class(self, symbol: object) -> type[Buildable[Any]]:
        with At("type"):
            cls = self._symbol(symbol)
            if not is_class(cls) or not issubclass(cls, Buildable):
                raise DocumentError(f"{excerpt(symbol)} is not a class of nodes")
            return cast("type[Buildable[Any]]", cls)

    def _signature(self, fn: object) -> Signature:
        # Those that `signature_of` cannot keep are kept here; the objects live as long.
        found = self._signatures.get(id(fn))
        if found is None:
            with At("call", failure="the callable has no signature"):  # a class may compute it
                found = self._signatures[id(fn)] = unasked_signature(fn)
        return found

    def _tags(
        self, signature: Signature, value: object
    ) -> dict[ArgumentKey, frozenset[TagType]] | None:
        found: dict[ArgumentKey, frozenset[TagType]] = {}
        for text, symbols in mapping(value, "tags").items():
            key = decode_key(text, "tags")
            check_key(signature, key, "tags", text)
            tags: list[TagType] = []
            with At("tags", text) as at:
                for index, symbol in enumerate(of_type(symbols, list)):
                    at.steps = "tags", text, index
                    tag = self._symbol(symbol)
                    if not issubclass(type(tag), TagType):
                        raise DocumentError(f"{excerpt(symbol)} is not a tag")
                    tags.append(tag)
            if tags:
                found[key] = frozenset(tags)
        return found or None

    # Containers

    def _counted(self, made: T, items: Collection[object]) -> T:
        """Return a new container, after taking down how deep and large it is."""
        self._costs.add(made, items)
        return made

    def _items(self, fields: Fields) -> list[object]:
        fields_of(fields, ("id", "type", "items"))
        return self._list("items", fields["items"])

    def read_list(self, fields: Fields) -> list[object]:
        items = self._items(fields)
        return self._counted(items, items)

    def read_tuple(self, fields: Fields) -> tuple[object, ...]:
        items = self._items(fields)
        return self._counted(tuple(items), items)

    def read_set(self, fields: Fields) -> object:
        items = self._items(fields)
        make = set[object] if fields["type"] == "set" else frozenset[object]
        with At("items", failure="an item cannot be in a set"):  # its `__hash__` may be anyone's
            self._costs.hashing(items)
            check_collisions(items)
            found = make(items)
            if len(found) != len(items):
                raise DocumentError("an item occurs twice")
        return self._counted(found, items)

    def read_named_tuple(self, fields: Fields) -> object:
        fields_of(fields, ("id", "type", "class", "items"))
        with At("class"):
            cls = self._symbol(fields["class"])
            names: object = None
            if is_class(cls) and issubclass(cls, tuple):
                names = class_namespace(cast("type", cls)).get("_fields")
            if type(names) is not tuple:
                raise DocumentError(f"{excerpt(fields['class'])} is not a named tuple")
        items = self._list("items", fields["items"])
        count = len(cast("tuple[object, ...]", names))
        if count != len(items):
            raise DocumentError(f"expected {count} items, found {len(items)}", "items")
        return self._counted(cast("Any", tuple).__new__(cls, items), items)

    def read_dict(self, fields: Fields) -> dict[Any, object]:
        fields_of(fields, ("id", "type"), ("entries", "items"))
        return self._counted_dict(self._dict(fields))

    def _counted_dict(self, made: D) -> D:
        return self._counted(made, (*made, *made.values()))

    def read_defaultdict(self, fields: Fields) -> defaultdict[object, object]:
        fields_of(fields, ("id", "type", "factory"), ("entries", "items"))
        factory = self._at("factory", fields["factory"])
        if factory is not None and not callable(factory):
            raise DocumentError("a default factory has to be callable, or null", "factory")
        return self._counted_dict(defaultdict(factory, self._dict(fields)))

    def read_ordered_dict(self, fields: Fields) -> OrderedDict[object, object]:
        return self._counted_dict(OrderedDict(self.read_dict(fields)))

    def read_deque(self, fields: Fields) -> deque[object]:
        fields_of(fields, ("id", "type", "maxlen", "items"))
        maxlen, items = self._at("maxlen", fields["maxlen"]), self._list("items", fields["items"])
        if maxlen is not None and not len(items) <= of_type(maxlen, int, "maxlen") <= sys.maxsize:
            raise DocumentError(f"{excerpt(maxlen)} is too little or too much", "maxlen")
        return self._counted(deque(items, maxlen), items)

    def read_slice(self, fields: Fields) -> object:
        items = self._items(fields)
        if len(items) != 3:
            raise DocumentError(f"expected 3 items, found {len(items)}", "items")
        return self._counted(slice(*items), items)

    def _dict(self, fields: Fields) -> dict[Any, object]:
        if ("entries" in fields) == ("items" in fields):
            raise DocumentError("expected either entries or items")
        if "entries" in fields:
            return self._entries("entries", fields["entries"])
        pairs: list[list[object]] = []
        with At("items") as at:
            for index, pair in enumerate(of_type(fields["items"], list)):
                at.steps = "items", index
                if len(of_type(pair, list)) != 2:
                    raise DocumentError("expected a key and a value")
                pairs.append([self._value(part) for part in pair])
        found: dict[Any, object] = {}
        with At("items", failure="cannot be a key") as at:  # its `__hash__` may be anyone's
            keys = [key for key, _ in pairs]
            self._costs.hashing(keys)
            check_collisions(keys)
            for index, (key, value) in enumerate(pairs):
                at.steps = "items", index
                # One look-up for both: keys that collide make it slow.
                found.setdefault(key, value)
                if len(found) == index:
                    raise DocumentError("the key occurs twice")
        return found

    def read_partial(self, fields: Fields) -> functools.partial[object]:
        fields_of(fields, ("id", "type", "call", "items", "entries"))
        fn = self._callable(fields["call"])
        # Python merges the two, in more than linear time.
        if issubclass(type(fn), functools.partial):
            raise DocumentError("a partial of a partial is one partial", "call")
        items = self._list("items", fields["items"])
        named = self._entries("entries", fields["entries"])
        return self._counted(functools.partial(fn, *items, **named), (*items, *named.values()))

    def read_alias(self, fields: Fields) -> object:
        fields_of(fields, ("id", "type", "call", "items"))
        origin, name = self._callable(fields["call"]), excerpt(fields["call"])
        if not is_class(origin) and form_name(origin) is None:
            raise DocumentError(f"{name} is not a class", "call")
        items = self._list("items", fields["items"])
        # typing is particular about what a form takes.
        with At("items", failure=f"{name} cannot be subscripted so"):
            return self._counted(put_together(origin, tuple(items)), items)

    def read_codec(self, fields: Fields) -> object:
        fields_of(fields, ("id", "type", "codec", "value"))
        name = of_type(fields["codec"], str, "codec")
        value = self._at("value", fields["value"])
        with At("codec"):
            decode = self._decoder(name)
        with At("value", failure=f"the codec {excerpt(name)} fails"):  # it may raise anything
            return decode(value)

    def _decoder(self, name: str) -> Decode:
        codec = codec_named(name)
        if codec is not None:
            return codec.decode
        codec = LIBRARIES.get(name)
        if codec is None:
            raise DocumentError(f"no codec called {excerpt(name)} is registered")
        library = name.partition(".")[0]
        self._allowed.require(library)
        decode: Any = codec.decode
        return functools.partial(decode, self._allowed.load(library))


_READERS: Final[dict[str, Callable[[_Loader, Fields], object]]] = {
    "list": _Loader.read_list,
    "tuple": _Loader.read_tuple,
    "set": _Loader.read_set,
    "frozenset": _Loader.read_set,
    "namedtuple": _Loader.read_named_tuple,
    "dict": _Loader.read_dict,
    "defaultdict": _Loader.read_defaultdict,
    "OrderedDict": _Loader.read_ordered_dict,
    "deque": _Loader.read_deque,
    "slice": _Loader.read_slice,
    "functools.partial": _Loader.read_partial,
    "alias": _Loader.read_alias,
    "codec": _Loader.read_codec,
}
