"""Which constructors can be read from bytecode, and which are refused."""

import functools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bytefig.configs import build
from bytefig.tracer import ConversionError, autoconvert
from bytefig.tracer.autoconvert.constructors import arguments_by_bytecode


@autoconvert
def keep(value):
    return value


REGISTRY = []


class Layer:
    def __init__(self, size):
        self.weights = [0] * size


class Settings:
    def __init__(self, size):
        self.size = size


def outside(obj, size):
    obj.size = size


def helper(obj):
    REGISTRY.append(obj)


# Classes and the arguments to make an object with; the arguments have to be found.
class Plain:
    def __init__(self, a, b=2):
        self.a = a
        self.__b = b


class Checks:
    def __init__(self, a, b=None):
        """Doc."""
        if not isinstance(a, int):
            raise TypeError(f"{a!r} is no int")
        elif a < 0 or b == 1:
            raise ValueError
        assert a, b
        self.a, self.b = a, b


class Properties:
    def __init__(self, a):
        self.a = a
        self.square = self.a

    @property
    def a(self):
        return self._value

    @a.setter
    def a(self, value):
        if value < 0:
            raise ValueError(value)
        self._value = value


class Slots:
    __slots__ = ("a", "b")

    def __init__(self, a, *, b):
        self.b = b
        self.a = a


class SlotsAndMore(Slots):
    def __init__(self, c, **kwargs):
        super().__init__(**kwargs)
        self.c = c


class Forwards(SlotsAndMore):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)


class OldStyle(Plain):
    def __init__(self, a, c):
        Plain.__init__(self, a, b=c)
        super(Plain, self).__init__()


class Named(Plain):
    def __init__(self, x, y=1):
        super().__init__(b=y, a=x)


class TakesTheSame(Plain):
    def __init__(self, b, **kwargs):
        super().__init__(**kwargs)
        self.other = b


class Variadic:
    def __init__(self, first, /, *rest, **more):
        self.first = first
        self.rest = rest
        self.more = more


class Derives:
    def __init__(self, size, name="x"):
        super().__init__()
        self.size = size
        self.name = name
        self.layer = Layer(size)
        self.layers = [Layer(each) for each in range(size)]
        for each in self.layers:
            each.weights.append(size)
        self.total = sum(len(each.weights) for each in self.layers) + len(name)
        self._reset(size)

    def _reset(self, size):
        self.steps = 0
        self.cache = {}
        self.half = size / 2


class ByMethod:
    def __init__(self, a):
        self._set(a, b=3)

    def _set(self, a, *, b):
        self.a = a
        self.b = b


class BySetattr:
    def __init__(self, a, b):
        object.__setattr__(self, "a", a)
        setattr(self, "b", b)
        super().__setattr__("c", 1)


class ByFunction:
    def __init__(self, size):
        outside(self, size)


class Branches:
    def __init__(self, a, flag=False):
        if flag:
            self.a = a
        else:
            self.a = a
        self.flag = flag


class Tries:
    def __init__(self, a):
        try:
            math.sqrt(a)
        except TypeError:
            raise
        except ValueError as error:
            self.problem = str(error)
        finally:
            self.done = True
        self.a = a


class Loops:
    def __init__(self, sizes):
        self.sizes = sizes
        self.layers = []
        for size in sizes:
            self.layers.append(Layer(size))


class FromSettings:
    def __init__(self, settings):
        self.settings = settings
        self.layer = Layer(settings.size)
        self.layers = [Layer(n) for n in range(settings.size)]


class Closure:
    def __init__(self, a):
        self.a = a
        self.get = lambda: a


class Twice:
    def __init__(self, a):
        self.a = self.b = a
        self.c = getattr(self, "a")


class Ignores:
    def __init__(self, a, unused=None, **more):
        self.a = a


class Swaps:
    def __init__(self, a, b):
        a, b = b, a
        self.first, self.second = a, b


class Conditional:
    def __init__(self, a):
        self.kind = type(self).__name__
        self.a = a if a else a


class NoArguments:
    pass


