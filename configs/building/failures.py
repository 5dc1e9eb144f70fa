"""The errors of `build`, which name the path of the node and where it was made."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any, get_origin

from ..core.errors import BuildError, combine
from ..core.keys import ArgumentKey, Arguments
from ..core.member_names import member
from ..core.names import callable_name
from ..core.slots import NodeSlots
from ..core.tag_storage import tag_names, tags_at
from ..node.dunders.representation import short_repr
from ..signature.signature import signature_of
from ..traversal.paths import Path, format_path
from ..traversal.traverse import BUILDABLE_KIND


def misplaced_factory(path: str, node: NodeSlots | None) -> BuildError:
    """Return the error that a value made at every call is where there is no call."""
    where = "outside of any Partial" if node is None else f"of a {type(node).__name__}"
    return BuildError(
        f"cannot build the ArgFactory at or in {path}: {where}, there is no call to make its value"
        f" for{_made_at(node)}\n  fix: use a Config here, or make the enclosing node a Partial",
        path=path,
        callable=None if node is None else node.__fn_or_cls__,
    )


def missing_arguments(missing: Sequence[ArgumentKey], node: NodeSlots, steps: Path) -> Exception:
    """Return the error that a node lacks arguments, which is a TypeError too."""
    path = format_path(steps)
    fn = node.__fn_or_cls__
    names = ", ".join(_named(node, key) for key in missing)
    element = BUILDABLE_KIND.element
    settings = ", ".join(format_path((*steps, element(key))) for key in missing)
    message = (
        f"cannot build {callable_name(fn)} at {path}: required arguments are not set: {names}"
        f"{_made_at(node)}\n  fix: set {settings}"
    )
    return combine(TypeError(message), message, path, fn)


def _named(node: NodeSlots, key: ArgumentKey) -> str:
    name = repr(signature_of(node.__fn_or_cls__).parameter_name(key))
    tags = tags_at(node, key)
    return f"{name} (tagged {tag_names(tags)})" if tags else name


def refused_binding(error: Exception, node: NodeSlots) -> bool:
    """Tell whether a callable was not given its arguments, rather than failed while it ran.

    Its signature is no proof that an argument is needed: a decorator may supply it.
    """
    if not isinstance(error, TypeError):
        return False
    fn: Any = get_origin(node.__fn_or_cls__) or node.__fn_or_cls__
    if isinstance(fn, type):
        fn = fn.__init__ if hasattr(fn.__init__, "__code__") else fn.__new__
    code = getattr(inspect.unwrap(getattr(fn, "__func__", fn)), "__code__", None)
    entry = error.__traceback__
    while entry is not None:
        if entry.tb_frame.f_code is code:
            return False
        entry = entry.tb_next
    return True


def failure(error: Exception, node: NodeSlots, stored: Arguments, steps: Path) -> Exception:
    """Return the error of a callable with the path of its node, of the type of that error too."""
    signature = signature_of(node.__fn_or_cls__)
    path = format_path(steps)
    arguments = ", ".join(
        f"{key}={short_repr(value)}" for key, value in signature.ordered(stored).items()
    )
    name = member(node) or signature.name
    what = f"cannot build {name} at {path}"
    about = (
        f"{_made_at(node)}\n  arguments: ({arguments})"
        f"\n  fix: change the arguments of {path}, or what {name} does with them"
    )
    message = f"{what}: {type(error).__name__}: {_text(error)}{about}"
    return combine(error, message, path, node.__fn_or_cls__, what + about)


def _text(error: Exception) -> str:
    try:
        return str(error)
    except Exception:  # a user's exception may fail to print itself
        return "<without text>"


def _made_at(node: NodeSlots | None) -> str:
    provenance = None if node is None else node.__provenance__
    return "" if provenance is None else f"\n  made at {provenance}"
