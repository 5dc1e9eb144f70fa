import inspect

import pytest

from bytefig.tracer import NotAFunctionError, interpret
from bytefig.tracer.engine.functions import is_twin


def documented(a: int, /, b=2, *rest, c=3, **others) -> tuple:
    """Says something."""
    return a, b, rest, c, others


documented.attribute = "kept"


def test_metadata():
    twin = interpret(documented)
    for name in ("__name__", "__qualname__", "__doc__", "__module__", "__annotations__",
                 "__defaults__", "__kwdefaults__", "__dict__"):  # fmt: skip
        assert getattr(twin, name) == getattr(documented, name), name
    assert inspect.signature(twin) == inspect.signature(documented)
    assert twin(1, 5, 6, c=7, d=8) == documented(1, 5, 6, c=7, d=8)
    assert is_twin(twin)
    assert not is_twin(documented)


def test_methods():
    class Model:
        @classmethod
        def make(cls, x):
            return cls.__name__, x

        @staticmethod
        def static(x):
            return x

        def own(self, x):
            return type(self), x

    for name in ("make", "static"):
        setattr(Model, name, interpret(vars(Model)[name]))
    assert Model.make(1) == ("Model", 1)
    assert Model.static(2) == 2
    assert interpret(Model().own)(3) == (Model, 3)


def test_what_it_makes_stays_interpreted():
    made = interpret(lambda: lambda x: x + 1)()
    assert is_twin(made)
    assert list(map(made, [1])) == [2]


@pytest.mark.parametrize("thing", [len, int, 3])
def test_what_has_no_bytecode(thing):
    with pytest.raises(NotAFunctionError, match="with Python bytecode") as caught:
        interpret(thing)
    assert __file__ in str(caught.value)
