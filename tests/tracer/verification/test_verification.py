import collections
import contextlib
import dataclasses
import functools
import io
import random
import threading
import weakref

import attrs
import pytest

from bytefig.configs import Config
from bytefig.tracer import AutoConfig, NotAFunctionError, auto_config, exempt, verify
from bytefig.tracer.verification.differences import first_difference


class Dense:
    def __init__(self, units, inner=None):
        self.units = units
        self.inner = inner


class Model:
    def __init__(self, *layers, **named):
        self.layers = list(layers)
        self.named = named


@dataclasses.dataclass
class Point:
    x: object
    y: object = 0
    note: object = dataclasses.field(default=None, compare=False)


@attrs.define
class Slotted:
    x: object
    cached: object = attrs.field(default=0, eq=False)


class Slots:
    __slots__ = ("__private", "x")

    def __init__(self, x):
        self.x = x
        self.__private = x


class ByName:
    def __init__(self, name, other):
        self.name, self.other = name, other

    def __eq__(self, other):
        return self.name == other.name

    __hash__ = None


class Array:
    """Behaves like an array of numpy."""

    dtype = "float"

    def __init__(self, *items):
        self.items = items

    @property
    def shape(self):
        return (len(self.items),)

    def _each(self, other, compare):
        return Array(*map(compare, self.items, other.items))

    def __eq__(self, other):
        return self._each(other, lambda a, b: a == b)

    def __ne__(self, other):
        return self._each(other, lambda a, b: a != b)

    def __and__(self, other):
        return self._each(other, lambda a, b: a and b)

    def __or__(self, other):
        return self._each(other, lambda a, b: a or b)

    def __bool__(self):
        raise ValueError("ambiguous")

    def all(self):
        return all(self.items)

    __hash__ = None


def both():
    return Model(Dense(1), Dense(2), head=Dense(units=Point(1, [2])))


def with_partials():
    return functools.partial(Dense, 1, inner=Dense(2)), functools.partial(Dense, units=3)


def with_functions(n):
    count = [n]

    def inner(a, b=count, *, c=3):
        return count, a, b, c

    return Model(inner, lambda: n)


def with_sharing():
    layer = Dense(1)
    return [layer, layer, {"again": layer}]


def with_local_class():
    class Local:
        limit = 3

        def __init__(self, x):
            self.x = x

        def get(self):
            return Local, self.x

    return Local(Dense(1)), Local


@pytest.mark.parametrize(
    "fn, args",
    [
        (both, ()), (with_partials, ()), (with_functions, (3,)), (with_sharing, ()),
        (with_local_class, ()), (lambda x: Dense(x), ([],)), (lambda: float("nan"), ()),
        (lambda *a, **k: (a, k), (1, 2)), (lambda: None, ()),
        (lambda: [Dense(i) for i in range(3)], ()),
    ],
)  # fmt: skip
def test_same(fn, args):
    found = verify(fn, *args)
    assert found, str(found)
    assert found.same
    assert found.path is None
    assert str(found).endswith("the results are the same")


def test_auto_config_functions_and_their_kinds():
    class Maker:
        @auto_config
        @classmethod
        def make(cls, n):
            return Dense(n)

        def method(self, n):
            return Dense(n, self)

    assert verify(Maker.make, 3)
    assert verify(Maker().method, 3)
    assert verify(functools.partial(both))
    assert verify(auto_config(both))


class Counter:
    made = 0

    def __init__(self):
        Counter.made += 1
        self.number = Counter.made


def test_what_differs():
    found = verify(lambda: Model(Dense(Counter())))
    assert not found
    assert found.path == ".layers[0].units.number"
    assert (found.captured, found.called) == (found.called - 1, found.captured + 1)
    assert "<root>.layers[0].units.number: the values differ" in str(found)
    assert "  fix: " in str(found)


def test_sharing_that_only_the_call_makes():
    separate = AutoConfig(lambda: [[]] * 2, lambda: [Config(list), Config(list)])
    found = verify(separate)
    assert found.path == "[1]"
    assert found.reason == "the called is the object at <root>[0] again, the captured is not"


def fails(n):
    raise LookupError("no", n)


class Failing:
    def __init__(self):
        raise KeyError("inside")


