"""The native code that is made of programs: sound, and what it cannot be made of."""

import contextlib
import difflib
import dis
import textwrap
import types
from collections.abc import Iterator

import pytest
from stack_heights import check_stack

from bytefig.tracer.engine.decode import decode
from bytefig.tracer.engine.native.region import native_mark
from bytefig.tracer.engine.native.rewriting import rebuild
from bytefig.tracer.errors import UnsupportedInstructionError

pytestmark = pytest.mark.needs_native_code


def codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            yield from codes(const)


def functions(module):
    for value in vars(module).values():
        held = vars(value).values() if isinstance(value, type) else [value]
        for function in held:
            if isinstance(function, types.FunctionType) and function.__module__ == module.__name__:
                yield from codes(function.__code__)


def assert_nothing_is_borrowed(code):
    """The stack is given back when a local may have been bound anew (3.14)."""
    names = {one.opname for one in dis.get_instructions(code)}
    assert not [name for name in names if "BORROW" in name]


@pytest.mark.parametrize("module", [contextlib, difflib, textwrap], ids=lambda m: m.__name__)
@pytest.mark.parametrize("guarded", [False, True])
def test_the_stack_of_native_code_is_sound(module, guarded):
    checked = 0
    for code in functions(module):
        try:
            region = rebuild(code, decode(code), guarded=guarded, everywhere=True)
        except UnsupportedInstructionError:
            continue
        check_stack(region.code)
        assert_nothing_is_borrowed(region.code)
        assert native_mark(region.code) is region.mark
        assert len(region.mark.indexes) == len(region.code.co_code) // 2
        checked += 1
    assert checked > 10


def refused(code):
    with pytest.raises(UnsupportedInstructionError) as caught:
        rebuild(code, decode(code), guarded=True)
    return str(caught.value)


def test_what_cannot_be_rebuilt():
    def make():
        class Body:
            pass

        return Body

    (body,) = [const for const in make.__code__.co_consts if isinstance(const, types.CodeType)]
    assert refused(body) == "its names live in a namespace"


def test_code_that_is_not_native_has_no_mark():
    assert native_mark(make_nothing.__code__) is None


def make_nothing():
    pass