@pytest.mark.parametrize(
    "cls, args, kwargs",
    [
        (Plain, (1,), {"b": 3}),
        (Checks, (4, "x"), {}),
        (Properties, (4,), {}),
        (Slots, (1,), {"b": 2}),
        (SlotsAndMore, (1,), {"a": 2, "b": 3}),
        (Forwards, (), {"c": 1, "a": 2, "b": 3}),
        (OldStyle, (1, 2), {}),
        (Named, (1,), {"y": 3}),
        (Variadic, (1, 2, 3), {"k": 4}),
        (Variadic, (1,), {}),
        (Derives, (2, "abc"), {}),
        (ByMethod, (1,), {}),
        (BySetattr, (1, 2), {}),
        (ByFunction, (4,), {}),
        (Branches, (1, True), {}),
        (Tries, (-1,), {}),
        (Tries, (1,), {}),
        (Loops, ([1, 2],), {}),
        (Loops, ((1, 2),), {}),
        (Closure, (1,), {}),
        (Twice, (1,), {}),
        (Ignores, (1,), {}),
        (Swaps, (1, 2), {}),
        (Conditional, (1,), {}),
        (NoArguments, (), {}),
        (TakesTheSame, (3,), {"a": 1}),
    ],
)
def test_arguments_are_found(cls, args, kwargs):
    from bytefig.configs import signature_of

    obj = cls(*args, **kwargs)
    signature = signature_of(cls)
    wanted = signature.bind(args, kwargs)
    found = arguments_by_bytecode(obj)
    assert {key: found[key] for key in wanted} == wanted
    assert all(found[key] == signature.default(key) for key in found.keys() - wanted.keys())
    assert type(build(keep(obj))) is cls


def test_what_is_passed_to_a_constructor_that_only_reads_it():
    obj = FromSettings(Settings(3))
    assert build(keep(obj)).settings.size == 3


class Scales:
    def __init__(self, a):
        self.a = 2 * a


class Copies:
    def __init__(self, a):
        self.a = list(a)


class Sometimes:
    def __init__(self, a):
        if a:
            self.a = a


class Returns:
    def __init__(self, a):
        if not a:
            return
        self.a = a


class Fills:
    def __init__(self, a=None):
        if a is None:
            a = []
        self.a = a


class Either:
    def __init__(self, a):
        self.a = a or 3


class Overwrites:
    def __init__(self, a):
        self.a = a
        self._later()

    def _later(self):
        self.a = 3


class Rebinds:
    def __init__(self, a):
        a = a + 1
        self.a = a


class RebindsInside:
    def __init__(self, a):
        def change():
            nonlocal a
            a += 1

        change()
        self.a = a


class ByAnOptionOnly:
    def __init__(self, a, scale=1):
        self.a = a
        self.b = scale * a


class Appends:
    def __init__(self, a):
        self.a = a
        self.a.append(1)


class AppendsTo:
    def __init__(self, a):
        a.append(1)
        self.a = a


class AddsTo:
    def __init__(self, a):
        a += [1]
        self.a = a


class SetsItem:
    def __init__(self, a):
        self.a = a
        a[0] = 3


class SetsAttribute:
    def __init__(self, a):
        self.a = a
        a.size += 1


class CallsItsMethod:
    def __init__(self, a):
        self.a = a
        a.grow()


class PassesOn:
    def __init__(self, a):
        self.a = a
        REGISTRY.append(a)


class PassesElements:
    def __init__(self, a):
        self.a = a
        for each in a:
            helper(each)


class Escapes:
    def __init__(self, a):
        self.a = a
        helper(self)


class EscapesAsParent:
    def __init__(self, a):
        self.a = a
        a.parent = self


class UsesDict:
    def __init__(self, a):
        self.__dict__.update(a=a)


class UsesVars:
    def __init__(self, a):
        vars(self)["a"] = a


class SetsNames:
    def __init__(self, **more):
        for name, value in more.items():
            setattr(self, name, value)


class HasNew:
    def __new__(cls, a):
        return super().__new__(cls)

    def __init__(self, a):
        self.a = a


class SetsAttributes:
    def __setattr__(self, name, value):
        object.__setattr__(self, name, 2 * value)

    def __init__(self, a):
        self.a = a


class Reads:
    def __getattribute__(self, name):
        return object.__getattribute__(self, name)

    def __init__(self, a):
        self.a = a


class Meta(type):
    def __call__(cls, a):
        return super().__call__(a + 1)


class OfMeta(metaclass=Meta):
    def __init__(self, a):
        self.a = a


def decorated(init):
    @functools.wraps(init)
    def __init__(self, a):
        init(self, a + 1)

    return __init__


class Decorated:
    @decorated
    def __init__(self, a):
        self.a = a


class Descriptor:
    def __set_name__(self, owner, name):
        self.name = name

    def __set__(self, obj, value):
        vars(obj)["a"] = 2 * value


class Described:
    a = Descriptor()

    def __init__(self, a):
        self.a = a


class OwnProperty:
    a = property(lambda self: 1, lambda self, value: vars(self).update(a=2 * value))

    def __init__(self, a):
        self.a = a


class Recurses:
    def __init__(self, a):
        self.a = a
        self.__init__(a)


