"""Positional arguments seen as a list: the meaning of ``cfg[0]`` and ``cfg[VARARGS:]``.

The list has one item for each parameter that can be given by position, and then the ``*args``.
An unset parameter shows its default, or `NO_VALUE`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, SupportsIndex, TypeAlias, cast

from ..core.keys import Arguments
from ..core.sentinels import NO_VALUE, VARARGS
from ..core.tag_type import ArgumentTags
from ..signature.signature import Signature

PositionalKey: TypeAlias = SupportsIndex | slice | object


def get_items(signature: Signature, arguments: Arguments, key: PositionalKey) -> Any:
    """Return one positional argument, or a list of them for a slice.

    Raises:
        IndexError: There is no such position.
        TypeError: ``key`` is neither an integer, a slice, nor `VARARGS`.
    """
    return _view(signature, arguments)[_resolve(signature, key)]


def set_items(
    signature: Signature,
    arguments: Arguments,
    key: PositionalKey,
    value: Any,
    tags: ArgumentTags | None = None,
) -> ArgumentTags | None:
    """Set one positional argument, or the ones of a slice.

    The arguments are changed in place, and the tags that the node has then are returned. Only the
    ``*args`` can change their number. Then the tags of those after the slice move along; inside it
    they stay at their position.

    Raises:
        IndexError: There is no such position.
        TypeError: ``key`` is neither an integer, a slice, nor `VARARGS`.
        ValueError: A slice of fixed parameters is given another number of values.
    """
    view = _view(signature, arguments)
    position = _resolve(signature, key)
    if not isinstance(position, slice):
        position = _normalize(position, len(view))
        arguments[_key_at(signature, position)] = value
        return tags
    fixed = len(signature.keys)
    positions = range(len(view))[position]
    values = list(value)
    # Where the slice starts says nothing of its end: an empty one, or one that runs backward.
    first = min(positions, default=position.indices(len(view))[0])
    if signature.varargs is not None and first >= fixed:
        before = len(view)
        origins: list[int | None] = list(range(before))
        spare = len(values) - len(positions)
        origins[position] = [*positions, *[None] * spare][: len(values)]
        view[position] = values
        _store_varargs(signature, arguments, view[fixed:])
        # Positions after the last are tagged for arguments to come: adding some is not a move.
        at_end = first + len(positions) >= before
        return _moved(tags, fixed, before, origins, 0 if at_end and spare > 0 else spare)
    if len(positions) != len(values):
        raise ValueError(
            f"{len(values)} values for {len(positions)} positional parameters of {signature.name}:"
            " their number is fixed; delete with `del cfg[i]`, extend *args with `cfg[VARARGS:] ="
            " ...`"
        )
    for index, item in zip(positions, values, strict=True):
        arguments[_key_at(signature, index)] = item
    return tags


def del_items(
    signature: Signature,
    arguments: Arguments,
    key: PositionalKey,
    tags: ArgumentTags | None = None,
) -> ArgumentTags | None:
    """Unset one positional argument, or the ones of a slice.

    The arguments are changed in place, and the tags that the node has then are returned. The
    ``*args`` after it move up, and their tags with them.

    Raises:
        IndexError: There is no such position.
        TypeError: ``key`` is neither an integer, a slice, nor `VARARGS`.
    """
    view = _view(signature, arguments)
    position = _resolve(signature, key)
    if isinstance(position, slice):
        doomed = set(range(len(view))[position])
    else:
        doomed = {_normalize(position, len(view))}
    fixed = len(signature.keys)
    for index in doomed:
        if index < fixed:
            arguments.pop(_key_at(signature, index), None)
    kept = [index for index in range(fixed, len(view)) if index not in doomed]
    _store_varargs(signature, arguments, [view[index] for index in kept])
    return _moved(tags, fixed, len(view), [*range(fixed), *kept], fixed + len(kept) - len(view))


def _moved(
    tags: ArgumentTags | None,
    fixed: int,
    before: int,
    origins: Sequence[int | None],
    spare: int,
) -> ArgumentTags | None:
    """Return the tags of a node whose ``*args`` were renumbered.

    Args:
        tags: The tags before.
        fixed: The first position of the ``*args``.
        before: How many positions there were.
        origins: For each position, the one that its argument had before; None for a new one.
        spare: How far positions after the last argument move.
    """
    if tags is None:
        return None
    moved = {key: own for key, own in tags.items() if not isinstance(key, int) or key < fixed}
    for key, own in tags.items():
        if isinstance(key, int) and key >= before:
            moved[key + spare] = own
    for position, origin in enumerate(origins):
        if origin is not None and position >= fixed and origin in tags:
            moved[position] = tags[origin]
    return moved or None


def _view(signature: Signature, arguments: Arguments) -> list[object]:
    view = [
        arguments[key] if key in arguments else signature.default(key) for key in signature.keys
    ]
    while (value := arguments.get(len(view), NO_VALUE)) is not NO_VALUE or len(view) in arguments:
        view.append(value)
    return view


def _resolve(signature: Signature, key: PositionalKey) -> int | slice:
    if isinstance(key, slice):
        bounds = cast("slice[object, object, object]", key)
        start, stop = (_start_of_varargs(signature, end) for end in (bounds.start, bounds.stop))
        return slice(start, stop, bounds.step)
    index = _start_of_varargs(signature, key)
    if not hasattr(index, "__index__"):
        raise TypeError(
            f"positional arguments of {signature.name} are indexed by an integer, a slice or"
            f" VARARGS, not {key!r}; for a named argument use cfg.name"
        )
    return index.__index__()


def _start_of_varargs(signature: Signature, end: object) -> Any:
    if end is not VARARGS:
        return end
    if signature.varargs is None:
        raise TypeError(f"{signature.name} has no *args, so VARARGS has no position")
    return len(signature.keys)


def _normalize(index: int, length: int) -> int:
    position = index + length if index < 0 else index
    if not 0 <= position < length:
        raise IndexError(
            f"no positional argument at {index}: there are {length}; extend *args with"
            " `cfg[VARARGS:] = ...`"
        )
    return position


def _key_at(signature: Signature, index: int) -> int | str:
    return signature.keys[index] if index < len(signature.keys) else index


def _store_varargs(signature: Signature, arguments: Arguments, values: Iterable[object]) -> None:
    fixed = len(signature.keys)
    for key in [key for key in arguments if isinstance(key, int) and key >= fixed]:
        del arguments[key]
    arguments.update(enumerate(values, fixed))
