import sys

import pytest

pytestmark = pytest.mark.skipif(sys.version_info < (3, 12), reason="PEP 695 came with 3.12")

SOURCES = [
    """
def f():
    def generic[T: (int, str), *Ts, **P](x: T, y: int = 3, *, z: int = 4) -> T:
        return x, y, z
    first = generic.__type_params__[0]
    names = [p.__name__ for p in generic.__type_params__]
    return names, generic(1, z=5), first.__constraints__, first.__module__
""",
    """
def f():
    bound = int
    class Box[T: bound]:
        item: T
        def get[U](self, other: U) -> T | U:
            return other
    return repr(Box[int]), Box.__type_params__[0].__bound__, Box().get(2), Box.__orig_bases__[0]
""",
    """
def f():
    type Pair[T] = tuple[T, later]
    later = int
    return repr(Pair), Pair.__value__.__args__[1], Pair[str].__args__
""",
    """
def f():
    type Bad = missing
    return Bad.__value__
""",
    """
def f():
    class Outer:
        kind = str
        type Alias = kind
        def m[T: kind](self, x: T = kind): return x
    return Outer.Alias.__value__, Outer().m(), Outer.m.__type_params__[0].__bound__
""",
]


@pytest.mark.parametrize("source", SOURCES)
def test_type_parameters(twin, source):
    def run(wrap):
        namespace = {"__name__": "generic_module"}
        exec(source, namespace)
        try:
            return repr(wrap(namespace["f"])())
        except NameError as error:
            return str(error)

    assert run(twin) == run(lambda fn: fn)
