"""Arguments against annotations."""

import collections
import dataclasses
import enum
import functools
import pickle
import sys
import types
import typing
from collections import abc

import pytest
from case_names import stable_name
from hypothesis import given, settings
from hypothesis import strategies as st

from bytefig.configs import (
    NO_VALUE,
    VARARGS,
    ArgFactory,
    Config,
    ConfigError,
    Partial,
    Tag,
    TaggedValue,
    ValidationError,
    check,
    unresolved_hints,
    update_callable,
    validate,
)

T = typing.TypeVar("T")
Bound = typing.TypeVar("Bound", bound=int)
Either = typing.TypeVar("Either", int, str)
P = typing.ParamSpec("P")
UserId = typing.NewType("UserId", int)
Json = dict[str, "Json"] | list["Json"] | str | None


class Known(Tag):
    """Known."""


class Color(enum.Enum):
    RED = 1


class Base:
    def __init__(self, x: int = 0):
        self.x = x

    @classmethod
    def make(cls) -> typing.Self:
        return cls()


class Derived(Base):
    def run(self):
        pass


class Open(typing.Protocol):
    def run(self): ...


@typing.runtime_checkable
class Runs(typing.Protocol):
    def run(self): ...


@typing.runtime_checkable
class HasX(typing.Protocol):
    x: int


class Movie(typing.TypedDict):
    title: str
    year: typing.NotRequired[int]


class Point(typing.NamedTuple):
    x: int
    y: int


class Stack(list[T]):
    pass


class Fussy(type):
    def __instancecheck__(cls, instance):
        raise TypeError("no")


class Strange(metaclass=Fussy):
    pass


def gives_int() -> int: ...
def gives_maybe() -> Base | None: ...
def gives_list() -> list[int]: ...
def gives_literal() -> typing.Literal["a"]: ...
def gives_anything(): ...
def gives_callable() -> abc.Callable[[], int]: ...
async def later() -> int: ...
def one(a): ...
def two(a, b): ...
def keyword(*, k): ...


