"""``verify``: does building a function's graph give the result of calling the function?"""

from __future__ import annotations

import copy
import random
import sys
from collections.abc import Callable
from typing import Any, Final

import attrs

from ...configs import BuildError, build, contains_buildable
from ...configs.for_tracer import html_lines, plain_repr, short_repr
from ..auto_config import capturable, has_parameter
from ..engine.values import Args
from .differences import first_difference

_NOT_COPIED: Final = "the arguments cannot be copied, so both runs were given the same objects"
_SAME: Final = "building the captured graph gives what the call gives"
_DIFFER: Final = "building the captured graph does not give what the call gives"
_FIX: Final = (
    "see with explain which calls become nodes: what a node builds is not there yet while the"
    " function runs, so exempt the calls whose results the function itself uses or changes"
)
_MAY_BE_RANDOM: Final = "if it draws from a global generator, call verify({name}, seed=0)"
_FIX_OF_RAISED: Final = (
    "do what the error says; a function that only the call of succeeds uses a node as if it were"
    " the object, so exempt the call that makes it"
)


@attrs.frozen
class Verification:
    """The outcome of `verify`; true if both results are the same.

    Attributes:
        same: Whether they are.
        path: The way from the results to the first difference, as in ``.layers[0].units``; empty
            if the results themselves differ. None if they are the same or if a run raised.
        captured: What the captured graph builds there; if a run raised, its exception or result.
        called: What the call gives there, likewise.
        reason: How the two differ, or what is the same.
        notes: What to know about the comparison.
    """

    same: bool
    path: str | None
    captured: Any = attrs.field(repr=plain_repr)
    called: Any = attrs.field(repr=plain_repr)
    reason: str
    notes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return self.same

    def __str__(self) -> str:
        """Return the differences, their places, and the fix."""
        if self.same:
            return "\n".join([f"{_SAME}: {self.reason}", *self._noted()])
        where = "" if self.path is None else f" at <root>{self.path}"
        return "\n".join(
            [
                f"{_DIFFER}{where}: {self.reason}",
                f"  captured: {short_repr(self.captured)}",
                f"  called: {short_repr(self.called)}",
                *self._noted(),
                f"  fix: {_FIX_OF_RAISED if self.path is None else _FIX}",
            ]
        )

    def _repr_html_(self) -> str:
        """Return the text for a notebook."""
        first, *lines = str(self).splitlines()
        return html_lines([(first, "green" if self.same else "red"), *lines])

    def _noted(self) -> list[str]:
        return [f"  note: {note}" for note in self.notes]


@attrs.frozen
class _Outcome:
    result: object = None
    error: Exception | None = None

    @property
    def shown(self) -> object:
        return self.result if self.error is None else self.error


def verify(fn: Callable[..., object], /, *args: object, **kwargs: object) -> Verification:
    """Capture a function, build its graph, call the function, and compare the two results.

    They are compared by ``==``, or else by type and state: containers, attributes, closures, and
    whether an object that occurs at two places is one object in both results. NaN equals NaN. The
    function runs twice, each time with a copy of the arguments of its own, if they can be copied.

    Args:
        fn: An auto_config function, or anything that `auto_config` takes; then it may do all that
            `capture` allows.
        *args: The call's positional arguments.
        **kwargs: The call's named arguments. One of them is not the function's, unless it has a
            parameter of that name itself: ``seed`` seeds the global generators of `random`, and of
            NumPy and torch where these are imported, before each of the two runs.

    Returns:
        Where the results differ first, if they do. If both runs raise the same, they are the same.

    Raises:
        TracerError: If `auto_config` refuses the function.

    Example:
        >>> class Model:
        ...     def __init__(self, layers):
        ...         self.size = len(layers)
        >>> print(verify(lambda: Model([1, 2])))
        building the captured graph gives what the call gives: the results are the same
        >>> def grow(layers):
        ...     layers.append(3)
        ...     return Model(layers)
        >>> bool(verify(grow, [1, 2]))
        True
    """
    wrapped = capturable(fn, experimental_result_must_contain_buildable=False, deferred=True)
    seed = None if has_parameter(fn, "seed") else kwargs.pop("seed", None)
    first, second, notes = _copies((args, kwargs))
    _seed(seed)
    captured = _run(lambda *given, **named: _built(wrapped.as_buildable(*given, **named)), first)
    _seed(seed)
    called = _run(wrapped, second)
    if captured.error is None and called.error is None:
        difference = first_difference(captured.result, called.result)
        if difference is not None:
            path = "".join(map(str, difference.path))
            # The sides have names here.
            reason = difference.reason.replace("the first", "the captured")
            reason = reason.replace("the second", "the called")
            if seed is None and _may_be_random(difference.left, difference.right):
                name = getattr(wrapped, "__name__", "fn")
                notes = (*notes, _MAY_BE_RANDOM.format(name=name))
            return Verification(False, path, difference.left, difference.right, reason, notes)
        reason = "the results are the same"
        return Verification(True, None, captured.result, called.result, reason, notes)
    return _compare_raised(captured, called, notes)


def _seed(seed: Any) -> None:
    if seed is None:
        return
    random.seed(seed)
    numpy: object = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(seed)
    torch: object = sys.modules.get("torch")
    if torch is not None:
        torch.manual_seed(seed)


def _may_be_random(captured: object, called: object) -> bool:
    """Tell whether two values that differ are of a kind that is drawn from a generator."""
    return type(captured) is type(called) and (
        isinstance(captured, int | float) or hasattr(captured, "dtype")
    )


_Arguments = tuple[Args, dict[str, object]]


def _copies(arguments: _Arguments) -> tuple[_Arguments, _Arguments, tuple[str, ...]]:
    try:
        return copy.deepcopy(arguments), copy.deepcopy(arguments), ()
    except Exception:  # whatever an argument does when it is copied
        return arguments, arguments, (_NOT_COPIED,)


def _built(graph: object) -> object:
    return build(graph) if contains_buildable(graph) else graph


def _run(fn: Callable[..., object], arguments: _Arguments) -> _Outcome:
    args, kwargs = arguments
    try:
        return _Outcome(fn(*args, **kwargs))
    except Exception as error:
        return _Outcome(error=error)


def _compare_raised(captured: _Outcome, called: _Outcome, notes: tuple[str, ...]) -> Verification:
    mine, theirs = _original(captured.error), called.error
    if mine is None or theirs is None:
        raised = "the captured one" if theirs is None else "the called one"
        reason = f"only {raised} raises"
        return Verification(False, None, captured.shown, called.shown, reason, notes)
    same = type(mine) is type(theirs) and first_difference(mine.args, theirs.args) is None
    reason = f"both raise {short_repr(theirs)}" if same else "they raise different exceptions"
    return Verification(same, None, mine, theirs, reason, notes)


def _original(error: Exception | None) -> BaseException | None:
    """Return the exception of a callable of the graph: `build` raises it in words of its own."""
    if isinstance(error, BuildError) and error.__cause__ is not None:
        return error.__cause__
    return error
