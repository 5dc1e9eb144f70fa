"""Diffs as plain data: dicts, lists, strings, numbers, booleans and None, as JSON has them.

Nodes are in one flat list, each after what it holds, so that no depth is too much for a writer of
JSON. Where a node was made, and its history, are left out.
"""

from __future__ import annotations

import sys
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterable
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any, Final, TypeAlias, cast, get_args

import attrs

from ..core.errors import DocumentError
from ..core.keys import ArgumentKey
from ..core.registry import BUILDABLE_TYPES, class_of
from ..core.shown import plain_repr
from ..core.slots import new_node, set_effects
from ..core.tag_storage import TagType
from ..editing.tags import TaggedValueCls
from ..node.buildable import Buildable
from ..node.kinds import ArgFactory, Config, Partial
from ..permission import Allowed
from ..signature.signature import signature_of
from ..symbols import MISSING, is_same, public_name, static_lookup
from ..traversal.paths import Attr, Effect, Index, Key, Path, PathElement, format_path
from ..traversal.traverse import Visit, fold, kind_of
from .applied_diff import takes
from .changes import Diff, DiffError, DiffOperation, Reference

#: An object of JSON.
Data: TypeAlias = dict[str, Any]

_FORMAT: Final = "bytefig diff"
_VERSION: Final = 1
_SCALARS: Final = (type(None), bool, int, float, str)
_CHANGES: Final[dict[str, type[DiffOperation]]] = {
    cls.__name__: cls for cls in get_args(DiffOperation)
}
_STEPS: Final[dict[str, Callable[[Any], PathElement]]] = {
    cls.__name__.lower(): cls for cls in (Attr, Index, Key, Effect)
}
_TEXT: Final = "old_text"
#: Classes of nodes, which may be named in any case.
_NODES: Final = (ArgFactory, Buildable, Config, Partial, TaggedValueCls)
#: The types of values that are written by name.
_SYMBOL_TYPES: Final = (FunctionType, BuiltinFunctionType, MethodType, type)


def diff_to_data(diff: Diff, *, encode: Callable[[Any], object] | None = None) -> Data:
    """Return a diff as plain data, for example for `json.dumps`.

    Functions, classes and tags are written by module and name.

    Args:
        diff: The diff.
        encode: Turns a leaf value that is neither these nor a string, number, boolean or None into
            plain data.

    Raises:
        DiffError: A value cannot be written.

    Example:
        >>> from bytefig.configs import Config
        >>> from bytefig.configs.diffing import build_diff, diff_from_data
        >>> diff = build_diff(Config(dict, a=1), Config(dict, a=[2]))
        >>> data = diff_to_data(diff)
        >>> data["nodes"], data["changes"][0]["path"]
        ([{'list': [2]}], [['attr', 'a']])
        >>> diff_from_data(data, allow=[]) == diff
        True
    """
    writer = _Writer(encode)
    shared = [writer.value(value) for value in diff.new_shared_values]
    changes: list[Data] = []
    for change in diff.changes:
        written: Data = {
            "change": type(change).__name__,
            "path": writer.path(change.target),
        }
        try:
            for field in attrs.fields(type(change))[1:]:
                value = getattr(change, field.name)
                written[field.name] = value if field.name == _TEXT else writer.value(value)
        except DiffError as error:
            place = format_path(change.target)
            raise DiffError(f"cannot write the change of {place}: {error}") from error
        changes.append(written)
    return {
        "format": _FORMAT,
        "version": _VERSION,
        "nodes": writer.nodes,
        "new_shared_values": shared,
        "changes": changes,
    }


def diff_from_data(
    data: Data,
    *,
    allow: Iterable[object] | Allowed,
    decode: Callable[[Any], object] | None = None,
) -> Diff:
    """Return the diff that `diff_to_data` has written.

    Nothing that the data names is called.

    Args:
        data: The data.
        allow: What it may name, as for `load_json`: functions and classes, or the names of some,
            of modules, or of packages.
        decode: The inverse of ``encode``.

    Raises:
        DiffError: It is not such data, or names what is not allowed.
    """
    if not isinstance(allow, Allowed):
        allow = Allowed([*allow, *_NODES])
    reader = _Reader(allow, decode)
    place = "the document"
    try:
        if (data["format"], data["version"]) != (_FORMAT, _VERSION):
            raise DiffError(f"expected format {_FORMAT!r}, version {_VERSION}")
        for index, node in enumerate(data["nodes"]):
            place = f"nodes[{index}]"
            reader.nodes.append(reader.node(node))
        place = "new_shared_values"
        shared = tuple(map(reader.value, data["new_shared_values"]))
        changes: list[DiffOperation] = []
        for index, change in enumerate(data["changes"]):
            place = f"changes[{index}]"
            changes.append(reader.change(change))
    except (DiffError, DocumentError) as error:
        raise DiffError(f"cannot read the diff, at {place}: {error}") from error
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        problem = f"{type(error).__name__}: {error}"
        raise DiffError(f"cannot read the diff, at {place}: it is malformed: {problem}") from error
    return Diff(tuple(changes), shared)


