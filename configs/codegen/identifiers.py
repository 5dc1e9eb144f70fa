"""Names in the generated source: imports, variables, and no collisions."""

from __future__ import annotations

import builtins
import keyword
import re
import sys
from typing import Final

from .layout import WIDTH

_RESERVED: Final = frozenset({*keyword.kwlist, *keyword.softkwlist, *dir(builtins)})
_WORD_START: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NO_LETTER: Final = re.compile(r"\W+")


def variable_name(text: str) -> str:
    """Return a variable's name in the usual style, made from any text.

    Example:
        >>> variable_name("HTTPServer"), variable_name("model.Dense"), variable_name("<lambda>")
        ('http_server', 'dense', 'lambda_')
    """
    last = text.rpartition(".")[2]
    name = _NO_LETTER.sub("_", _WORD_START.sub("_", last)).strip("_").lower()
    if not name or name[0].isdigit():
        name = f"value_{name}".rstrip("_")
    return f"{name}_" if keyword.iskeyword(name) or not name.isidentifier() else name


class Names:
    """Gives out names that are free."""

    __slots__ = ("_counts", "_taken")

    def __init__(self, *taken: str) -> None:
        self._taken = {*_RESERVED, *taken}
        self._counts: dict[str, int] = {}

    def take(self, *wanted: str) -> str:
        """Return the first of the wanted names that is free, or the last with a number."""
        for name in wanted:
            if name not in self._taken:
                self._taken.add(name)
                return name
        base = wanted[-1]
        number = self._counts.get(base, 1)
        name = base
        while name in self._taken:
            number += 1
            name = f"{base}_{number}"
        self._counts[base] = number
        self._taken.add(name)
        return name


class Imports:
    """Collects the imports of the source, and their names."""

    __slots__ = ("_members", "_modules", "_names")

    def __init__(self, names: Names) -> None:
        self._names = names
        self._modules: dict[str, str] = {}
        self._members: dict[tuple[str, str], str] = {}

    def module(self, module: str) -> str:
        """Import a module; return its name in the source."""
        if module not in self._modules:
            wanted = [module] if "." not in module else []
            self._modules[module] = self._names.take(
                *wanted, module.rpartition(".")[2], module.replace(".", "_")
            )
        return self._modules[module]

    def member(self, module: str, name: str) -> str:
        """Import a name from a module; return its name in the source."""
        key = (module, name)
        if key not in self._members:
            last = module.rpartition(".")[2].strip("_")
            self._members[key] = self._names.take(name, f"{last}_{name}" if last else name)
        return self._members[key]

    def lines(self) -> list[str]:
        """Return the import statements: the standard library's first, sorted."""
        sections: tuple[list[str], list[str]] = ([], [])
        for module in sorted(self._modules):
            sections[_section(module)].append(_import(module, self._modules[module]))
        for module in sorted({module for module, _ in self._members}):
            found = {name: used for (of, name), used in self._members.items() if of == module}
            sections[_section(module)].extend(_import_from(module, found))
        standard, others = sections
        return [*standard, *([""] if standard and others else []), *others]


def _section(module: str) -> int:
    return module.partition(".")[0] not in sys.stdlib_module_names


def _import(module: str, name: str) -> str:
    return f"import {module}" if name == module else f"import {module} as {name}"


def _import_from(module: str, names: dict[str, str]) -> list[str]:
    parts = [
        name if name == names[name] else f"{name} as {names[name]}"
        for name in sorted(names, key=_import_order)
    ]
    line = f"from {module} import {', '.join(parts)}"
    if len(line) <= WIDTH:
        return [line]
    return [f"from {module} import (", *(f"    {part}," for part in parts), ")"]


def _import_order(name: str) -> tuple[int, str]:
    """Constants, then classes, then functions, as isort has it."""
    if name.isupper() and len(name) > 1:
        return 0, name
    return (1 if name[:1].isupper() else 2), name
