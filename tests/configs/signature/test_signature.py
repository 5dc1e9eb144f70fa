"""Tests of `bytefig.configs.signature.signature`."""

import copy
import dataclasses
import functools
import gc
import pickle
import re
import typing
import weakref

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bytefig.configs import NO_VALUE, VARARGS, Config, Signature, signature_of
from bytefig.configs.signature.signature import current_signature

T = typing.TypeVar("T")


def everything(a, b=2, /, c=3, *args, d, e=5, **kw):
    return a, b, c, args, d, e, kw


def plain(x, y=1):
    return x, y


def only_positional(a, b=7, c=8, /):
    return a, b, c


class Box(typing.Generic[T]):
    def __init__(self, item):
        self.item = item


@dataclasses.dataclass
class Data:
    x: int
    y: list = dataclasses.field(default_factory=list)


@attrs.define
class Record:
    x: int
    y: list = attrs.Factory(list)


def test_storage_rule():
    stored = signature_of(everything).bind((1, 2, 3, 4, 5), {"e": 6, "z": 7})
    assert stored == {0: 1, 1: 2, "c": 3, 3: 4, 4: 5, "e": 6, "z": 7}


@pytest.mark.parametrize(
    ("args", "kwargs", "stored"),
    [
        ((), {}, {}),
        ((1,), {}, {"x": 1}),
        ((1,), {"y": 2}, {"x": 1, "y": 2}),
        ((), {"y": 2}, {"y": 2}),
        ((NO_VALUE,), {}, {"x": NO_VALUE}),
    ],
)
def test_bind_partially(args, kwargs, stored):
    assert signature_of(plain).bind(args, kwargs) == stored


def test_bind_does_not_keep_the_mapping():
    kwargs = {"x": 1}
    assert signature_of(plain).bind((), kwargs) is not kwargs


@pytest.mark.parametrize(
    ("fn", "args", "kwargs", "text"),
    [
        (plain, (1, 2, 3), {}, "plain takes at most 2 positional arguments, got 3"),
        (plain, (1,), {"x": 1}, "plain got multiple values for argument 'x'"),
        (plain, (), {"yy": 1}, "plain has no parameter 'yy'; did you mean 'y'?"),
        (plain, (), {"zzz": 1}, r"plain has no parameter 'zzz' \(parameters: x, y\)"),
        (only_positional, (), {"a": 1}, r"parameter 'a' of only_positional is positional only"),
        (lambda: 0, (), {"a": 1}, r"\(parameters: none\)"),
        (lambda *r: 0, (), {"r": 1}, r"parameter 'r' of .* is variadic; use \[VARARGS:\]"),
        (everything, (1, 2, 3), {"c": 1}, "multiple values for argument 'c'"),
    ],
)
def test_bind_errors(fn, args, kwargs, text):
    with pytest.raises(TypeError, match=text):
        signature_of(fn).bind(args, kwargs)
    with pytest.raises(TypeError, match=text):
        signature_of(fn).binder(len(args), tuple(kwargs))
    with pytest.raises(TypeError, match=text):
        Config(fn, *args, **kwargs)


def test_positional_only_name_may_be_an_extra_keyword():
    stored = signature_of(everything).bind((1,), {"a": 9, "args": 8, "kw": 7})
    assert stored == {0: 1, "a": 9, "args": 8, "kw": 7}


@pytest.mark.parametrize(
    ("fn", "stored", "expected"),
    [
        (plain, {"y": 1, "x": 2}, ([], {"x": 2, "y": 1})),
        (everything, {0: 1, "c": 3}, ([1], {"c": 3})),
        (everything, {0: 1, "c": 3, "d": 4}, ([1], {"c": 3, "d": 4})),
        (everything, {0: 1, "d": 4, 3: 9}, ([1, 2, 3, 9], {"d": 4})),
        (everything, {"z": 1, "d": 4}, ([], {"d": 4, "z": 1})),
        (everything, {"d": 4}, ([], {"d": 4})),
        (only_positional, {0: 1, 2: 3}, ([1, 7, 3], {})),
        (only_positional, {}, ([], {})),
        (only_positional, {0: 1}, ([1], {})),
    ],
)
def test_call_arguments(fn, stored, expected):
    args, kwargs = signature_of(fn).call_arguments(stored)
    assert (args, kwargs) == expected
    assert list(kwargs) == list(expected[1])