@attrs.define
class _Writer:
    encode: Callable[[Any], object] | None
    nodes: list[Data] = attrs.field(factory=list[Data])
    known: dict[int, object] = attrs.field(factory=dict[int, object])
    # The ids of nodes that are made for a moment must not be used again.
    alive: list[object] = attrs.field(factory=list[object])

    def value(self, value: object) -> object:
        self.alive.append(value)
        return fold(value, self._node, self._leaf, self.known)

    def path(self, path: Path) -> list[list[object]]:
        steps: list[list[object]] = []
        for element in path:
            ((field, key),) = attrs.asdict(element, recurse=False).items()
            name = type(element).__name__.lower()
            steps.append([name, self.value(key) if field == "key" else key])
        return steps

    def _leaf(self, leaf: Any) -> object:
        if type(leaf) in _SCALARS:
            return leaf
        cls = class_of(leaf)  # which `isinstance` would ask the leaf for
        if cls is Reference:
            return {"reference": leaf.root, "path": self.path(leaf.target)}
        if issubclass(cls, _SYMBOL_TYPES):
            return {"symbol": _name_of(leaf)}
        if self.encode is None:
            raise DiffError(f"{plain_repr(leaf)} is not plain data\n  fix: pass encode=...")
        return {"leaf": self.encode(leaf)}

    def _node(self, visit: Visit, _: object) -> object:
        self.nodes.append(self._written(visit))
        return {"node": len(self.nodes) - 1}

    def _written(self, visit: Visit) -> Data:
        node, results = visit.node, visit.results
        cls = cast("type[object]", type(node))
        if visit.kind.buildable:
            written = {
                "class": _name_of(cls),
                "callable": self.value(node.__fn_or_cls__),
                "arguments": [list(pair) for pair in zip(visit.keys, results, strict=True)],
            }
            if node.__argument_tags__:
                tags = node.__argument_tags__
                written["tags"] = [[key, sorted(map(_name_of, tags[key]))] for key in tags]
            if node.__form__ and signature_of(node.__fn_or_cls__).exact_form:
                written["positional"] = node.__form__
            if node.__effects__:
                written["effects"] = [*map(self.value, node.__effects__)]
            return written
        if cls in (list, tuple):
            return {cls.__name__: results}
        if cls is deque:
            return {"deque": results, "maxlen": node.maxlen}
        if cls is slice:
            return {"slice": results}
        if cls in (dict, defaultdict, OrderedDict):
            keys = map(self.value, visit.keys)
            items = [list(pair) for pair in zip(keys, results, strict=True)]
            if cls is not defaultdict:
                return {cls.__name__: items}
            return {"defaultdict": items, "factory": self.value(node.default_factory)}
        if isinstance(node, tuple):
            return {"namedtuple": results, "class": _name_of(cls)}
        raise DiffError(f"a {cls.__name__} is a registered container, which is not plain data")


