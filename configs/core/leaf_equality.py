"""Whether two values without children are the same, also where ``==`` gives no bool."""

from __future__ import annotations

import functools
import numbers
import operator
from typing import Any

from .registry import class_of


def same_leaf(one: Any, other: Any) -> bool:
    """Return whether two leaves of a graph are equal; never raises.

    Arrays and tensors are if their type, shape, type of elements and elements are; tables of data
    if their ``equals`` says so; partials if what they hold is. What cannot be compared differs.

    Example:
        >>> same_leaf(1, 1.0), same_leaf(functools.partial(int, base=2), functools.partial(int))
        (True, False)
    """
    if one is other:
        return True
    kind = class_of(one)
    try:
        if _is_array(one) or _is_array(other):
            return class_of(other) is kind and _same_array(one, other)
        if kind is functools.partial and class_of(other) is kind:
            return _same_partial(one, other)
        return bool(one == other)
    except Exception:  # user code; tables of data have no truth value, but `equals`
        try:
            return one.equals(other) is True
        except Exception:
            return False


def both_nan(left: Any, right: Any) -> bool:
    """Tell whether both are numbers that do not equal themselves, in the same parts.

    Example:
        >>> both_nan(float("nan"), float("nan")), both_nan(1.0, float("nan"))
        (True, False)
    """
    if class_of(left) is complex and class_of(right) is complex:
        parts = ((left.real, right.real), (left.imag, right.imag))
        return any(both_nan(*part) for part in parts) and all(
            mine == theirs or both_nan(mine, theirs) for mine, theirs in parts
        )
    return isinstance(left, numbers.Number) and all(operator.ne(x, x) for x in (left, right))


def how_arrays_differ(left: Any, right: Any) -> str | None:
    """Compare arrays of whatever library by shape, type and elements; NaN equals NaN.

    Returns:
        How they differ; "" if they do not; None if they hold objects, which have to be compared.
    """
    if left.shape != right.shape:
        return f"the shapes differ: {left.shape} and {right.shape}"
    if left.dtype != right.dtype:
        return f"the dtypes differ: {left.dtype} and {right.dtype}"
    if getattr(left.dtype, "hasobject", False):
        return None
    if getattr(left, "is_meta", False) and getattr(right, "is_meta", False):
        return ""  # tensors of torch without elements
    if hasattr(left, "tobytes") and left.tobytes() == right.tobytes():
        return ""
    nan = operator.ne(left, left) & operator.ne(right, right)
    same: Any = (left == right) | nan
    return "" if bool(same.all()) else "the elements differ"


def _is_array(value: Any) -> bool:
    kind = class_of(value)
    # A single number, such as one of numpy, compares like any other.
    return hasattr(kind, "shape") and hasattr(kind, "dtype") and value.shape != ()


def _same_array(one: Any, other: Any) -> bool:
    difference = how_arrays_differ(one, other)
    if difference is None:
        return _same_items(one.tolist(), other.tolist())
    return not difference


def _same_items(ones: Any, others: Any) -> bool:
    if class_of(ones) is not list or class_of(others) is not list:
        return same_leaf(ones, others)
    return len(ones) == len(others) and all(map(_same_items, ones, others))


def _same_partial(one: functools.partial[object], other: functools.partial[object]) -> bool:
    if len(one.args) != len(other.args) or one.keywords.keys() != other.keywords.keys():
        return False
    pairs = [(one.func, other.func), *zip(one.args, other.args, strict=True)]
    pairs += [(value, other.keywords[name]) for name, value in one.keywords.items()]
    return all(same_leaf(*pair) for pair in pairs)
