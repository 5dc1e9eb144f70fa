"""Tests of `bytefig.configs.node.kinds`."""

import functools

import pytest

from bytefig.configs import (
    NO_VALUE,
    ArgFactory,
    Config,
    Partial,
    build,
    get_callable,
    ordered_arguments,
)


def fn(x, y=2):
    return x, y


def everything(a, b=2, /, c=3, *args, d, e=5, **kw):
    return a, b, c, args, d, e, kw


def pack(*args, **kwargs):
    return args, kwargs


@pytest.mark.parametrize("cls", [Config, Partial, ArgFactory])
def test_get_callable(cls):
    assert get_callable(cls(fn)) is fn


def test_config_builds_to_the_result_of_the_call():
    assert build(Config(everything, 1, 2, 3, 4, d=6, z=7)) == (1, 2, 3, (4,), 6, 5, {"z": 7})


def test_partial_builds_to_a_partial():
    built = build(Partial(fn, y=3))
    assert type(built) is functools.partial
    assert built.func is fn
    assert (built.args, built.keywords) == ((), {"y": 3})
    assert built(1) == (1, 3)
    assert built(1, y=4) == (1, 4)


def test_arguments_that_have_names_can_be_overridden():
    assert build(Partial(fn, 1))(x=5) == (5, 2)


def test_partial_keeps_positional_arguments():
    built = build(Partial(everything, 1, 20, 30, 40, d=6))
    assert built(50, e=7) == (1, 20, 30, (40, 50), 6, 7, {})


def test_partial_in_a_config():
    assert build(Config(map, Partial(fn, y=0), [1, 2])).__next__() == (1, 0)


def test_factory_argument_is_fresh_at_every_call():
    built = build(Partial(pack, ArgFactory(list), k=ArgFactory(dict, a=1)))
    (first,), named = built()
    (second,), again = built()
    assert (first, named) == ([], {"k": {"a": 1}})
    assert first is not second
    assert named["k"] is not again["k"]


def test_factory_argument_can_be_overridden():
    built = build(Partial(fn, x=ArgFactory(list)))
    assert built(x=3) == (3, 2)


def test_other_arguments_of_the_same_partial_are_made_once():
    built = build(Partial(pack, ArgFactory(list), Config(list)))
    (_, kept), _ = built()
    assert built()[0][1] is kept


def test_factory_in_a_factory():
    built = build(Partial(pack, ArgFactory(pack, ArgFactory(list), k=ArgFactory(list))))
    outer = [built()[0][0] for _ in range(2)]
    assert outer == [(([],), {"k": []})] * 2
    assert outer[0][0][0] is not outer[1][0][0]
    assert outer[0][1]["k"] is not outer[1][1]["k"]


def test_factory_with_the_results_of_configs():
    built = build(Partial(pack, ArgFactory(pack, Config(list))))
    first, second = built()[0][0], built()[0][0]
    assert first is not second
    assert first[0][0] is second[0][0]


def test_factory_in_containers_is_fresh():
    built = build(Partial(pack, [1, {"k": (ArgFactory(list),)}], [2]))
    (first, plain), _ = built()
    (second, same), _ = built()
    assert first == second == [1, {"k": ([],)}]
    assert first is not second
    assert first[1]["k"][0] is not second[1]["k"][0]
    assert plain is same


def test_only_containers_with_a_factory_are_copied():
    built = build(Partial(pack, [ArgFactory(list), [1], Config(list)]))
    first, second = built()[0][0], built()[0][0]
    assert first[0] is not second[0]
    assert first[1] is second[1]
    assert first[2] is second[2]


def test_factory_shared_within_one_container_is_made_once():
    factory = ArgFactory(list)
    first, second = build(Partial(pack, [factory, (factory,)]))()[0][0]
    assert first is second[0]


def test_factory_in_containers_of_a_factory():
    built = build(Partial(pack, ArgFactory(pack, [ArgFactory(list)])))
    first, second = built()[0][0], built()[0][0]
    assert first == (([[]],), {})
    assert first[0][0][0] is not second[0][0][0]


def test_failing_factory_raises_at_the_call():
    built = build(Partial(pack, ArgFactory(int, "x")))
    with pytest.raises(ValueError, match="invalid literal"):
        built()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, {0: 1, "c": 3, "e": 6, "z": 7}),
        ({"include_defaults": True}, {0: 1, 1: 2, "c": 3, "e": 6, "z": 7}),
        ({"include_unset": True}, {0: 1, "c": 3, "d": NO_VALUE, "e": 6, "z": 7}),
        ({"include_positional": False}, {"c": 3, "e": 6, "z": 7}),
        ({"include_var_keyword": False}, {0: 1, "c": 3, "e": 6}),
        ({"include_equal_to_default": False}, {0: 1, "e": 6, "z": 7}),
        (
            {"include_defaults": True, "include_unset": True, "include_positional": False},
            {"c": 3, "d": NO_VALUE, "e": 6, "z": 7},
        ),
        (
            {"include_var_keyword": False, "include_equal_to_default": False},
            {0: 1, "e": 6},
        ),
    ],
)
def test_ordered_arguments(options, expected):
    node = Config(everything, 1, z=7, e=6, c=3)
    found = ordered_arguments(node, **options)
    assert list(found.items()) == list(expected.items())
    assert found is not node.__arguments__


def test_ordered_arguments_lists_varargs_by_position():
    node = Config(everything, 1, 2, 3, 40, 50, d=6)
    assert list(ordered_arguments(node)) == [0, 1, "c", 3, 4, "d"]
    assert ordered_arguments(node, include_positional=False) == {"c": 3, "d": 6}


def test_ordered_arguments_cannot_both_include_and_exclude_defaults():
    with pytest.raises(ValueError, match="exclude each other"):
        ordered_arguments(Config(fn), include_defaults=True, include_equal_to_default=False)


def test_ordered_arguments_compares_defaults_by_identity_first():
    nan = float("nan")

    def with_nan(x=nan):
        return x

    assert ordered_arguments(Config(with_nan, nan), include_equal_to_default=False) == {}
