"""From a graph to the entries of a document."""

from __future__ import annotations

import enum
import json
import zlib
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any, Final, cast

import attrs

from ..core.errors import UnwritableError
from ..core.registry import BUILDABLE_TYPES, class_of
from ..core.slots import NodeSlots, ranks_of
from ..node.history import provenance_of
from ..symbols import symbol_of
from ..traversal.location import all_paths
from ..traversal.paths import Attr, PathElement, format_path
from ..traversal.program_order import is_program_order_needed, reachable
from .codecs import Codec, codec_for
from .errors import Problem, unserialisable
from .leaves import ENCODERS, LARGEST, encode_enum, encode_form, name_of_constant
from .shapes import CALLABLE, DumpOptions, Entry, Parts, take_apart

FORMAT: Final = "bytefig.graph"
VERSION: Final = 2

_LONGEST_ORDER: Final = 200
_AS_IS: Final = frozenset((str, bool, type(None)))
_encode: Final = json.JSONEncoder(allow_nan=False, check_circular=False).encode


@attrs.define(eq=False)
class _Frame:
    """A value whose parts are being written."""

    value: object
    parts: Parts
    pending: Iterator[object]  # from the part after the current one on
    results: list[object]  # the parts before the current one, as written
    number: int  # a checksum of the path
    parent: _Frame | None
    position: int  # among the parts of the parent


class Dumper:
    """Writes one graph.

    Args:
        options: The parts to write besides the graph.
        add: Takes the id of each entry, the entry, and its JSON; what it refers to comes before it.
    """

    def __init__(self, options: DumpOptions, add: Callable[[str, Entry, str], None]) -> None:
        """Start with no entries."""
        self._add = add
        self._options = options
        self._symbols: dict[int, str] = {}
        self._ids: dict[int, str] = {}
        self._taken: set[str] = set()
        self._interned: dict[str, str] = {}
        self._orders: dict[int, str] = {}
        self._active: set[int] = set()
        self._problems: list[Problem] = []
        # What codecs made, and bound methods, must not be freed: others could take their ids.
        self._alive: list[object] = []
        # The graph, what of it is being written (the graph itself, or an effect), and its number.
        self._root: object = None
        self._start: object = None
        self._number = 0

    def dump(self, root: object) -> Entry:
        """Write all that a value holds; return the end of its document, which has the effects."""
        self._root = self._start = root
        end: Entry = {"root": self._dump(root)}
        effects: dict[str, object] = {}
        for node in reachable(root):
            host = self._ids.get(id(node), "")
            written: list[object] = []
            for index, effect in enumerate(node.__effects__ or ()):
                self._start, self._number = effect, zlib.crc32(f"{host}[{index}]".encode())
                written.append(self._dump(effect))
            if written:
                effects[host] = written
        if self._problems:
            raise unserialisable(self._problems)
        return {**end, "effects": effects} if effects else end

    def _dump(self, root: object) -> object:
        frame = self._visit(root, None)
        if type(frame) is not _Frame:
            return frame
        visit = self._visit
        while True:
            results = frame.results
            for part in frame.pending:
                found = visit(part, frame)
                if type(found) is _Frame:
                    frame = found
                    break
                results.append(found)
            else:
                written = self._leave(frame)
                if frame.parent is None:
                    return written
                frame = frame.parent
                frame.results.append(written)

    def _visit(self, value: Any, parent: _Frame | None) -> object:
        """Return how a value is written; or a frame, if it has parts to be written first."""
        cls = class_of(value)
        if cls in _AS_IS or (cls is int and -LARGEST <= value <= LARGEST):
            return value
        known = self._ids.get(id(value))
        if known is not None:
            return {"ref": known}
        try:
            if id(value) in self._active:
                raise UnwritableError("the value contains itself, and a document cannot")
            found = self._leaf_or_parts(value, cls)
        except UnwritableError as problem:
            return self._report(str(problem), parent, parent)
        return self._enter(value, found, parent) if type(found) is Parts else found

    def _leaf_or_parts(self, value: Any, cls: type[object]) -> object:
        symbol = self._symbols.get(id(value))
        if symbol is not None:
            return {"symbol": symbol}
        encoder = ENCODERS.get(cls)
        if encoder is not None:
            return encoder(value)
        parts = take_apart(value, self._symbol, self._order, self._options)
        if parts is not None:
            return parts
        name = name_of_constant(value)
        if name is not None:
            return {"constant": name}
        form = encode_form(value)
        if form is not None:
            return form
        if issubclass(cls, enum.Enum):
            return encode_enum(value)
        codec = codec_for(cls)
        if codec is not None:
            return _encoded(codec, value)
        return {"symbol": self._symbol(value)}

    def _symbol(self, value: object) -> str:
        found = self._symbols.get(id(value))
        if found is None:
            found = self._symbols[id(value)] = symbol_of(value)
            self._alive.append(value)
        return found

    def _order(self, value: object) -> str:
        """Return text to sort a value in a set by."""
        try:
            return self._order_text(value)
        except (UnwritableError, RecursionError):
            return ""  # It will be reported when it is visited, or the order is lost.

    def _order_text(self, value: Any) -> str:
        cls = class_of(value)
        if cls in _AS_IS or (cls is int and -LARGEST <= value <= LARGEST):
            return f"{cls.__name__} {value!r:>20}"
        if id(value) in self._orders:
            return self._orders[id(value)]
        if cls is frozenset:
            text = f"frozenset({sorted(map(self._order_text, value))})"
        else:
            found = self._leaf_or_parts(value, cls)
            if type(found) is not Parts:
                return f"{cls.__name__} {_encode(found)}"
            text = f"{found.name}({', '.join(map(self._order_text, found.values))})"
        if len(text) > _LONGEST_ORDER:
            # Of what is used twice on each of many levels, the text has no end.
            digest = sha256(text.encode(errors="surrogatepass")).hexdigest()
            text = f"{text[:_LONGEST_ORDER]} {digest}"
        self._orders[id(value)] = text
        self._alive.append(value)
        return text

    def _enter(self, value: object, parts: Parts, parent: _Frame | None) -> _Frame:
        self._active.add(id(value))
        self._alive.append(value)
        position, number = 0, self._number
        if parent is not None:
            position = len(parent.results)
            key = parent.parts.keys[position]
            text = str(key) if isinstance(key, str | int) else f" {position}"
            number = zlib.crc32(f".{text}".encode("utf-8", "surrogatepass"), parent.number)
        return _Frame(value, parts, iter(parts.values), [], number, parent, position)

    def _leave(self, frame: _Frame) -> object:
        """Add the entry of a value whose parts are written; return how to refer to it."""
        self._active.discard(id(frame.value))
        try:
            entry = frame.parts.entry(frame.results)
        except UnwritableError as problem:  # a tag
            return self._report(str(problem), frame.parent, frame)
        if self._problems:
            return None
        body = _encode(entry)
        if frame.parts.interned and (known := self._interned.get(body)) is not None:
            self._ids[id(frame.value)] = known
            return {"ref": known}
        name = self._new_id(frame)
        self._add(name, entry, body)
        self._ids[id(frame.value)] = name
        if frame.parts.interned:
            self._interned[body] = name
        return {"ref": name}

    def _new_id(self, frame: _Frame) -> str:
        # By its path, so that it stays the same when other parts of the graph are edited.
        name = frame.parts.name
        prefix = name if name.isidentifier() and name.isascii() else "node"
        found = base = f"{prefix}-{frame.number:08x}"
        count = 1
        while found in self._taken:
            count += 1
            found = f"{base}-{count}"
        self._taken.add(found)
        return found

    def _report(self, reason: str, parent: _Frame | None, holder: _Frame | None) -> None:
        """Add a problem with the part that ``parent`` is at."""
        position = 0 if parent is None else len(parent.results)
        key: Any = None if parent is None else parent.parts.keys[position]
        while holder is not None and type(holder.value) not in BUILDABLE_TYPES:
            if holder.parent is not None:
                key = holder.parent.parts.keys[holder.position]
            holder = holder.parent
        provenance = None if holder is None else provenance_of(cast("NodeSlots", holder.value), key)
        # A path is as long as the graph is deep, so it is only made for those that are shown.
        start = self._start

        def path() -> str:
            outer = next(all_paths(self._root, start), ())
            return format_path((*outer, *_steps(parent, position)))

        self._problems.append(Problem(path, reason, provenance))