def test_exceptions():
    found = verify(exempt(fails), 3)
    assert found and found.path is None and "both raise LookupError('no', 3)" in str(found)
    assert verify(lambda: Failing())
    assert not verify(lambda: Dense(units=1, nothing=2))
    found = verify(lambda: bool(Dense(1)))
    assert not found and found.reason == "only the captured one raises"
    assert found.called is True and "truth" in str(found.captured) and "fix" in str(found)
    found = verify(auto_config(lambda: 3))
    assert not found and found.called == 3
    different = iter([ValueError(1), ValueError(2)])

    @exempt
    def each():
        raise next(different)

    assert "different exceptions" in str(verify(each))


def test_what_cannot_be_captured():
    for thing in (len, 3, Dense):
        with pytest.raises(NotAFunctionError):
            verify(thing)


def test_iterators():
    found = verify(lambda: Model(i for i in range(3)))
    assert not found and found.path == ".layers[0]" and "iterator" in found.reason


def test_arguments_are_copied_or_shared():
    def grow(items):
        items.append(1)
        return Dense(items)

    mine = [0]
    assert verify(grow, mine)
    assert mine == [0]
    found = verify(grow, [threading.Lock()])
    assert "cannot be copied" in str(found)


def same(left, right):
    return first_difference(left, right) is None


def twice(make):
    return make(), make()


SHARED = Dense(3)


@pytest.mark.parametrize(
    "make",
    [
        lambda: {1: [2], (3, 4): {5}}, lambda: frozenset({1, (2, 3)}), lambda: Slots([1]),
        lambda: Slotted([1]), lambda: Point([1], {2: 3}), lambda: collections.deque([1], maxlen=3),
        lambda: collections.OrderedDict(a=[1], b=2), lambda: collections.defaultdict(list, a=[]),
        lambda: random.Random(3), lambda: complex("nan"), lambda: [float("nan")],
        lambda: ValueError("x", [1]), lambda: object(), lambda: {Dense(1): Dense(2)},
        lambda: {Dense(1), Dense(2), Dense((3,))}, lambda: Dense(Dense.__init__), lambda: Dense,
        lambda: Dense(1).__init__, lambda: [].append, lambda: slice(1, [2]), lambda: range(3),
        lambda: weakref.ref(SHARED), lambda: Array(1.0, float("nan")), lambda: b"x",
        lambda: collections.Counter("abca"), lambda: bytearray(b"x"), lambda: property(len),
        lambda: collections.UserDict(a=[1]), lambda: functools.partial(Dense, [1]),
    ],
)  # fmt: skip
def test_equal_values(make):
    left, right = twice(make)
    assert first_difference(left, right) is None
    assert first_difference([left, left], [right, right]) is None


@pytest.mark.parametrize(
    "left, right, path, reason",
    [
        (1, 2, "", "the values differ"), (1, "1", "", "types differ: int and str"),
        ([1, 2], [1], "", "lengths differ: 2 and 1"), ([1], (1,), "", "types differ"),
        ({"a": 1}, {"b": 1}, "", "first has the key 'a'"), ({}, {"b": 1}, "", "second has the key"),
        ({"a": [1]}, {"a": [2]}, "['a'][0]", "values"), ({1}, {2}, "", "has the element 1"),
        (Dense(1), Dense(2), ".units", "values"),
        (Slots(1), Slots(2), "._Slots__private", "values"),
        (Point(1, 2), Point(1, 3), ".y", "values"), (Slotted(1), Slotted(2), ".x", "values"),
        (Dense(1), Model(), "", "types differ"), (len, max, "", "values"),
        (ByName("a", 1), ByName("b", 1), ".name", "values"),
        (Array(1), Array(2), "", "elements"), (Array(1), Array(1, 2), "", "shapes"),
        (threading.Lock(), threading.Lock(), "", "no state"), (int, str, "", "different classes"),
        (lambda: 1, lambda: 2, "", "different functions"),
        (io.StringIO(), io.StringIO(), "", "iter"),
        (collections.OrderedDict(a=1, b=2), collections.OrderedDict(b=2, a=1), "", "order"),
        (functools.partial(Dense, 1), functools.partial(Dense, 2), "['units']", "values"),
        (functools.partial(Dense, 1), functools.partial(Model, 1), ".func", "different"),
        (collections.deque([1], 3), collections.deque([1], 4), ".maxlen", "values"),
        (1.0, float("nan"), "", "values"), (None, 0, "", "types"), (True, False, "", "values"),
        (random.Random(3), random.Random(4), "[2][1][1]", "values"),
        (Dense(1).__init__, Dense(2).__init__, ".__self__.units", "values"),
    ],
)  # fmt: skip
def test_different_values(left, right, path, reason):
    found = first_difference(left, right)
    assert found is not None
    assert reason in found.reason
    assert "".join(map(str, found.path)) == path