TABLE = [
    # hint, values that fit, values that do not
    (int, [1, True, Config(int), Config(gives_int), Config(bool)], ["a", 1.5, None, Config(str)]),
    (float, [1, 1.5, True, Config(int), Config(gives_int)], ["a", 1j, Config(str)]),
    (complex, [1, 1.5, 1j, Config(float)], ["a"]),
    (str, ["a", Config(str), Config(gives_anything), Config(later)], [b"a", Config(gives_list)]),
    (bytes, [b""], ["", bytearray()]),
    (None, [None], [0, Config(int)]),
    (object, [1, None, Config(Base), Partial(Base)], []),
    (typing.Any, [1, None, Config(Base), Partial(Base)], []),
    (getattr(typing, "Optional")[int], [1, None, Config(int)], ["a", Config(Base)]),
    (int | str | None, [1, "a", None, Config(str)], [1.5, [], Config(Base)]),
    (
        typing.Literal["a", 1, None],
        ["a", 1, None, Config(str), Config(gives_literal)],
        ["b", True, Config(Base)],
    ),
    (typing.Annotated[int, "doc"], [1], ["a"]),
    (typing.Final[int], [1], ["a"]),
    (UserId, [1, Config(int)], ["a"]),
    (T, [1, "a", Config(int)], []),
    (Bound, [1], ["a"]),
    (Either, [1, "a"], [1.5]),
    (typing.LiteralString, ["a"], [1]),
    (typing.Never, [], [1, Config(int)]),
    (typing.NoReturn, [], [None]),
    (typing.Self, [1], []),
    (typing.TypeGuard[int], [True], ["a"]),
    (Color, [Color.RED], [1, "RED"]),
    (
        Base,
        [Base(), Derived(), Config(Derived), Config(Derived.make), Config(gives_maybe)],
        [1, Base, Config(gives_int), Partial(Base)],
    ),
    (Derived, [Derived(), Config(Derived)], [Base(), Config(Base)]),
    (Open, [1, Config(int)], []),
    (Runs, [Derived(), Config(Derived)], [Base(), 1, Config(Base)]),
    (HasX, [Base(), Config(Base), Config(int)], [1]),
    (Strange, [1], []),
    (list, [[], [1], Stack(), Config(list)], [(), {}, Config(dict)]),
    (list[int], [[], [1], [Config(int)], Config(list), Config(gives_list)], [(1,), Config(tuple)]),
    (set[int], [{1}, set()], [{"a"}, [1], frozenset({1})]),
    (frozenset[str], [frozenset({"a"})], [frozenset({1}), {"a"}]),
    (collections.deque[int], [collections.deque([1])], [[1]]),
    (list[int], [[1]], [("a",)]),
    (abc.Sequence[str], [["a"], ("a",), "a", Config(list), range(0)], [{"a"}, 1]),
    (abc.Iterable[int], [[1], {1}, range(3), iter("a"), {1: "a"}], [1, {"a": 1}]),
    (abc.Iterator[int], [iter([])], [[1]]),
    (abc.Collection, [[1], {1}], [1]),
    (tuple, [(), (1, "a")], [[]]),
    (tuple[int, str], [(1, "a"), (Config(int), "a")], [(1,), [1, "a"]]),
    (tuple[int, ...], [(), (1, 2)], [[1]]),
    (tuple[()], [()], [(1,)]),
    (tuple[int, *tuple[str, ...]], [(1, "a", "b")], [[1]]),
    (Point, [Point(1, 2), Config(Point, 1, 2)], [(1, 2)]),
    (dict[str, int], [{"a": 1}, {}, Config(dict)], [{1: 1}, [("a", 1)]]),
    (abc.Mapping[str, int], [{"a": 1}, types.MappingProxyType({})], [{1: 1}, []]),
    (collections.defaultdict[str, int], [collections.defaultdict(int, a=1)], [{"a": 1}]),
    (collections.Counter[str], [collections.Counter("aab")], [collections.Counter([1]), {"a": 1}]),
    (
        Movie,
        [{"title": "a"}, {"title": "a", "year": 1}, Config(dict)],
        [{}, {"title": "a", "x": 1}, [], Config(list)],
    ),
    (type, [int, list[int], Base], [1, "a", Partial(Base), Config(Base)]),
    (type[Base], [Base, Derived], [int, Base(), Config(Base)]),
    (type[typing.Any], [int], [1]),
    (type[int | str], [int, str, bool], [float]),
    (type[T], [int], [1]),
    (type[Base], [Derived], [int]),
    (
        abc.Callable,
        [one, int, Partial(Base), Config(gives_callable), Config(functools.partial)],
        [1, Config(Base)],
    ),
    (typing.Callable, [one, len], [1]),
    (
        abc.Callable[[int], typing.Any],
        [one, len, functools.partial(two, 1), lambda *a: 0, Partial(Base)],
        [two, keyword, gives_int, 1],
    ),
    (
        abc.Callable[..., Base],
        [Base, Derived, gives_maybe, gives_anything, Partial(Derived)],
        [int, gives_int, Partial(gives_int)],
    ),
    (abc.Callable[..., None], [one, gives_int, Partial(Base)], [1]),
    (abc.Callable[P, int], [one, gives_int], [1]),
    (functools.partial, [functools.partial(one), Partial(one)], [one, 1]),
    (Stack[int], [Stack()], [[1]]),
    (getattr(typing, "Union")[list[int], str], [[1], "a"], [1]),
]

CASES = [
    *[(hint, value, True) for hint, fit, _ in TABLE for value in fit],
    *[(hint, value, False) for hint, _, unfit in TABLE for value in unfit],
]


def taking(hint):
    def fn(value): ...

    fn.__annotations__["value"] = hint
    return fn


@pytest.mark.parametrize("hint, value, fits", CASES, ids=stable_name)
def test_table(hint, value, fits):
    found = [
        problem
        for problem in validate(Config(taking(hint), value))
        if problem.path == "<root>.value"
    ]
    assert [problem.kind for problem in found] == ([] if fits else ["type"])
    assert all(problem.value is value for problem in found)


