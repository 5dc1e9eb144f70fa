"""``script``: the mark of a function that a module is run by."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any, Final, TypeVar, overload

from .engine.callers import caller
from .errors import NoScriptError, describe

F = TypeVar("F", bound=Callable[..., object])

# `functools.update_wrapper` hands it on to what is made of the function.
_MARK: Final = "__bytefig_script__"


@overload
def script(fn: F) -> F: ...
@overload
def script(fn: None = None) -> Callable[[F], F]: ...
def script(fn: object = None) -> Any:
    """Mark the function that a module is run by, and return it.

    ``main()`` at the end of the module then runs it by the command line, and so does
    ``bytefig run MODULE``. It may be decorated further, and be called as before.

    Args:
        fn: The function; without it, a decorator is returned.

    Raises:
        TypeError: It cannot be called, or takes no attribute.

    Example:
        >>> @script
        ... def train(epochs: int = 1):
        ...     return epochs
        >>> train(epochs=2), is_script(train)
        (2, True)
    """
    if fn is None:
        return script
    fix = "decorate a function, and put @script below decorators that use functools.wraps"
    if not callable(fn):
        raise TypeError(describe(f"script marks a function, not {fn!r}", caller(), fix))
    try:
        vars(fn)[_MARK] = True  # also of an AutoConfig, whose attributes cannot be set
    except TypeError:
        raise TypeError(describe(f"script cannot mark {fn!r}", caller(), fix)) from None
    return fn


def is_script(fn: object) -> bool:
    """Tell whether a function is marked, or made of one that is.

    Example:
        >>> is_script(len)
        False
    """
    try:
        return getattr(fn, _MARK, False) is True
    except Exception:  # an object of the user's, which may do anything when asked
        return False


def script_of(module: ModuleType, name: str | None = None) -> str:
    """Return the name of the marked function of a module.

    Args:
        module: The module.
        name: Which one it is to be, if there are several.

    Raises:
        NoScriptError: There is none, or there are several and ``name`` says nothing.
    """
    own = {
        key: value
        for key, value in vars(module).items()
        if is_script(value) and getattr(value, "__module__", None) == module.__name__
    }
    if name is not None and name in own:
        return name
    # One function under two names is one.
    distinct = list({id(value): key for key, value in reversed(own.items())}.values())
    if name is None and len(distinct) == 1:
        return distinct[0]
    where = getattr(module, "__file__", None) or module.__name__
    if name is not None:
        what, fix = f"no function called {name} is marked by @script", "mark it"
    elif own:
        what = f"several functions are marked by @script: {', '.join(sorted(own))}"
        fix = f"name the one to run: main({sorted(own)[0]!r}), or MODULE:{sorted(own)[0]}"
    else:
        what, fix = "no function is marked by @script", "mark the function to run"
    raise NoScriptError.of(what, where, fix)
