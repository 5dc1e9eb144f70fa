"""Tests of `bytefig.configs.building.builder`."""

import abc
import collections
import copy
import errno
import functools
import logging
import threading

import pytest

from bytefig.configs import (
    ArgFactory,
    Buildable,
    BuildError,
    Config,
    CycleError,
    NestedBuildError,
    Partial,
    SavedProvenance,
    build,
)
from bytefig.configs.arg_factory import FreshArgument

Pair = collections.namedtuple("Pair", "left right")


def fn(x, y=2):
    return [x, y]


def positional(a, b=2, c=3, /):
    return a, b, c


def pack(*args, **kwargs):
    return args, kwargs


def fail(error):
    raise error


def divide(a, b):
    return a / b


def make_mark(x):
    return FreshArgument(list)


def build_inside(graph):
    return build(graph)


class OddConstructor(Exception):
    def __init__(self, code, *, detail):
        self.code = code
        self.detail = detail


class OddNew(Exception):
    def __new__(cls, code, detail):
        return super().__new__(cls, code, detail)


class OddGroup(ExceptionGroup):
    def __new__(cls, errors, code):
        made = super().__new__(cls, f"exit {code}", errors)
        made.code = code
        return made


class Frozen(Exception):
    def __setattr__(self, name, value):
        raise AttributeError("frozen")


class Final(Exception):
    def __init_subclass__(cls):
        raise RuntimeError("no subclasses")


class Slotted(Exception):
    __slots__ = ("code", "unset")


class SubError(BuildError):
    def __init__(self):
        self.args = ("sub",)


class OwnBuild(Config):
    __slots__ = ()

    def __build__(self, /, *args, **kwargs):
        return args, kwargs


class Base(Buildable):
    __slots__ = ()

    def __build__(self, /, *args, **kwargs):
        return args, kwargs


@pytest.mark.parametrize(
    ("graph", "expected"),
    [
        (Config(fn, 1), [1, 2]),
        (Config(fn, Config(fn, 1), y=Config(int)), [[1, 2], 0]),
        ([Config(int), 1], [0, 1]),
        ((Config(int),), (0,)),
        ({"k": Config(int), 1: "x"}, {"k": 0, 1: "x"}),
        (Pair(Config(int), [Config(list)]), Pair(0, [[]])),
        (Config(pack, 1, [Config(int)], k=(Config(str),)), ((1, [0]), {"k": ("",)})),
        (Config(positional, 1, 5), (1, 5, 3)),
        (Base(fn, 1), ((), {"x": 1})),
    ],
)
def test_result(graph, expected):
    result = build(graph)
    assert result == expected
    assert type(result) is type(expected)


def test_gap_before_a_positional_argument_gets_its_default():
    node = Config(positional, 1)
    node[2] = 9
    assert build(node) == (1, 2, 9)


def test_defaultdict_keeps_its_factory():
    built = build(collections.defaultdict(list, k=Config(int)))
    assert built == {"k": 0}
    assert built["new"] == []


def test_shared_values_are_built_once():
    shared, items = Config(list), [Config(dict)]
    built = build([shared, {"k": shared}, items, Config(pack, items, shared)])
    assert built[0] is built[1]["k"] is built[3][0][1]
    assert built[2] is built[3][0][0]


def test_equal_values_are_built_apart():
    first, second = build([Config(list), Config(list)])
    assert first is not second


def test_containers_are_new_and_leaves_are_not():
    leaf, items = {1, 2}, [1]
    built = build(Config(pack, leaf, items))[0]
    assert built[0] is leaf
    assert built[1] == items
    assert built[1] is not items


def test_subclasses_of_containers_are_leaves():
    class Special(list):
        pass

    special = Special([Config(int)])
    assert build([special, Config(int)])[0] is special


def test_order_of_calls_is_that_of_the_parameters():
    calls = []
    graph = Config(fn)
    graph.y = Config(calls.append, "y")
    graph.x = Config(calls.append, "x")
    build(graph)
    assert calls == ["x", "y"]