@pytest.mark.parametrize(
    "hint, value, path, expected",
    [
        (list[int], [1, "a", 2], "[1]", "int"),
        (list[list[int]], [[1], ["a"]], "[1][0]", "int"),
        (collections.deque[int], collections.deque(["a"]), "[0]", "int"),
        (tuple[int, str], (1, 2), "[1]", "str"),
        (tuple[int, int], Point(1, "a"), ".y", "int"),
        (dict[str, list[int]], {"k": [None]}, "['k'][0]", "int"),
        (list[int] | None, [1, "a"], "[1]", "int"),
        (list[int] | list[str], [1, "a"], "", "list[int] | list[str]"),
        (Movie, {"title": 1}, "['title']", "str"),
        (list[Base], [Config(Derived), Config(int)], "[1]", "Base"),
        (abc.Sequence[abc.Callable[..., typing.Any]], (one, 5), "[1]", "Callable"),
    ],
)
def test_paths_inside_containers(hint, value, path, expected):
    (problem,) = validate(Config(taking(hint), value))
    assert problem.path == f"<root>.value{path}"
    assert problem.expected.startswith("expected ")
    assert expected in problem.expected


def layer(units: int, rate: float = 0.5, act: str = None, *args: int, **rest: "str"):  # noqa: RUF013
    return units


def only(a: int, b: int = 2, /, *, k: int): ...


def test_missing_arguments():
    problems = validate([Config(layer), Config(only), ArgFactory(only), Partial(only)])
    assert [(problem.path, problem.kind) for problem in problems] == [
        ("<root>[0].units", "missing"),
        ("<root>[1][0]", "missing"),
        ("<root>[1].k", "missing"),
        ("<root>[2][0]", "missing"),
        ("<root>[2].k", "missing"),
    ]
    assert problems[0].value is NO_VALUE
    assert problems[0].expected == "layer needs it (expected int)"
    assert problems[0].provenance.function == "test_missing_arguments"


def test_a_partial_needs_what_is_before_a_position():
    partial = Partial(only)
    partial[1] = 3
    assert [problem.path for problem in validate(partial)] == ["<root>[0]"]
    partial = Partial(layer)
    partial[VARARGS:] = [1]
    assert [problem.path for problem in validate(partial)] == ["<root>.units"]


def test_unknown_arguments():
    node = Config(layer, 1)
    update_callable(node, only, drop_invalid_args=True)
    node.__arguments__.update({"kk": 1, 0: 1, 7: 2, "k": 1})
    problems = validate(node)
    assert [(problem.path, problem.kind) for problem in problems] == [
        ("<root>[7]", "unknown"),
        ("<root>.kk", "unknown"),
    ]
    assert "takes 3 positional" in problems[0].expected or "takes" in problems[0].expected
    assert "did you mean 'k'" in problems[1].expected


def test_variadic_arguments():
    node = Config(layer, 1, 2.0, "a", 4, "five", z=6)
    assert [(problem.path, problem.expected) for problem in validate(node)] == [
        ("<root>[4]", "expected int"),
        ("<root>.z", "expected str"),
    ]


def test_a_default_fits_always():
    assert validate(Config(layer, 1, act=None)) == []


def test_factories_and_tagged_values():
    good = Partial(layer, ArgFactory(gives_int), act=ArgFactory(str))
    assert validate(good) == []
    assert [p.path for p in validate(Partial(layer, ArgFactory(str)))] == ["<root>.units"]
    node = Config(taking(list[int]), [TaggedValue([Known]), TaggedValue([Known], default=1)])
    assert [(p.path, p.kind) for p in validate(node)] == [("<root>.value[0].value", "missing")]
    node = Config(taking(list[int]), [TaggedValue([Known], default="a")])
    assert [(p.path, p.kind) for p in validate(node)] == [("<root>.value[0]", "type")]


def test_problems_say_where_they_were_set():
    node = Config(layer, 1)
    node.units = "a"
    node.rate = "b"
    first, second = validate(node)
    assert second.provenance.line == first.provenance.line + 1
    assert str(first) == (
        f"<root>.units = 'a': expected int\n    set at {__file__}:{first.provenance.line}"
        " in test_problems_say_where_they_were_set"
    )


def test_check():
    check(Config(layer, 1))
    with pytest.raises(ValidationError, match="2 arguments do not fit") as caught:
        check([Config(layer), Config(layer, "a")])
    assert isinstance(caught.value, ConfigError) and isinstance(caught.value, TypeError)
    assert len(caught.value.problems) == 2
    assert "<root>[0].units is not set: layer needs it (expected int)" in str(caught.value)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_a_shared_node_is_checked_once():
    node = Config(layer, "a")
    assert [problem.path for problem in validate([node, node])] == ["<root>[0].units"]