def test_what_equality_says_goes_before_the_state():
    assert same(ByName("a", 1), ByName("a", 2))
    assert same(Point(1, note=1), Point(1, note=2))
    assert same(Slotted(1, 2), Slotted(1, 3))
    assert same(1, 1.0)
    assert same({"a": 1, "b": 2}, {"b": 2, "a": 1})
    assert same(functools.partial(Dense, 1), functools.partial(Dense, units=1))


def test_sharing():
    for make in (list, dict, object, lambda: Dense(1), lambda: Point(1), lambda: Array(1)):
        one, two, three = make(), make(), make()
        for left, right in ([one, one], [two, three]), ([two, three], [one, one]):
            found = first_difference(left, right)
            assert found is not None and "<root>[0] again" in found.reason
    assert same([Point(one := [1]), one], [Point(two := [1]), two])
    assert not same([Point(one), one], [Point(two), [1]])
    text = "".join(["x"] * 1000)
    assert same([text, text], ["x" * 1000, "x" * 999 + "x"])
    assert same([(1, one), (1, one)], [(pair := (1, two)), pair])


def test_closures():
    def counter(start, step):
        def count():
            return start, step

        return count

    assert same(counter(1, [2]), counter(1, [2]))
    found = first_difference(counter(1, [2]), counter(1, [3]))
    assert "".join(map(str, found.path)) == ".step[0][0]"


def test_cycles_and_depth():
    def cyclic():
        first = Dense(1)
        first.inner = [first, {"me": first}]
        return first

    def deep(leaf, wrap):
        for _ in range(5_000):
            leaf = wrap(leaf)
        return leaf

    assert same(cyclic(), cyclic())
    for wrap in (lambda x: [x], lambda x: {"k": x}, lambda x: Dense(1, x), Slotted, Point):
        assert same(deep(1, wrap), deep(1, wrap))
        found = first_difference(deep(1, wrap), deep(2, wrap))
        assert found is not None and len(found.path) == 5_000

    def wide():
        value = ()
        for _ in range(100):
            value = (value, value, [])
        return value

    is_same = same(wide(), wide())
    assert is_same
    is_same = same(wide(), wide()[0])
    assert not is_same


def test_user_code_that_fails():
    class Bad:
        def __init__(self, x):
            self.x = x

        def __eq__(self, other):
            raise RuntimeError("no")

        def __reduce__(self):
            raise RuntimeError("no")

        __hash__ = None

    assert same(Bad(1), Bad(1))
    assert not same(Bad(1), Bad(2))
    assert not same(contextlib.nullcontext(1), contextlib.nullcontext(2))


class Drawn:
    def __init__(self):
        self.weight = random.random()


def two_drawn():
    late, early = Drawn(), Drawn()
    return Holder(early, late)


class Holder:
    def __init__(self, *parts):
        self.parts = parts


def test_a_seed_makes_random_results_the_same():
    found = verify(two_drawn)
    assert not found
    assert "call verify(two_drawn, seed=0)" in str(found)
    assert verify(two_drawn, seed=3)
    numpy = pytest.importorskip("numpy")
    assert verify(lambda: Holder(numpy.random.rand(3), Drawn()), seed=3)


def test_a_seed_of_the_function_is_its_own():
    assert not verify(lambda seed: Holder(seed, Drawn()), seed=3)
    assert verify(lambda seed: Holder(seed), seed=3)


def test_no_seed_is_asked_for_where_nothing_is_random():
    calls = iter(["a", "b"])
    assert "seed" not in str(verify(lambda: next(calls)))