def test_graph_is_unchanged():
    shared = Config(fn, [1])
    graph = Config(fn, shared, {"k": [shared, Partial(fn, ArgFactory(list))]})
    before = copy.deepcopy(graph)
    build(graph)
    assert graph == before


def test_two_builds_share_nothing():
    graph = Config(list)
    assert build(graph) is not build(graph)


def test_cycle_is_named():
    items = []
    graph = {"k": [Config(fn, 1, items)]}
    items.append(graph["k"])
    with pytest.raises(CycleError) as caught:
        build(graph)
    assert caught.value.outer == "<root>['k']"
    assert caught.value.inner == "<root>['k'][0].y[0]"


def test_callable_failure():
    cause = KeyError("why")
    node = Config(fn, [Config(fail, cause)])
    with pytest.raises(BuildError) as caught:
        build([node])
    error = caught.value
    assert isinstance(error, KeyError)
    assert error.__cause__ is cause
    assert error.path == "<root>[0].x[0]"
    assert error.callable is fail
    assert str(error).splitlines() == [
        "cannot build fail at <root>[0].x[0]: KeyError: 'why'",
        f"  made at {node.x[0].__provenance__}",
        "  arguments: (error=KeyError('why'))",
        "  fix: change the arguments of <root>[0].x[0], or what fail does with them",
    ]


def test_failure_of_a_positional_argument_is_named_by_index():
    with pytest.raises(ZeroDivisionError) as caught:
        build(Config(pack, 1, Config(fail, ZeroDivisionError("z"))))
    assert caught.value.path == "<root>[1]"


def test_error_names_where_the_node_was_made():
    made = SavedProvenance("model.py", 12, 4, "make")
    with pytest.raises(ZeroDivisionError, match="made at model.py:12 in make"):
        build(Config.__from_bound__(fail, {"error": ZeroDivisionError()}, made))
    with pytest.raises(TypeError, match="made at model.py:12 in make"):
        build(Config.__from_bound__(fn, {}, made))


@pytest.mark.parametrize(
    "cause",
    [
        ValueError("v"),
        OSError(2, "no such file", "name"),
        UnicodeDecodeError("utf-8", b"x", 0, 1, "reason"),
        ImportError("i", name="n", path="p"),
        StopIteration(3),
        SyntaxError("s", ("f", 1, 2, "text")),
        OddConstructor(7, detail="d"),
        OddNew(1, 2),
        Frozen(),
        ExceptionGroup("group", [ValueError()]),
        OddGroup([ValueError(), OSError()], 3),
    ],
    ids=lambda cause: type(cause).__name__,
)
def test_error_is_of_the_type_of_its_cause(cause):
    with pytest.raises(BuildError, match="cannot build fail at <root>") as caught:
        build(Config(fail, cause))
    assert isinstance(caught.value, type(cause))
    assert caught.value.__cause__ is cause


def test_an_error_of_a_type_without_subclasses_is_raised_with_a_note():
    cause = Final("text")
    with pytest.raises(Final) as caught:
        build([Config(fail, cause)])
    assert caught.value is cause
    assert cause.__cause__ is None
    (note,) = cause.__notes__
    assert note.startswith("cannot build fail at <root>[0]\n  made at ")
    assert "fix: change the arguments of <root>[0]" in note


def test_an_error_of_pydantic_keeps_its_type():
    pydantic = pytest.importorskip("pydantic")
    model = pydantic.create_model("Model", a=(int, ...))
    with pytest.raises(pydantic.ValidationError) as caught:
        build([Config(model, a="x")])
    assert caught.value.errors()[0]["loc"] == ("a",)
    assert "at <root>[0]" in caught.value.__notes__[0]