def test_cycles_are_fine():
    node = Config(taking(Json))
    node.value = [node]
    assert [problem.path for problem in validate(node)] == []
    items = []
    items.append(items)
    assert validate(Config(taking(list[list[int]]), items)) != []


def test_recursive_hints():
    value = "leaf"
    for _ in range(10_000):
        value = [value]
    assert validate(Config(taking(Json), value)) == []


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the type statement is new in 3.12")
def test_type_statements():
    namespace = {}
    exec("type Tree = list[Tree] | int\ntype Of[T] = list[T]\ntype Self = Self", namespace)
    tree = namespace["Tree"]
    assert validate(Config(taking(tree), [1, [2, [3]]])) == []
    assert [p.path for p in validate(Config(taking(tree), [1, ["a"]]))] == ["<root>.value[1][0]"]
    assert validate(Config(taking(namespace["Of"][int]), [1])) == []
    assert validate(Config(taking(namespace["Of"][int]), 1)) != []
    assert validate(Config(taking(namespace["Self"]), 1)) == []


def test_deep_graphs():
    def link(x: Base | int | None = None) -> Base: ...

    node = Config(link, "wrong")
    depth = 20_000
    for _ in range(depth):
        node = Config(link, node)
    (problem,) = validate(node)
    assert problem.path == "<root>" + ".x" * (depth + 1)


def test_many_problems():
    def link(x: Base, y: int) -> Base: ...

    node = Config(link, Base(), "wrong")
    for _ in range(5000):
        node = Config(link, node, "wrong")
    with pytest.raises(ValidationError, match="and 4981 more"):
        check(node)


def test_unresolved_hints():
    def fn(a: "Missing", b: "int", *rest: "Missing.x") -> "Gone": ...

    fn.__annotations__["c"] = 5
    nodes = [Config(fn, 1, "wrong", 3), Config(fn, 2, 3)]
    assert [problem.path for problem in validate(nodes)] == ["<root>[0].b"]
    found = unresolved_hints([*nodes, 5])
    assert [(str(hint.place), hint.parameter, hint.text) for hint in found] == [
        ("<root>[0]", "a", "Missing"),
        ("<root>[0]", "rest", "Missing.x"),
        ("<root>[0]", "return", "Gone"),
    ]


def test_names_are_imported_when_they_are_used():
    import bytefig.configs

    assert bytefig.configs.validate is validate
    with pytest.raises(AttributeError, match="has no attribute 'validat'"):
        bytefig.configs.validat


def test_callables_without_a_signature():
    assert validate(Config(map, 1, 2)) == []
    assert validate(Config(dict, a=1)) == []


def test_dataclasses():
    @dataclasses.dataclass
    class Trainer:
        base: Base
        steps: dataclasses.InitVar[int]
        names: list[str] = dataclasses.field(default_factory=list)

    assert validate(Config(Trainer, Config(Derived), 5)) == []
    assert [problem.path for problem in validate(Config(Trainer, Config(int), "a", [1]))] == [
        "<root>.base",
        "<root>.steps",
        "<root>.names[0]",
    ]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=2) | st.floats(),
    lambda child: (
        st.lists(child, max_size=3)
        | st.dictionaries(st.text(max_size=2) | st.integers(), child, max_size=3)
        | st.tuples(child, child)
    ),
    max_leaves=6,
)


def hint_of(value):
    """Return a hint that a value fits, made from the value."""
    if isinstance(value, list):
        return list[functools.reduce(lambda one, other: one | other, map(hint_of, value), int)]
    if isinstance(value, tuple):
        return tuple[tuple(map(hint_of, value))]
    if isinstance(value, dict):
        keys, items = (
            functools.reduce(lambda one, other: one | other, map(hint_of, part), int)
            for part in (value.keys(), value.values())
        )
        return dict[keys, items]
    return type(value)


@settings(max_examples=200)
@given(VALUES)
def test_values_fit_the_hints_made_from_them(value):
    assert validate(Config(taking(hint_of(value)), value)) == []


@settings(max_examples=200)
@given(VALUES, VALUES)
def test_problems_lead_to_the_value(value, other):
    for problem in validate([Config(taking(hint_of(value)), other)]):
        assert problem.path.startswith("<root>[0].value")
        assert problem.kind == "type"
