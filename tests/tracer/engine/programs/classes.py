"""Class statements: what is asked while they run, and the kinds that libraries make."""

import collections
import dataclasses
import enum
import functools
import inspect
import typing


def everything_that_is_asked():
    log = []

    class Namespace(dict):
        def __setitem__(self, name, value):
            log.append(("set", name))
            super().__setitem__(name, value)

        def __missing__(self, name):
            if name.startswith("made_up"):
                return name.upper()
            raise KeyError(name)

    class Meta(type):
        @classmethod
        def __prepare__(mcs, name, bases, **options):
            log.append(("prepared", name, options))
            return Namespace()

        def __new__(mcs, name, bases, namespace, **options):
            return super().__new__(mcs, name, bases, dict(namespace))

        def __init__(cls, name, bases, namespace, **options):
            super().__init__(name, bases, namespace)

    class Descriptor:
        def __set_name__(self, owner, name):
            log.append(("named", owner.__name__, name))

    class Base:
        def __init_subclass__(cls, tag=None, **options):
            log.append(("subclass", cls.__name__, tag))
            super().__init_subclass__(**options)

    class Made(Base, metaclass=Meta, tag=3):
        descriptor = Descriptor()
        value = made_up
        annotated: int = 3

        def __class_getitem__(cls, item):
            return "item", item

        def itself(self):
            return __class__

    return log, Made.value, Made[3], Made().itself() is Made, Made.__qualname__, Made.annotated


def a_descriptor_that_fails():
    class Descriptor:
        def __set_name__(self, owner, name):
            1 / 0

    class Made:
        descriptor = Descriptor()


def a_method_called_before_its_class_is_there():
    texts = []

    class Meta(type):
        def __new__(mcs, name, bases, namespace):
            try:
                namespace["itself"](None)
            except NameError as error:
                texts.append(str(error))
            return super().__new__(mcs, name, bases, namespace)

    class Made(metaclass=Meta):
        def itself(self):
            return __class__

    return texts, Made.itself(1) is Made


def made_by_dataclass():
    @dataclasses.dataclass(order=True, slots=True)
    class Point:
        x: int
        y: list = dataclasses.field(default_factory=list)
        z: dataclasses.InitVar[int] = 3

        def __post_init__(self, z):
            self.y.append(self.x + z)

    @dataclasses.dataclass(frozen=True, kw_only=True)
    class Frozen:
        a: int = 1

    frozen = Frozen(a=3)
    try:
        frozen.a = 4
    except dataclasses.FrozenInstanceError as error:
        text = str(error)
    replaced = dataclasses.replace(frozen, a=9)
    return repr(Point(1)), Point(1) < Point(2), text, replaced.a, dataclasses.asdict(Point(5))


def made_by_the_library():
    class Color(enum.Enum):
        RED = enum.auto()
        BLUE = enum.auto()

        @property
        def lower(self):
            return self.name.lower()

    class Flags(enum.Flag):
        X = 1
        Y = 2

    class Row(typing.NamedTuple):
        a: int
        b: str = "b"

    class Keys(typing.TypedDict, total=False):
        key: int

    class Method(typing.Protocol):
        def method(self) -> int: ...

    T = typing.TypeVar("T")

    class Generic(typing.Generic[T]):
        pass

    Pair = collections.namedtuple("Pair", "x y")
    modules = {cls.__module__ for cls in (Color, Flags, Row, Keys, Method, Generic, Pair, T)}
    found = Color.RED.lower, repr(Flags.X | Flags.Y), Row(1)._asdict(), Keys.__total__
    return *found, repr(Generic[int]), Pair(1, 2)._asdict(), modules


def functions_by_the_type_of_an_argument():
    @functools.singledispatch
    def shown(x):
        return "object"

    @shown.register
    def _(x: int):
        return "int"

    @shown.register(str)
    def _(x):
        return "str"

    class Made:
        @functools.singledispatchmethod
        def method(self, x):
            return "object"

        @method.register
        def _(self, x: int):
            return "int"

        @functools.cached_property
        def cached(self):
            return object()

    made = Made()
    found = shown(1), shown("x"), shown(1.0), made.method(2), made.method("x")
    return found, made.cached is made.cached


def functions_that_wrap_others():
    asked = []

    @functools.lru_cache(maxsize=2)
    def doubled(x):
        asked.append(x)
        return x * 2

    def decorated(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            return "wrapped", function(*args, **kwargs)

        return wrapper

    @decorated
    def added(a, *, b=1):
        "Documented."
        return a + b

    for x in (1, 1, 2, 3, 1):
        doubled(x)
    told = added.__name__, added.__doc__, str(inspect.signature(added))
    return asked, doubled.cache_info(), added(2, b=3), told
