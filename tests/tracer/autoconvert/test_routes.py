"""How objects give their constructor arguments back, but for the bytecode."""

import abc
import asyncio
import copy
import dataclasses
import gc
import pathlib
import sys
import threading
import weakref
from typing import Any

import attrs
import pytest

from bytefig.configs import Config, Partial, build
from bytefig.tracer import (
    ConversionError,
    NotAFunctionError,
    autoconvert,
    capture,
    recorded,
    recording,
)
from bytefig.tracer.autoconvert.converters import converter_of
from bytefig.tracer.autoconvert.recipes import recipe_of


@autoconvert
def keep(value):
    return value


def refused(obj, text):
    with pytest.raises(ConversionError, match=text) as caught:
        keep(obj)
    return caught.value


class Scaled:
    def __init__(self, size):
        self.twice = 2 * size

    def __eq__(self, other):
        return type(self) is type(other) and self.twice == other.twice


class Model:
    def __init__(self, size=3):
        self.size = size


def rebuilt(obj, route):
    assert recipe_of(obj).route == route
    made = build(keep(obj))
    assert made == obj and made is not obj
    return made


# Registered converters


def test_registered_converters():
    class Base:
        def __init__(self, size):
            self.twice = 2 * size

    class Derived(Base): ...

    class Other(Base): ...

    @autoconvert.register(Base)
    def convert(obj):
        return Config(Base, [Model(obj.twice // 2), Config(Base, Model(1))])

    assert convert is converter_of(Derived(1)) and not isinstance(convert, type)
    node = Config(Base, [Config(Model, 2), Config(Base, Config(Model, 1))])
    assert keep(Base(2)) == node
    error = refused(Derived(2), "that of a base class, and makes a .*Base of it")
    assert error.type is Derived
    autoconvert.register(Other, lambda obj: Config(type(obj), obj.twice // 2))
    assert keep(Other(2)) == Config(Other, 2)


def test_a_converter_may_pass_a_value_on():
    class Handle: ...

    autoconvert.register(Handle, lambda handle: handle)
    handle = Handle()
    assert keep([handle])[0] is handle
    assert build(keep(dataclasses.make_dataclass("Owner", ["handle"])(handle))).handle is handle

    class Name(list): ...

    autoconvert.register(Name, str)
    assert keep({"a": Name([1])}) == {"a": "[1]"}


def test_a_converter_of_an_abstract_class():
    class Walks(abc.ABC):
        """Is registered for good, so it is no base of lists that other tests make."""

        @classmethod
        def __subclasshook__(cls, other):
            return other in (Dog, list, int, Steps)

    class Dog:
        def __init__(self, legs):
            self.paws = 2 * legs

    class Steps(list): ...

    class Pairs(tuple): ...

    autoconvert.register(Walks, lambda obj: Config(dict, a=len(type(obj).__name__)))
    assert (keep(Dog(4)), keep(Steps())) == (Config(dict, a=3), Config(dict, a=5))
    assert keep([1, 2]) == [1, 2] and keep(3) == 3 and keep(int) is int
    refused(Pairs(), "its constructor")


def test_an_error_of_a_converter_is_the_user_s():
    class Broken: ...

    autoconvert.register(Broken, lambda obj: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        keep(Broken())


@pytest.mark.parametrize("arguments", [(3,), ("Model",), (Model, 3), (list, list)])
def test_wrong_registrations(arguments):
    with pytest.raises(NotAFunctionError, match="register (needs a|cannot take list)"):
        autoconvert.register(*arguments)


# to_config()


def test_to_config():
    class Own(Scaled):
        def to_config(self):
            return Partial(Own, [Model(self.twice // 2)])

    assert keep(Own(2)) == Partial(Own, [Config(Model, 2)])

    class Derived(Own): ...

    refused(Derived(2), r"to_config\(\) is that of a base class, and makes a .*Own of it")


def test_a_to_config_that_does_something_else():
    class Text(Model):
        def to_config(self):
            return "text"

    class Fails(Model):
        def to_config(self, path):
            raise AssertionError("it is not called without a path")

    class Static(Model):
        @staticmethod
        def to_config():
            raise AssertionError("it is about no object")

    refused(Text(), r"its to_config\(\) returned 'text', which is no node")
    refused(Fails(), r"its to_config\(\) failed: TypeError")
    assert keep(Static(2)) == Config(Static, 2)


# Recorded constructions


def test_recorded():
    @recorded
    class Kept(Scaled):
        """Doc."""

        def __init__(self, size, *rest, rate=0.5, **more):
            super().__init__(size)
            self.rate = rate

    assert Kept.__doc__ == "Doc." and Kept.__init__.__wrapped__
    assert keep(Kept(3, 4, rate=1, name=Model(1))).__arguments__ == {
        "size": 3,
        1: 4,
        "rate": 1,
        "name": Config(Model, 1),
    }
    obj = Kept(3, rate=1)
    obj.rate = 7
    assert keep(obj) == Config(Kept, 3, rate=7)  # what it is now


def test_recorded_subclasses():
    @recorded
    class Base(Scaled):
        def __init__(self, size):
            super().__init__(size)

    class Same(Base): ...

    class Other(Base):
        def __init__(self, other):
            super().__init__(other * 2)

    @recorded
    class Again(Other):
        def __init__(self, again):
            super().__init__(again)

    assert keep(Same(3)) == Config(Same, 3)
    assert keep(Again(3)) == Config(Again, 3)
    refused(Other(3), "unchanged: other")


def test_a_copy_of_a_recorded_object_is_not_recorded():
    @recorded
    class Kept:
        def __init__(self, size):
            self.size = size

    class Derived(Kept):
        def __init__(self, other):
            super().__init__(other)

    for obj in (copy.copy(Kept(3)), Derived(3)):
        assert recipe_of(obj).route == "bytecode"
        assert build(keep(obj)).size == 3


def test_recorded_is_weak():
    @recorded
    class Kept(Scaled):
        def __init__(self, size):
            super().__init__(1)

    class Argument: ...

    argument = Argument()
    obj = Kept(argument)
    seen = weakref.ref(argument)
    del argument
    gc.collect()
    assert seen() is not None  # the object may be asked for it
    del obj
    gc.collect()
    assert seen() is None


def test_a_constructor_that_fails_records_nothing():
    made = []

    @recorded
    class Fails(Scaled):
        def __init__(self, size):
            made.append(self)
            super().__init__(size)
            raise ValueError("no size")

    with pytest.raises(ValueError, match="no size"):
        Fails(1)
    refused(made[0], "its constructor")


def test_classes_that_cannot_be_recorded():
    class Slotted:
        __slots__ = ("a",)

        def __init__(self, a):
            self.a = a

    for cls, text in [(Slotted, "add '__weakref__'"), (int, "register"), (3, "register")]:
        with pytest.raises(NotAFunctionError, match=text):
            recorded(cls)
    assert not hasattr(Slotted.__init__, "__wrapped__")


def test_recording():
    before = sys.getprofile()
    with recording():
        first = Scaled(2)
        with recording():
            second = Scaled(size=3)
        third = Scaled(4)
        model = Model()
    after = Scaled(2)
    assert sys.getprofile() is before
    assert [keep(each).size for each in (first, second, third)] == [2, 3, 4]
    assert keep(model).__arguments__ == {}
    assert recipe_of(model).route == "recorded"
    refused(after, "unchanged: size")


def test_recording_of_every_kind_of_parameter():
    class Every:
        def __init__(self, a, b=2, /, c=3, *rest, d=4, **more):
            self.hash = hash((a, b, c, rest, d))

    class Derived(Every):
        def __init__(self, x):
            super().__init__(x, d=x)

    with recording():
        objs = [Every(1), Every(1, 5, d=6, e=7), Every(1, 2, 3, 9), Derived(8)]
    assert [keep(obj).__arguments__ for obj in objs] == [
        {0: 1},
        {0: 1, 1: 5, "d": 6, "e": 7},
        {0: 1, 1: 2, "c": 3, 3: 9, "d": 4},
        {"x": 8},
    ]
    assert [build(keep(obj)).hash for obj in objs] == [obj.hash for obj in objs]


def test_recording_sees_the_present_value_of_what_was_kept():
    class Keeps:
        def __init__(self, a, b, c):
            self.a, self._b, self.c = a, b, c * 2

    with recording():
        obj = Keeps(1, 2, 3)
    obj.a, obj._b, obj.c = 7, 8, 9
    assert keep(obj) == Config(Keeps, 7, 8, 3)
    del obj.a
    assert keep(obj).a == 1


def test_objects_without_weak_references_are_remembered_until_the_block_ends():
    class Slotted:
        __slots__ = ("twice",)

        def __init__(self, size):
            self.twice = 2 * size

    with recording():
        obj = Slotted(4)
        with recording():
            assert keep(obj) == Config(Slotted, 4)
    refused(obj, "unchanged: size")


def test_what_recording_leaves_out():
    class Meta(type):
        def __call__(cls, *args):
            return super().__call__(*args, 1)

    class Made(metaclass=Meta):
        def __init__(self, a, b):
            self.sum = a + b

    def wrapped(init):
        def __init__(self, *args):
            init(self, *args, 2)

        return __init__

    class Wrapped(Scaled):
        __init__ = wrapped(lambda self, a, b: None)

    class Fails(Scaled):
        def __init__(self, a):
            made.append(self)
            super().__init__(a)
            raise ValueError("no size")

    made = []
    with recording():
        objs = [Made(1)]
        with pytest.raises(ValueError, match="no size"):
            Fails(1)
        assert keep(Wrapped(5)) == Config(Wrapped, 5)
    refused(objs[0], "metaclass")


def test_recording_leaves_a_profiler_alone():
    seen = []

    def profile(frame, event, arg):
        seen.append((frame.f_code.co_name, event))

    sys.setprofile(profile)
    try:
        with recording():
            obj = Scaled(2)
        assert sys.getprofile() is profile
        with recording():
            sys.setprofile(None)
        assert sys.getprofile() is None
    finally:
        sys.setprofile(None)
    assert ("__init__", "call") in seen
    assert keep(obj) == Config(Scaled, 2)


def test_recording_in_tasks_is_their_own():
    made = {}

    async def records(name, size, delay):
        with recording():
            for _ in range(delay):
                await asyncio.sleep(0)
            made[name] = Scaled(size)
            for _ in range(delay):
                await asyncio.sleep(0)

    async def does_not(name):
        for _ in range(3):
            await asyncio.sleep(0)
            made[name] = Scaled(9)

    async def all_of_them():
        await asyncio.gather(records("a", 1, 2), records("b", 2, 4), does_not("c"))

    # No loop of its own threads: WebAssembly has none.
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(all_of_them())
    finally:
        loop.close()
    assert (keep(made["a"]).size, keep(made["b"]).size) == (1, 2)
    refused(made["c"], "unchanged: size")
    assert sys.getprofile() is None


@pytest.mark.needs_threads
def test_recording_is_of_one_thread():
    made = []
    with recording():
        thread = threading.Thread(target=lambda: made.append(Scaled(3)))
        thread.start()
        thread.join()
        made.append(Scaled(4))
    refused(made[0], "unchanged: size")
    assert keep(made[1]) == Config(Scaled, 4)


# Dataclasses


def test_dataclasses():
    @dataclasses.dataclass
    class Base:
        a: int
        items: list = dataclasses.field(default_factory=list)
        derived: int = dataclasses.field(init=False)
        fixed: int = dataclasses.field(init=False, default=3)

        def __post_init__(self):
            if self.a < 0:
                raise ValueError(self.a)
            self.derived = self.a + 1

    @dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
    class Frozen:
        a: Any
        b: int = 2

    class Derived(Base): ...

    rebuilt(Base(1, [Frozen(a=1)]), "dataclass")
    rebuilt(Frozen(a=Frozen(a=2, b=3)), "dataclass")
    rebuilt(Derived(1), "dataclass")
    assert keep(Frozen(a=1, b=2)).__arguments__ == {"a": 1}
    changed = Base(1)
    changed.fixed = 4
    refused(changed, "its field fixed, which is no argument, has changed")
    del changed.a
    refused(changed, "its attribute a is gone")


def test_dataclasses_that_change_their_fields():
    @dataclasses.dataclass
    class Fills:
        path: Any
        items: Any = None

        def __post_init__(self):
            self.path = pathlib.Path(self.path)
            if self.items is None:
                self.items = []

    @dataclasses.dataclass
    class Doubles:
        size: int

        def __post_init__(self):
            self.size *= 2

    @dataclasses.dataclass
    class Appends:
        items: list

        def __post_init__(self):
            object.__setattr__(self, "items", self.items)
            self.items.append(1)

    @dataclasses.dataclass
    class Escapes:
        size: int

        def __post_init__(self):
            vars(self)["size"] = self.size + 1

    @dataclasses.dataclass
    class Once:
        size: int

        def __post_init__(self):
            if isinstance(self.size, str):
                self.size = int(self.size)
            else:
                raise TypeError("no text")

    rebuilt(Fills("a"), "dataclass")
    refused(Doubles(2), "its class changes size whenever it is made")
    items = []
    refused(Appends(items), "its class changes items")
    assert items == [1]  # what looking costs is a copy
    refused(Escapes(2), "its class changes size")
    refused(Once("2"), "it cannot be made of its fields: no text")


def test_dataclasses_with_other_constructors():
    @dataclasses.dataclass
    class Init:
        a: int
        scale: dataclasses.InitVar[int] = 2

        def __post_init__(self, scale):
            self.a *= scale

    @dataclasses.dataclass(init=False)
    class Own:
        a: int

        def __init__(self, b):
            self.a = b

    @dataclasses.dataclass
    class Base:
        a: int

    class Derived(Base):
        def __init__(self, b):
            super().__init__(b)

    assert refused(Init(1), "an InitVar is not kept: scale").missing == ("scale",)
    rebuilt(Own(3), "bytecode")
    assert keep(Own(3)) == Config(Own, b=3)
    assert keep(Derived(4)) == Config(Derived, b=4)


# attrs


def test_attrs():
    @attrs.define
    class Base:
        a: int
        _b: int = attrs.field(default=2, alias="bee")
        c: list = attrs.field(factory=list, converter=list)
        d: int = attrs.field(init=False, default=1)

    @attrs.frozen
    class Frozen:
        a: Any = attrs.field(kw_only=True)
        _private: int = 3

    rebuilt(Base(1, bee=5, c=[1]), "attrs")
    rebuilt(Frozen(a=Frozen(a=1), private=7), "attrs")
    assert keep(Base(1, bee=5)).__arguments__ == {"a": 1, "bee": 5, "c": []}


def test_attrs_that_change_their_fields():
    @attrs.define
    class Doubles:
        a: int = attrs.field(converter=lambda a: 2 * a)

    @attrs.define
    class Strips:
        a: str = attrs.field(converter=lambda a: a.strip())

    @attrs.define
    class Post:
        a: int

        def __attrs_post_init__(self):
            self.a += 1

    @attrs.define(init=False)
    class Own:
        a: int

        def __init__(self, b):
            self.__attrs_init__(b)

    refused(Doubles(1), "changes a whenever")
    rebuilt(Strips(" x "), "attrs")
    refused(Post(1), "changes a whenever")
    assert keep(Own(1)) == Config(Own, b=1)


# pydantic and msgspec


def test_pydantic():
    pydantic = pytest.importorskip("pydantic")

    class Inner(pydantic.BaseModel):
        a: int = 1

    class Outer(pydantic.BaseModel):
        model_config = {"extra": "allow"}
        inner: Inner
        rate: float = pydantic.Field(alias="lr", default=0.1)
        items: list[int] = pydantic.Field(default_factory=list)

        @pydantic.field_validator("items")
        @classmethod
        def check(cls, value):
            return sorted(value)

    class Doubles(pydantic.BaseModel):
        a: int

        @pydantic.field_validator("a")
        @classmethod
        def double(cls, value):
            return 2 * value

    class Own(pydantic.BaseModel):
        a: int

        def __init__(self, b):
            super().__init__(a=b)

    class Choice(pydantic.BaseModel):
        a: int = pydantic.Field(validation_alias=pydantic.AliasChoices("x", "y"))

    made = rebuilt(Outer(inner=Inner(a=2), lr=0.5, items=[2, 1], extra=3), "pydantic")
    assert made.extra == 3 and made.model_fields_set == {"inner", "rate", "items", "extra"}
    assert keep(Inner()).__arguments__ == {}
    refused(Doubles(a=1), "changes a whenever")
    refused(Own(1), "its constructor")
    rebuilt(Choice(x=1), "pydantic")


def test_aliases_of_pydantic():
    pydantic = pytest.importorskip("pydantic")

    class Nested(pydantic.BaseModel):
        a: int = pydantic.Field(validation_alias=pydantic.AliasPath("x", 0))

    class ByAlias(pydantic.BaseModel):
        size: int = pydantic.Field(alias="sz")

    refused(Nested(x=[1]), "alias that is no name")
    assert keep(ByAlias(sz=3)).__arguments__ == {"sz": 3}
    for name in ("populate_by_name", "validate_by_name"):

        class ByName(ByAlias):
            model_config = {name: True}

        assert keep(rebuilt(ByName(size=3), "pydantic")) == Config(ByName, size=3)
    made = build(capture(lambda: [ByName(size=3), ByName(sz=4)]))
    assert made == [ByName(size=3), ByName(size=4)]


def test_msgspec():
    msgspec = pytest.importorskip("msgspec")

    class Point(msgspec.Struct, frozen=True):
        x: Any
        items: list = []

    class Doubles(msgspec.Struct):
        x: int

        def __post_init__(self):
            self.x *= 2

    rebuilt(Point(Point(1), [2]), "msgspec")
    refused(Doubles(1), "changes x whenever")


# get_params


class Estimator:
    """Like those of scikit-learn."""

    def __init__(self, rate=0.5, inner=None):
        self.rate = rate
        self.inner = inner
        self.seen = [rate]

    def get_params(self, deep=True):
        assert not deep
        return {"rate": self.rate, "inner": self.inner}

    def set_params(self, **params): ...

    def __eq__(self, other):
        return vars(self) == vars(other)


def test_estimators():
    rebuilt(Estimator(0.1, Estimator()), "get_params")
    assert keep(Estimator(0.1, Estimator())) == Config(Estimator, 0.1, Config(Estimator))


@pytest.mark.parametrize(
    "result, text",
    [
        ("1/0", r"its get_params\(\) failed"),
        ("[1]", "returned a list"),
        ("{'other': 1}", "gives what its class does not take: other"),
        ("{'rate': 1}", "does not give all parameters: inner"),
    ],
)
def test_estimators_that_keep_no_promises(result, text):
    class Odd(Estimator):
        def __init__(self, rate, inner):
            super().__init__(rate, inner)

        def get_params(self, deep=True):
            return eval(result)

    refused(Odd(1, 2), text)


@pytest.mark.needs_scikit_learn
def test_a_pipeline():
    pipeline = pytest.importorskip("sklearn.pipeline")
    from sklearn.svm import SVC

    obj = pipeline.Pipeline([("classify", SVC(C=2.0))])
    assert keep(obj) == Config(pipeline.Pipeline, [("classify", Config(SVC, C=2.0))])