def test_except_star_takes_the_group_of_a_callable_apart():
    found = []
    try:
        build(Config(fail, ExceptionGroup("several", [ValueError(1), OSError(2)])))
    except* ValueError as group:
        found.append(group)
    except* OSError as group:
        found.append(group)
    assert [list(map(type, group.exceptions)) for group in found] == [[ValueError], [OSError]]


def test_attributes_of_an_error_are_its_own():
    with pytest.raises(ImportError) as caught:
        build([Config(fail, ImportError("gone", name="some", path="/some/where.py"))])
    error = caught.value
    assert (error.path, error.node_path) == ("/some/where.py", "<root>[0]")
    assert error.callable is error.node_callable is fail
    # One build inside another, of which both have a path.
    with pytest.raises(ImportError) as caught:
        build({"k": Config(fail, error)})
    assert (caught.value.path, caught.value.node_path) == ("/some/where.py", "<root>['k']")


def test_attributes_of_the_cause_are_kept():
    with pytest.raises(FileNotFoundError) as missing:
        build(Config(fail, OSError(errno.ENOENT, "no such file", "name")))
    assert (missing.value.errno, missing.value.filename) == (errno.ENOENT, "name")
    with pytest.raises(OddConstructor) as odd:
        build(Config(fail, OddConstructor(7, detail="d")))
    assert (odd.value.code, odd.value.detail) == (7, "d")
    cause = Slotted("text")
    cause.code = 5
    with pytest.raises(Slotted) as slotted:
        build(Config(fail, cause))
    assert slotted.value.code == 5
    assert not hasattr(slotted.value, "unset")


def test_cause_that_is_a_build_error_already():
    with pytest.raises(SubError, match="cannot build fail at <root>: SubError: sub"):
        build(Config(fail, SubError()))


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_exits_pass_through(kind):
    cause = kind()
    with pytest.raises(kind) as caught:
        build(Config(fail, cause))
    assert caught.value is cause
    assert build(Config(int)) == 0


def test_arguments_whose_repr_fails_or_is_long():
    class Broken:
        def __repr__(self):
            raise RuntimeError

    with pytest.raises(BuildError) as caught:
        build(Config(pow, Broken(), "x" * 1000))
    assert "Broken object whose repr fails" in str(caught.value)
    assert "x" * 300 not in str(caught.value)


@pytest.mark.parametrize(
    ("graph", "text"),
    [
        (
            [Config(fn)],
            r"cannot build fn at <root>\[0\]: .* not set: 'x'\n  made at .*\n"
            r"  fix: set <root>\[0\].x$",
        ),
        (Config(pow, exp=2), r"not set: 'base'\n  made at .*\n  fix: set <root>.base$"),
        (Config(positional), r"not set: 'a'\n  made at .*\n  fix: set <root>\[0\]$"),
        (Config(pow), r"not set: 'base', 'exp'\n  made at .*\n  fix: set <root>.base, <root>.exp$"),
    ],
)
def test_missing_arguments(graph, text):
    with pytest.raises(BuildError, match=text) as caught:
        build(graph)
    assert isinstance(caught.value, TypeError)
    assert caught.value.callable is not None


def test_missing_positional_argument_of_a_partial():
    node = Partial(positional)
    node[1] = 1
    with pytest.raises(BuildError, match="needs its positional argument 0") as caught:
        build(node)
    assert isinstance(caught.value, TypeError)


def test_partial_needs_no_arguments():
    assert build(Partial(fn))(1) == [1, 2]


def test_own_build_method_may_do_without_arguments():
    assert build(OwnBuild(fn, y=3)) == ((), {"y": 3})


def supplied(fn):
    """Return the function with an argument that its signature does not tell of."""

    @functools.wraps(fn)
    def call(*args):
        return fn(*args, "supplied")

    return call


def shouts(error):
    @supplied
    def shout(x):
        raise error(x)

    return shout


class Shouts:
    @supplied
    def __init__(self, x):
        raise TypeError(x)