@attrs.define
class _Reader:
    allow: Allowed
    decode: Callable[[Any], object] | None
    nodes: list[object] = attrs.field(factory=list[object])

    def value(self, data: Any) -> Any:
        if type(data) in _SCALARS:
            return data
        match data:
            case {"node": int(index)} if 0 <= index < len(self.nodes):
                return self.nodes[index]
            case {"symbol": str(name)}:
                return _resolve(name, self.allow)
            case {"reference": str(root), "path": path}:
                return Reference(root, self.path(path))
            case {"leaf": leaf} if self.decode is not None:
                return self.decode(leaf)
            case {"leaf": _}:
                raise DiffError("it has leaf values\n  fix: pass decode=...")
            case _:
                raise DiffError(f"{data!r} is no value")

    def path(self, path: Iterable[tuple[str, object]]) -> Path:
        steps: list[PathElement] = []
        for name, key in path:
            if name != "key" and type(key) is not (str if name == "attr" else int):
                raise DiffError(f"{key!r} is no {name}")
            steps.append(_STEPS[name](self.value(key)))
            hash(steps[-1])
        return tuple(steps)

    def change(self, data: Data) -> DiffOperation:
        cls = _CHANGES[data["change"]]
        path = self.path(data["path"])
        fields: Data = {
            field.name: self.value(data.get(_TEXT) if field.name == _TEXT else data[field.name])
            for field in attrs.fields(cls)[1:]
        }
        if not isinstance(fields.get(_TEXT), str | None):
            raise DiffError(f"{_TEXT} is no text")
        if "tag" in fields and not isinstance(fields["tag"], TagType):
            raise DiffError(f"{fields['tag']!r} is not a tag")
        return cls(path, **fields)

    def node(self, data: Data) -> object:
        match data:
            case {"class": str(name), "callable": _, "arguments": _}:
                return self._buildable(_resolve(name, self.allow), data)
            case {"list": values}:
                return [*map(self.value, values)]
            case {"tuple": values}:
                return tuple(map(self.value, values))
            case {"deque": values, "maxlen": maxlen}:
                return deque([*map(self.value, values)], maxlen)
            case {"slice": values}:
                start, stop, step = map(self.value, values)
                return slice(start, stop, step)
            case {"dict": items}:
                return dict(self._pairs(items))
            case {"OrderedDict": items}:
                return OrderedDict(self._pairs(items))
            case {"defaultdict": items, "factory": factory}:
                return defaultdict(self.value(factory), self._pairs(items))
            case {"namedtuple": values, "class": str(name)}:
                return self._named_tuple(_resolve(name, self.allow), values)
            case _:
                raise DiffError(f"{data!r} is no node")

    def _pairs(self, items: Iterable[tuple[object, object]]) -> list[tuple[object, object]]:
        return [(self.value(key), self.value(value)) for key, value in items]

    def _named_tuple(self, cls: Any, values: Iterable[object]) -> object:
        # Past the class's own constructor, which might run anything.
        if not isinstance(cls, type) or tuple not in cls.__mro__ or not hasattr(cls, "_fields"):
            raise DiffError(f"{cls!r} is no named tuple")
        fields = [*map(self.value, values)]
        if len(fields) != len(cast("Any", cls)._fields):
            raise DiffError(f"{len(fields)} values for {cls!r}")
        return cast("Any", tuple).__new__(cls, fields)

    def _buildable(self, cls: Any, data: Data) -> object:
        fn = self.value(data["callable"])
        if cls not in BUILDABLE_TYPES or not callable(fn) or kind_of(fn) is not None:
            raise DiffError(f"a {cls!r} of {fn!r} is no node")
        self.allow.check_call(fn)
        signature = signature_of(fn)
        stored = {key: self.value(value) for key, value in data["arguments"]}
        tags: dict[ArgumentKey, frozenset[Any]] = {
            key: frozenset(_resolve(name, self.allow) for name in names)
            for key, names in data.get("tags", ())
        }
        for key in {**stored, **tags}:
            if type(key) not in (int, str) or not takes(signature, key):
                raise DiffError(f"{signature.name} has no argument {key!r}")
        if not all(isinstance(tag, TagType) for own in tags.values() for tag in own):
            raise DiffError("it names tags that are not tags")
        form = signature.form(data.get("positional", 0))
        node = new_node(cls, fn, stored, None, tags=tags or None, form=form)
        set_effects(node, tuple(map(self.value, data.get("effects", ()))) or None)
        return node


def _name_of(value: object) -> str:
    """Return ``module:Qualified.name``, by which the value has to be found again."""
    module, qualname = public_name(value)
    name, loaded = f"{module}:{qualname}", sys.modules.get(module)
    found = MISSING if loaded is None or qualname is None else static_lookup(loaded, qualname)
    if not is_same(found, value):
        raise DiffError(f"{value!r} cannot be found again as {name!r}")
    return name


def _resolve(name: str, allow: Allowed) -> Any:
    """Return the object of a name; imports its module if that is allowed."""
    try:
        return allow.resolve(name)
    except DocumentError as error:
        raise DiffError(f"{name!r}: {error}") from error.__cause__