def _steps(frame: _Frame | None, position: int) -> Iterator[PathElement]:
    steps: list[PathElement] = []
    while frame is not None:
        key = frame.parts.keys[position]
        steps.append(Attr(CALLABLE) if key is CALLABLE else frame.parts.element(key))
        frame, position = frame.parent, frame.position
    return reversed(steps)


def _with_order(root: object, options: DumpOptions) -> DumpOptions:
    """Return the options for a graph: order is written if it is not the graph's own."""
    nodes = reachable(root)
    if options.form and is_program_order_needed(root, nodes):
        return attrs.evolve(options, ranks=ranks_of(nodes))
    return options


def _encoded(codec: Codec, value: object) -> Parts:
    try:
        payload = codec.encode(value)
    except Exception as error:  # a user's function may raise anything
        raise UnwritableError(f"the codec {codec.name!r} fails: {error!r}") from error

    def entry(results: list[object]) -> Entry:
        return {"type": "codec", "codec": codec.name, "value": results[0]}

    name = codec.type.__name__ if codec.type is not object else codec.name.rpartition(".")[2]
    return Parts(name, ("value",), (payload,), Attr, entry)


def document(root: object, options: DumpOptions) -> Entry:
    """Return the document of a graph; a SerializationError lists all that cannot be written."""
    nodes: list[object] = []
    options = _with_order(root, options)
    dumper = Dumper(options, lambda name, entry, _: nodes.append({"id": name, **entry}))
    end = dumper.dump(root)
    return {"format": FORMAT, "version": VERSION, "nodes": nodes, **end}


def json_text(root: object, options: DumpOptions) -> str:
    """Return the document of a graph as JSON, each node on a line of its own."""
    # No entry is kept: of a great document, the garbage collector would look at each.
    lines: list[str] = []
    options = _with_order(root, options)
    dumper = Dumper(options, lambda name, _, body: lines.append(f'{{"id": "{name}", {body[1:]}'))
    end = ",\n".join(f'"{key}": {_encode(value)}' for key, value in dumper.dump(root).items())
    nodes = ",\n".join(lines)
    return (
        f'{{\n"format": {_encode(FORMAT)},\n"version": {VERSION},\n'
        f'"nodes": [\n{nodes}\n],\n{end}\n}}\n'
    )