class Withs:
    def __init__(self, a):
        with memoryview(b""):
            self.a = a


class Lazy:
    def __init__(self, a):
        self.a = a
        self.parts = list(self._parts())

    def _parts(self):
        self.a += 1
        yield 1


class Deletes:
    def __init__(self, a):
        self.a = a
        del self.a


class Loses:
    def __init__(self, a, b):
        self.a = a
        del b


class ByPosition(Plain):
    def __init__(self, *args):
        super().__init__(*args)


class PassesTwice(Plain):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        Checks.__init__(self, **kwargs)


class Joins(Plain):
    def __init__(self, kwargs):
        super().__init__(**kwargs)


class OfList(list):
    def __init__(self, a):
        self.a = a


class Raises:
    def __init__(self, a):
        self.a = a
        raise NotImplementedError


class Mutable:
    def __init__(self):
        self.size = 1

    def grow(self):
        self.size += 1


@pytest.mark.parametrize(
    "cls, args",
    [
        *((cls, (3,)) for cls in (Scales, Sometimes, Returns, Either, Overwrites, Rebinds)),
        *((cls, (3,)) for cls in (RebindsInside, ByAnOptionOnly, Escapes, UsesDict, UsesVars)),
        *((cls, (3,)) for cls in (HasNew, SetsAttributes, Reads, OfMeta, Decorated, Described)),
        *((cls, (3,)) for cls in (OwnProperty, Withs, Lazy, OfList, Deletes, ByPosition)),
        (Fills, ()),
        *((cls, ([0],)) for cls in (Copies, Appends, AppendsTo, AddsTo, SetsItem, PassesOn)),
        *((cls, (Mutable(),)) for cls in (SetsAttribute, CallsItsMethod, EscapesAsParent)),
        *((cls, (Mutable(),)) for cls in (PassesOn,)),
        (PassesElements, ([Mutable()],)),
        (Loses, (1, 2)),
        (Joins, ({"a": 1},)),
    ],
)
def test_a_wrong_guess_is_worse_than_an_error(cls, args):
    obj = cls(*args)
    with pytest.raises(ConversionError) as caught:
        keep(obj)
    assert caught.value.type is cls


def test_other_refusals():
    for make in (lambda: SetsNames(a=1), lambda: PassesTwice(a=1)):
        with pytest.raises(ConversionError):
            keep(make())
    for cls in (Recurses, Raises):
        obj = cls.__new__(cls)
        obj.a = 1
        with pytest.raises(ConversionError, match="calls itself|never ends"):
            keep(obj)


def test_text_of_refusals():
    for obj, text in [
        (Escapes(1), "passes the object itself to a function that cannot be followed"),
        (UsesDict(1), "uses the __dict__ of the object"),
        (HasNew(1), "there is a __new__"),
        (OfMeta(1), "a metaclass of its own"),
        (Scales(1), "does not keep all parameters unchanged: a"),
    ]:
        with pytest.raises(ConversionError, match=text):
            keep(obj)


def test_values_that_cannot_be_changed_may_be_passed_to_anyone():
    assert keep(PassesOn(3)).a == 3
    assert keep(PassesOn((1, "a"))).a == (1, "a")
    assert keep(PassesElements([1, 2])).a == [1, 2]


def test_the_present_value_counts():
    obj = Plain(1, 2)
    obj.a = 7
    assert keep(obj).a == 7
    props = Properties(3)
    props.a = 4
    with pytest.raises(ConversionError, match="a was kept as _value and square, which are not"):
        keep(props)


def test_a_state_that_the_constructor_does_not_make_is_refused():
    cases = []
    for name, value in [("steps", 5), ("cache", {1: 2}), ("cache", None), ("extra", 1)]:
        obj = Derives(2)
        setattr(obj, name, value)
        cases.append(obj)
    gone = Derives(2)
    del gone.steps
    empty = NoArguments()
    empty.a = 1
    for obj in (*cases, gone, empty):
        with pytest.raises(ConversionError, match="any more|does not set"):
            keep(obj)


@pytest.mark.parametrize("constant", [None, True, False, "", -1, 7, "text"], ids=repr)
def test_every_kind_of_constant_is_a_state(constant):
    namespace = {}
    exec(f"class Kept:\n def __init__(self, a):\n  self.a, self.b = a, {constant!r}", namespace)
    obj = namespace["Kept"](1)
    assert keep(obj).a == 1
    obj.b = object()
    with pytest.raises(ConversionError, match="b is not what its constructor sets it to any more"):
        keep(obj)


