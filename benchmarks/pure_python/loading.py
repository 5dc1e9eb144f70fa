"""Load one of the programs beside this file, with every function of it replaced."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

PROGRAMS = ("nbody", "fannkuch", "richards", "deltablue", "json_text")


def code_of(program: str) -> CodeType:
    path = Path(__file__).with_name(f"{program}.py")
    return compile(path.read_bytes(), str(path), "exec", dont_inherit=True)


def load(program: str, replace: Callable[[Any], Any] | None = None) -> Callable[[int], Any]:
    """Return a program's ``main``, in a module of its own.

    Args:
        program: Which.
        replace: Makes what every function and method is replaced by, such as `interpret`.
    """
    namespace: dict[str, Any] = {"__name__": program}
    exec(code_of(program), namespace)
    if replace is None:
        return namespace["main"]
    for name, value in list(namespace.items()):
        if isinstance(value, FunctionType):
            namespace[name] = replace(value)
        elif isinstance(value, type):
            for attribute, member in list(vars(value).items()):
                if isinstance(member, FunctionType):
                    setattr(value, attribute, replace(member))
    return namespace["main"]