def test_arguments_are_passed_in_the_form_of_the_call():
    signature = signature_of(plain)
    assert signature.call_arguments({"x": 1, "y": 2}, 1) == ([1], {"y": 2})
    assert signature.call_arguments({"x": 1, "y": 2}, 2) == ([1, 2], {})


@pytest.mark.parametrize(("fn", "forms"), [(plain, [0, 1, 2, 2]), (only_positional, [0, 0, 0, 0])])
def test_the_form_counts_arguments_that_another_form_could_pass(fn, forms):
    signature = signature_of(fn)
    assert [signature.form(count) for count in range(len(forms))] == forms


def test_the_shapes_that_are_complete_are_known():
    signature = signature_of(plain)
    for keys in [("x", "y"), ("y",), ("y", "x")]:
        assert signature.shape(keys).complete == (keys in signature.complete)


def test_gap_without_default():
    with pytest.raises(TypeError, match=r"needs its positional argument 0 \(a\)"):
        signature_of(only_positional).call_arguments({1: 2})


def test_no_value_is_passed_on():
    assert signature_of(only_positional).call_arguments({0: NO_VALUE}) == ([NO_VALUE], {})


def test_ordered():
    shuffled = {"z": 1, 4: 2, "e": 3, 3: 4, "c": 5, "d": 6, 0: 7, "y": 8}
    assert list(signature_of(everything).ordered(shuffled)) == [0, "c", 3, 4, "d", "e", "z", "y"]
    one = {"x": 1}
    assert signature_of(plain).ordered(one) == one
    assert signature_of(plain).ordered(one) is not one


def test_defaults():
    signature = signature_of(everything)
    assert signature.default(1) == 2
    assert signature.default("c") == 3
    assert signature.default("e") == 5
    assert signature.default("d") is NO_VALUE
    assert signature.default("b") is NO_VALUE
    assert signature.missing({}) == [0, "d"]
    assert signature.missing({0: 1, "d": 2}) == []
    assert [signature.parameter_name(key) for key in (0, "d")] == ["a", "d"]


@pytest.mark.parametrize("cls", [Data, Record])
def test_default_factories(cls):
    signature = signature_of(cls)
    assert signature.default("y") is NO_VALUE
    assert signature.factories == {"y"}
    assert signature.missing({}) == ["x"]


def test_accepts():
    signature = signature_of(everything)
    assert [name for name in "a b c args d e kw new".split() if signature.accepts(name)] == [
        "c",
        "d",
        "e",
        "kw",
        "new",
    ]
    assert not signature_of(plain).accepts("new")


@pytest.mark.parametrize("fn", [dict, print, range])
def test_any_arguments_without_a_signature(fn):
    assert signature_of(fn).bind((1, 2), {}) == {0: 1, 1: 2}


def test_broken_signature_counts_as_open():
    def fn():
        pass

    fn.__signature__ = 3
    assert signature_of(fn).varkw == "kwargs"


def test_generic_alias():
    assert signature_of(Box[int]).names == {"item"}
    assert signature_of(list[int]).bind(([1],), {}) == {0: [1]}


def test_bound_methods_and_partials():
    assert signature_of(Box(1).__init__).names == {"item"}
    assert signature_of(functools.partial(plain, 1)).names == {"y"}


def test_not_callable():
    with pytest.raises(TypeError, match="4 is not callable"):
        signature_of(4)