def test_a_cached_property_is_no_state():
    class Caches:
        def __init__(self, a):
            self.a = a

        @functools.cached_property
        def twice(self):
            return 2 * self.a

    obj = Caches(3)
    assert obj.twice == 6
    assert keep(obj).a == 3


def test_a_changed_constructor_is_read_again():
    class Changes:
        def __init__(self, a):
            self.a = a

    obj = Changes(1)
    assert keep(obj).a == 1

    def __init__(self, a):
        self.a = 2 * a

    Changes.__init__ = __init__
    with pytest.raises(ConversionError):
        keep(obj)


def test_a_constructor_of_many_lines():
    lines = "\n".join(f"        self.a{n} = a{n}" for n in range(250))
    names = ", ".join(f"a{n}" for n in range(250))
    namespace = {}
    exec(f"class Wide:\n    def __init__(self, {names}):\n{lines}", namespace)
    obj = namespace["Wide"](*range(250))
    assert list(keep(obj).__arguments__.values()) == list(range(250))


# Generated classes

KEEPS = (
    "self.{p} = {p}",
    "self._{p} = {p}",
    "self.__{p} = {p}",
    "self.check({p}); self.{p} = {p}",
    "if {p} == 'bad': raise ValueError({p})\n        self.{p} = {p}",
    "self.keep_{p}({p})",
    "setattr(self, 'x_{p}', {p})",
    "x = {p}; self.{p} = x; self.also_{p} = self.{p}",
)
CHANGES = (
    "self.{p} = [{p}]",
    "self.{p} = {p} if {p} else 1",
    "if {p}: self.{p} = {p}",
    "{p} = ({p}, 1); self.{p} = {p}",
    "self.{p} = {p}; self.{p} = 3",
    "self.{p} = str({p})",
)
EXTRAS = (
    "pass",
    "self.made = []; self.made.append(1)",
    "self.count = 0",
    "self.text = f'{len(self.__class__.__name__)}'",
    "for each in range(3): self.last = each",
    "self.table = {k: k for k in 'ab'}",
    "try: self.number = int('x')\n        except ValueError: self.number = 1",
)

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.floats(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=2)
    ),
    max_leaves=5,
)


@st.composite
def classes(draw, keeps=KEEPS):
    names = draw(st.lists(st.sampled_from("abcd"), min_size=1, max_size=4, unique=True))
    inherited = names[: draw(st.integers(0, len(names) - 1))]
    own = names[len(inherited) :]
    bodies = {name: draw(st.sampled_from(keeps)).format(p=name) for name in names}
    source = [
        "class Base:",
        "    def check(self, value): isinstance(value, int)",
        *(f"    def keep_{name}(self, value): self.kept_{name} = value" for name in "abcd"),
        "    def __eq__(self, other): return vars(self) == vars(other)",
        f"    def __init__(self{''.join(f', {name}' for name in inherited)}):",
        "        pass",
        *(f"        {bodies[name]}" for name in inherited),
        "class Made(Base):",
    ]
    forward = draw(st.sampled_from(["names", "keywords"])) if inherited else "none"
    default = draw(st.sampled_from(["", "=None", "=0"]))
    parameters = [f"{name}{default}" for name in own]
    if forward == "names":
        parameters = [*inherited, *parameters]
        passed = ", ".join(f"{name}={name}" for name in inherited)
    elif forward == "keywords":
        parameters.append("**more")
        passed = "**more"
    else:
        passed = ""
    source.append(f"    def __init__(self, {', '.join(parameters)}):")
    lines = [bodies[name] for name in own]
    lines.insert(draw(st.integers(0, len(lines))), f"super().__init__({passed})")
    lines.insert(draw(st.integers(0, len(lines))), draw(st.sampled_from(EXTRAS)))
    source += [f"        {line}" for line in lines]
    namespace = {}
    exec("\n".join(source), namespace)
    return namespace["Made"], names


@settings(max_examples=60)
@given(classes(), st.data())
def test_rebuilding_gives_an_equal_object(made, data):
    cls, names = made
    arguments = {name: data.draw(values) for name in names}
    obj = cls(**arguments)
    config = keep([obj, {"k": obj}])
    assert config[0] is config[1]["k"]
    built = build(config)
    assert built[0] == obj and built[1]["k"] is built[0] is not obj
    outer = Settings(obj)
    assert build(keep(outer)).size == obj


@settings(max_examples=60)
@given(classes(KEEPS + CHANGES), st.data())
def test_an_object_is_rebuilt_equal_or_refused(made, data):
    cls, names = made
    obj = cls(**{name: data.draw(values) for name in names})
    try:
        config = keep(obj)
    except ConversionError:
        return
    assert build(config) == obj