class ShoutsWhenNew:
    @supplied
    def __new__(cls, x):
        raise TypeError(x)


@pytest.mark.parametrize(
    "fn", [shouts(KeyError), shouts(TypeError), Shouts, ShoutsWhenNew], ids=lambda fn: fn.__name__
)
def test_an_argument_that_a_decorator_supplies_is_not_missing(fn):
    with pytest.raises(BuildError, match="supplied") as caught:
        build(Config(fn))
    assert "not set" not in str(caught.value)


def test_missing_argument_is_found_before_the_call():
    calls = []

    def record(x):
        calls.append(x)

    with pytest.raises(TypeError, match="not set: 'x'"):
        build(Config(record))
    assert calls == []


@pytest.mark.parametrize(
    ("graph", "path", "text"),
    [
        (ArgFactory(list), "<root>", "outside of any Partial"),
        ([ArgFactory(list)], "<root>", "outside of any Partial"),
        ({"k": (1, [ArgFactory(list)])}, "<root>", "outside of any Partial"),
        (Config(fn, ArgFactory(list)), "<root>.x", "of a Config"),
        ([Config(fn, 1, [ArgFactory(list)])], "<root>[0].y", "of a Config"),
        (Partial(fn, Config(fn, {"k": ArgFactory(list)})), "<root>.x.x", "of a Config"),
        (Config(pack, 1, ArgFactory(list)), "<root>[1]", "of a Config"),
        (Base(fn, ArgFactory(list)), "<root>.x", "of a Base"),
    ],
)
def test_misplaced_factory(graph, path, text):
    with pytest.raises(BuildError, match=text) as caught:
        build(graph)
    assert caught.value.path == path
    assert f"cannot build the ArgFactory at or in {path}: " in str(caught.value)
    assert "fix: use a Config here, or make the enclosing node a Partial" in str(caught.value)


def test_build_within_a_build():
    with pytest.raises(NestedBuildError, match="while another build runs in this thread") as caught:
        build([Config(build_inside, 1)])
    assert isinstance(caught.value, BuildError)
    assert caught.value.path == "<root>[0]"
    assert build(Config(int)) == 0


def test_build_after_a_failed_build():
    with pytest.raises(ZeroDivisionError):
        build(Config(fail, ZeroDivisionError()))
    assert build(Config(int)) == 0


def test_partial_may_build_when_called():
    assert build(Partial(build_inside))(Config(int)) == 0


@pytest.mark.needs_threads
def test_build_in_another_thread_within_a_build():
    def in_thread():
        results = []
        thread = threading.Thread(target=lambda: results.append(build(Config(int, "7"))))
        thread.start()
        thread.join()
        return results

    assert build(Config(in_thread)) == [7]


@pytest.mark.needs_threads
def test_threads_build_at_once():
    count = 4
    barrier = threading.Barrier(count)
    results = {}

    def meet(number):
        barrier.wait(timeout=60)
        return number

    def work(number):
        results[number] = build([Config(fn, Config(meet, number))])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {number: [[number, 2]] for number in range(count)}


@pytest.mark.parametrize("graph", [3, [1, {"k": 2}], {1, 2}, Config, None])
def test_nothing_to_build_is_logged(graph, caplog):
    assert build(graph) == graph
    (record,) = caplog.records
    assert record.name == "bytefig.configs"
    assert record.levelno == logging.WARNING
    assert "nothing to build: there is no Buildable in" in record.getMessage()
    assert record.getMessage().endswith(f"of type {type(graph).__name__}")


def test_something_to_build_is_not_logged(caplog):
    build([[{"k": Config(int)}]])
    assert caplog.records == []


