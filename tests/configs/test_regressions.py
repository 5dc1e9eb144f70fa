"""Bugs of `bytefig.configs` that were found once, and must not come back."""

import copy
import traceback

import pytest

from bytefig.configs import BuildError, Config, build, ordered_arguments


def fn(x, *rest):
    return x, rest


def fail(error):
    raise error


class NoText(Exception):
    def __str__(self):
        raise RuntimeError("no text")


class Leaf:
    pass


class Permissive:
    def __eq__(self, other):
        return True


class Array:
    """Compares by element, as arrays do, and so has no truth value."""

    def __eq__(self, other):
        return self

    def __bool__(self):
        raise ValueError("ambiguous")


def test_backward_slice_sets_fixed_parameters_too():
    node = Config(fn, 1, 2, 3)
    node[::-1] = [10, 20, 30]
    assert node[:] == [30, 20, 10]


def test_cause_without_text_is_a_build_error():
    with pytest.raises(BuildError) as caught:
        build([Config(fail, NoText())])
    assert isinstance(caught.value, NoText)
    assert caught.value.path == "<root>[0]"


def test_notes_are_not_shared_with_the_cause():
    cause = ValueError("v")
    cause.add_note("first")
    with pytest.raises(BuildError) as caught:
        build(Config(fail, cause))
    caught.value.add_note("second")
    assert cause.__notes__ == ["first"]


def test_traceback_of_a_syntax_error_names_the_path():
    with pytest.raises(BuildError) as caught:
        build([Config(compile, "x =", "file.py", "exec")])
    assert "<root>[0]" in "".join(traceback.format_exception(caught.value, chain=False)[1:])


def test_deepcopy_keeps_a_leaf_that_refers_to_its_list():
    leaf = Leaf()
    leaf.home = [leaf]
    copied = copy.deepcopy(Config(fn, leaf.home))
    assert copied.x[0].home is copied.x


def test_ordered_arguments_with_arrays():
    node = Config(fn, Array())
    assert list(ordered_arguments(node, include_equal_to_default=False)) == ["x"]


def test_equality_with_a_permissive_leaf_is_symmetric():
    left, right = Config(fn, Permissive()), Config(fn, Config(int))
    assert (left == right) is (right == left)