def test_compiled_once_and_freed():
    class Local:
        def __init__(self, x):
            self.x = x

    assert signature_of(Local) is signature_of(Local)
    alive = weakref.ref(Local)
    del Local
    gc.collect()
    assert alive() is None


def test_a_signature_that_is_still_true_is_not_compiled_again():
    assert current_signature(plain) is current_signature(plain)


def test_unhashable_callable():
    class Callable:
        __hash__ = None

        def __call__(self, x):
            return x

    fn = Callable()
    assert signature_of(fn) is signature_of(fn)
    assert "Callable object" in signature_of(fn).name


@pytest.mark.parametrize("sentinel", [NO_VALUE, VARARGS])
def test_sentinels_stay_unique(sentinel):
    assert copy.copy(sentinel) is sentinel
    assert copy.deepcopy([sentinel])[0] is sentinel
    assert pickle.loads(pickle.dumps(sentinel)) is sentinel
    assert repr(sentinel) in ("NO_VALUE", "VARARGS")


def test_is_a_record():
    assert isinstance(signature_of(plain), Signature)
    with pytest.raises(AttributeError):
        signature_of(plain).name = "x"


@given(
    args=st.lists(st.integers(), max_size=6),
    kwargs=st.dictionaries(st.sampled_from(["c", "d", "e", "z", "a"]), st.integers()),
)
def test_a_binder_agrees_with_bind(args, kwargs):
    signature = signature_of(everything)
    try:
        expected = signature.bind(tuple(args), kwargs)
    except TypeError as error:
        with pytest.raises(TypeError, match=re.escape(str(error))):
            signature.binder(len(args), tuple(kwargs))
        return
    bind = signature.binder(len(args), tuple(kwargs))
    values = (*args, *kwargs.values())
    assert list(bind(values).items()) == list(expected.items())
    assert bind(values) is not bind(values)
    assert Config(everything, *args, **kwargs).__arguments__ == expected


@given(
    args=st.lists(st.integers(), max_size=6),
    kwargs=st.dictionaries(st.sampled_from(["c", "d", "e", "z", "a"]), st.integers()),
)
def test_binding_agrees_with_a_call(args, kwargs):
    signature = signature_of(everything)
    try:
        expected = everything(*args, **kwargs)
    except TypeError:
        return
    args, kwargs = signature.call_arguments(signature.bind(tuple(args), kwargs))
    assert everything(*args, **kwargs) == expected


def test_a_callable_whose_inspection_fails_in_its_own_way():
    class Hostile:
        def __eq__(self, other):
            raise RuntimeError("compared")

        __hash__ = None

        def __call__(self, x): ...

    class Lazy:
        @property
        def __signature__(self):
            raise KeyError("not known")

        def __call__(self, x): ...

    assert signature_of(Lazy()).bind((1, 2), {"a": 3}) == {0: 1, 1: 2, "a": 3}
    # Some versions of inspect compare the object, and fail; the others find its parameter.
    assert list(signature_of(Hostile()).bind((1,), {}).values()) == [1]


class Meta(type):
    def __call__(cls, *args, **kwargs):
        return super().__call__(*args, **kwargs)


class ByMeta(metaclass=Meta):
    def __init__(self, x): ...


class Two:
    def __new__(cls, x):
        return super().__new__(cls)

    def __init__(self, y): ...


class OnlyNew:
    def __new__(cls, x):
        return super().__new__(cls)


@functools.wraps(plain)
def wrapper(*args, **kwargs):
    return plain(*args, **kwargs)


@pytest.mark.parametrize(
    ("fn", "is_exact"),
    [
        *((fn, False) for fn in (plain, everything, Box, Box[int], Data, OnlyNew, Box(1).__init__)),
        *((fn, True) for fn in (ByMeta, Two, wrapper, len, dict, functools.partial(plain, 1))),
    ],
)
def test_where_it_matters_what_is_passed_by_position(fn, is_exact):
    assert signature_of(fn).exact_form == is_exact
