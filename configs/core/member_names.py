"""How nodes are named that stand for a method call, an attribute or an item of another node."""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, Final, TypeVar

from .names import callable_name
from .own_code import PUBLIC
from .registry import BUILDABLE_TYPES
from .shown import plain_repr

FunctionT = TypeVar("FunctionT", bound=Callable[..., object])

#: By the `id` of a callable, which is never freed: what comes before a member, and what after it.
_SPELT: Final[dict[int, tuple[str, str]]] = {
    id(getattr): (".", ""),
    id(operator.getitem): ("[", "]"),
}
_CALLED: Final = (".", "()")
#: Longer keys would hide what the item is of.
_MAX_KEY: Final = 40


def spelt_as_call(function: FunctionT) -> FunctionT:
    """Say of a function that it calls a method of its first argument, named by the second."""
    _SPELT[id(function)] = _CALLED
    return function


def member(node: Any) -> str:
    """Return ``.name``, ``.name()`` or ``[key]`` of a node that stands for a use of another, or "".

    Example:
        >>> from bytefig.configs import Config, call_method
        >>> member(Config(getattr, Config(complex), "real"))
        '.real'
        >>> member(Config(call_method, Config(complex), "conjugate"))
        '.conjugate()'
        >>> member(Config(getattr, 3j, "real"))
        ''
    """
    spelt = _SPELT.get(id(node.__fn_or_cls__))
    if spelt is None:
        return ""
    arguments, tagged = node.__arguments__, node.__argument_tags__ or ()
    is_call = spelt is _CALLED
    if type(arguments.get(0)) not in BUILDABLE_TYPES or 0 in tagged or 1 in tagged:
        return ""
    if not is_call and (tagged or len(arguments) != 2):
        return ""
    before, after = spelt
    key = arguments.get(1)
    if before == ".":
        return f"{before}{key}{after}" if type(key) is str and key.isidentifier() else ""
    text = plain_repr(key) if type(key) in (int, str) else ""
    return f"{before}{text}{after}" if 0 < len(text) <= _MAX_KEY else ""


def node_name(node: Any) -> str:
    """Return the `member` that a node stands for, or the name of its callable.

    Example:
        >>> from bytefig.configs import Config
        >>> node_name(Config(dict)), node_name(Config(getattr, Config(complex), "real"))
        ('dict', '.real')
    """
    return member(node) or callable_name(node.__fn_or_cls__)


def acted_on(node: Any) -> Any:
    """Return the node that an operation is done to, or that one's if it is one, too.

    Args:
        node: A node; one that stands for no operation is returned itself.

    Example:
        >>> from bytefig.configs import Config, call_method
        >>> acted_on(Config(getattr, Config(call_method, Config(complex), "conjugate"), "real"))
        <Config[complex()]>
    """
    while member(node) or getattr(node.__fn_or_cls__, "__module__", "") in ("_operator", PUBLIC):
        values = node.__arguments__.values()
        inner = next((value for value in values if type(value) in BUILDABLE_TYPES), None)
        if inner is None:
            break
        node = inner
    return node