@pytest.mark.parametrize(
    "node",
    [
        Config(fn, [1], Config(fail, ZeroDivisionError())),
        Config(fn, [1], ArgFactory(list)),
        Config(fn, y=[1, Config(int)]),
        Config(fn, [1], Config(build_inside, 1)),
    ],
)
def test_failing_build_changes_nothing(node):
    before = copy.deepcopy(node.__arguments__)
    with pytest.raises(BuildError):
        build(node)
    assert list(node.__arguments__) == list(before)
    assert repr(node.__arguments__) == repr(before)


def test_callable_may_edit_the_graph_being_built():
    items = []
    items += [Config(list), Config(items.clear), Config(dict)]
    assert build(items) == [[], None, {}]
    assert items == []


def test_node_made_during_a_build_is_not_mistaken_for_a_dead_one():
    def edit(x, y):
        first.__arguments__.clear()
        # Where the node of `x` was, if that is freed by now.
        second.x = Config(dict)
        return x

    first, second = Config(edit, Config(list), 0), Config(fn)
    assert build([first, second]) == [[], [{}, 2]]


class AlikeMeta(type):
    def __eq__(cls, other):
        return isinstance(other, AlikeMeta)

    def __hash__(cls):
        return 0


class Alike(metaclass=AlikeMeta):
    def __init__(self, x):
        self.x = x


class AlikeToo(metaclass=AlikeMeta):
    def __init__(self, y):
        self.y = y


class Abstract(abc.ABC):
    def __init__(self, x, y=0):
        self.x = x


class Unhashable:
    __hash__ = None

    def __call__(self, x):
        return [x]


def test_callables_that_compare_equal_are_told_apart():
    built = build([Config(kind, number) for number in range(3) for kind in (Alike, AlikeToo)])
    assert [vars(one) for one in built] == [{name: n} for n in range(3) for name in "xy"]


@pytest.mark.parametrize("kind", [Abstract, Alike, Unhashable()])
def test_nodes_of_one_callable_and_shape(kind):
    built = build([Config(kind, 1), [Config(kind, 2), Config(kind, Config(int, "3"))]])
    values = [one[0] if isinstance(one, list) else one.x for one in (built[0], *built[1])]
    assert values == [1, 2, 3]


def test_failure_of_a_node_like_the_one_before():
    with pytest.raises(ZeroDivisionError, match=r"arguments: \(a=1, b=0\)") as caught:
        build({"k": [Config(divide, a=1, b=1), Config(divide, a=1, b=0)]})
    assert caught.value.path == "<root>['k'][1]"


def test_failure_of_an_inner_node_like_the_one_before():
    inner, zero = Config(complex, real=1), Config(complex, real=0)
    nodes = [Config(divide, a=Config(complex, real=1), b=inner), Config(divide, inner, zero)]
    with pytest.raises(ZeroDivisionError) as caught:
        build(Config(pack, 0, nodes))
    assert caught.value.path == "<root>[1][1]"


def test_cycle_through_nodes_like_those_before():
    last = Config(fn, 1)
    nodes = [Config(fn, [Config(fn, 1)]), Config(fn, Config(fn, last))]
    last.x = nodes[1]
    with pytest.raises(CycleError) as caught:
        build(nodes)
    assert (caught.value.outer, caught.value.inner) == ("<root>[1]", "<root>[1].x.x.x")


def test_node_like_the_one_before_in_which_an_argument_is_missing():
    with pytest.raises(BuildError, match="not set: 'x'") as caught:
        build([Config(fn, 1), Config(fn, Config(int)), Config(fn, y=1)])
    assert caught.value.path == "<root>[2]"


def test_callable_that_makes_a_mark_of_a_fresh_argument():
    graph = [Config(make_mark, 1), Config(make_mark, 2)]
    with pytest.raises(BuildError, match="outside of any Partial"):
        build(graph)
    with pytest.raises(BuildError, match="outside of any Partial"):
        build([Config(make_mark, Config(int, 1)), Config(make_mark, Config(int, 2))])
    made = build(Partial(fn, Config(make_mark, 1), y=Config(make_mark, 2)))
    assert made() == [[], []]
