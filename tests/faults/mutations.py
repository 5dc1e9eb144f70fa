"""Every operation that changes a graph in place, and what a graph is, edits and all."""

from __future__ import annotations

import copy
import dataclasses
import functools
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from bytefig.configs import (
    VARARGS,
    Config,
    Partial,
    Tag,
    add_tag,
    assign,
    clear_tags,
    expand_default_factories,
    get_callable,
    iterate,
    materialize_defaults,
    remove_tag,
    replace_all_in_place,
    replace_in_place,
    select,
    set_tagged,
    set_tags,
    update_callable,
)
from bytefig.configs.diffing import apply_diff, build_diff
from bytefig.tracer import auto_config, inline, inline_all


class Size(Tag):
    """How large something is."""


class Rate(Tag):
    """How fast something is."""


@dataclasses.dataclass
class Inner:
    """What a factory makes."""

    size: int = 3


@dataclasses.dataclass
class Outer:
    """What has a factory."""

    inner: Inner = dataclasses.field(default_factory=Inner)
    names: list[str] = dataclasses.field(default_factory=list)
    size: int = 1


def layer(units: int = 1, rate: float = 0.5) -> None:
    """Have defaults."""


def several(first: int, second: int = 2, /, *rest: int, last: int = 9) -> None:
    """Take positional arguments."""


class Pair:
    """Two of something."""

    def __init__(self, left: object = None, right: object = None) -> None:
        """Keep them."""
        self.left, self.right = left, right


@auto_config(experimental_always_inline=False)
def leaf(number: int) -> Pair:
    """Be inlined."""
    return Pair(number, number)


@auto_config(experimental_always_inline=False)
def tree() -> Pair:
    """Be inlined, and bring others."""
    return Pair(leaf(1), leaf(2))


def graph() -> Any:
    """Return a graph with something of each kind, and edited already."""
    return copy.deepcopy(_template())


@functools.cache
def _template() -> Any:
    shared = Config(layer, 8)
    root = Config(
        dict,
        a=Config(layer, Size.new(4), rate=Rate.new(0.1)),
        b=[shared, {"c": shared, "d": (Config(layer), 1)}],
        outer=Config(Outer),
        partial=Partial(Outer),
        many=Config(several, 1, 2, 3, 4, 5),
        queue=deque([1, Config(layer, 2)], maxlen=9),
        ordered=OrderedDict(x=1, y=2),
        counts=defaultdict(int, {"n": 1}),
        trees=[Config(tree), Config(leaf, 3)],
    )
    root.a.units = 5
    add_tag(root.many, 3, Size)
    return root


def _other() -> Any:
    root = graph()
    update_callable(root.a, Pair, drop_invalid_args=True)
    root.b[0].rate = 0.25
    root.b.append(Config(Inner))
    root.outer.size = 7
    replace_in_place(root.partial, Config(Outer, size=2))
    remove_tag(root.many, 3, Size)
    add_tag(root.outer, "size", Rate)
    root.queue.append(3)
    root.ordered["z"] = 3
    del root.counts["n"]
    del root.trees
    return root


class Mutation(NamedTuple):
    """An operation: what makes its graph, and what changes it."""

    name: str
    change: Callable[[Any], object]


def _set_items(root: Any) -> None:
    root.many[1:3] = [20, 30]


def _set_varargs(root: Any) -> None:
    root.many[VARARGS:] = [Size.new(1), 2, 3, 4, 5, 6]


def _delete_items(root: Any) -> None:
    del root.many[2:4]


def _tagged(root: Any) -> None:
    root.b[0].rate = Rate.new(0.75)


def _delete(root: Any) -> None:
    del root.a.rate


def _set(root: Any) -> None:
    root.a.rate = 3


def mutations() -> list[Mutation]:
    """Return them all."""
    diff = build_diff(graph(), _other())
    return [
        Mutation("setattr", _set),
        Mutation("setattr of a tagged value", _tagged),
        Mutation("delattr", _delete),
        Mutation("set_items", _set_items),
        Mutation("set_items of *args", _set_varargs),
        Mutation("delete items", _delete_items),
        Mutation("select().set", lambda root: select(root, layer).set(rate=1, units=2)),
        Mutation("select().replace", lambda root: select(root, layer).replace(Config(Inner))),
        Mutation("select(tag=).set", lambda root: select(root, tag=Size).set(64)),
        Mutation("select(tag=).replace", lambda root: select(root, tag=Size).replace([1])),
        Mutation("apply_diff", lambda root: apply_diff(diff, root)),
        Mutation("assign", lambda root: assign(root.a, units=1, rate=2)),
        Mutation("update_callable", lambda root: update_callable(root.a, Pair, True)),
        Mutation("materialize_defaults", materialize_defaults),
        Mutation("expand_default_factories", lambda root: expand_default_factories(root.outer)),
        Mutation("inline", lambda root: inline(root.trees[0])),
        Mutation("inline_all", inline_all),
        Mutation("broadcast", lambda root: root.broadcast(units=7, size=8)),
        Mutation("walk", lambda root: root.walk(units=lambda node: [node.units])),
        Mutation("add_tag", lambda root: add_tag(root.a, "units", Rate)),
        Mutation("set_tags", lambda root: set_tags(root.a, "units", [Rate])),
        Mutation("remove_tag", lambda root: remove_tag(root.a, "units", Size)),
        Mutation("clear_tags", lambda root: clear_tags(root.a, "units")),
        Mutation("set_tagged", lambda root: set_tagged(root, tag=Size, value_fn=list)),
        Mutation("replace_in_place", lambda root: replace_in_place(root.a, Partial(Outer, size=2))),
        Mutation(
            "replace_all_in_place",
            lambda root: replace_all_in_place([(root.a, root.outer), (root.outer, Config(Inner))]),
        ),
    ]


def state(root: Any) -> list[object]:
    """Return all that a graph is: two graphs have the same if nobody can tell them apart."""
    numbers: dict[int, int] = {}
    values = [place.value for place in iterate(root)]
    for value in values:
        if type(value) not in (int, float, str):
            numbers.setdefault(id(value), len(numbers))

    def token(value: Any) -> object:
        return numbers[id(value)] if id(value) in numbers else _text(value)

    return [(token(value), *_details(value, token)) for value in values]


def _text(value: Any) -> object:
    """Return the text of a value; of a node that was replaced, only its kind and callable."""
    if isinstance(value, Config | Partial):
        return type(value).__name__, repr(get_callable(value))
    if isinstance(value, frozenset):
        return sorted(map(repr, value))
    return repr(value)


def _details(value: Any, token: Callable[[Any], object]) -> Iterator[object]:
    yield type(value)
    if isinstance(value, Config | Partial):
        yield value.__fn_or_cls__
        yield [(key, token(each)) for key, each in value.__arguments__.items()]
        yield {
            key: sorted(map(repr, tags)) for key, tags in (value.__argument_tags__ or {}).items()
        }
        yield [
            (edit.key, edit.kind, _text(edit.before), _text(edit.after))
            for edit in value.__history__ or ()
        ]
