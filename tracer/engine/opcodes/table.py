"""The opcode table of the running version."""

from __future__ import annotations

from types import ModuleType
from typing import Final

from ...supported import RUNNING
from ..binders import Binder, Handlers
from ..marks import OPCODES
from . import (
    asynchronous,
    attributes,
    calls,
    cells,
    containers,
    context_managers,
    control,
    definitions,
    exception_groups,
    exceptions,
    generators,
    imports,
    intrinsics,
    operators,
    patterns,
    py311,
    py312,
    py313,
    py314,
    py315,
    stack,
    variables,
)

OPCODES.add(str(__package__))

CONCERNS: Final[tuple[ModuleType, ...]] = (
    asynchronous,
    attributes,
    calls,
    cells,
    containers,
    context_managers,
    control,
    definitions,
    exception_groups,
    exceptions,
    generators,
    imports,
    intrinsics,
    patterns,
    operators,
    stack,
    variables,
)

VERSIONS: Final[dict[tuple[int, int], ModuleType]] = {
    (3, 11): py311,
    (3, 12): py312,
    (3, 13): py313,
    (3, 14): py314,
    (3, 15): py315,
}


def merge(concerns: tuple[ModuleType, ...]) -> Handlers:
    """Merge the ``HANDLERS`` of the concern modules.

    Raises:
        ValueError: If two modules define the same handler.
    """
    merged: Handlers = {}
    for concern in concerns:
        handlers: Handlers = concern.HANDLERS
        repeated = merged.keys() & handlers.keys()
        if repeated:
            raise ValueError(f"{concern.__name__} defines again: {sorted(repeated)}")
        merged.update(handlers)
    return merged


def binders_of(opcodes: dict[str, str], handlers: Handlers) -> dict[str, Binder]:
    """Return the binder of each opcode a version lists.

    Raises:
        ValueError: If the version asks for a handler that does not exist.
    """
    unknown = set(opcodes.values()) - handlers.keys()
    if unknown:
        raise ValueError(f"no such handlers: {sorted(unknown)}")
    return {opcode: handlers[name] for opcode, name in opcodes.items()}


_VERSION: Final = VERSIONS[RUNNING]

#: Opcode to binder.
HANDLERS: Final[dict[str, Binder]] = binders_of(_VERSION.OPCODES, merge(CONCERNS))
#: Opcodes that become no step of their own.
ELIDED: Final[frozenset[str]] = _VERSION.ELIDED
#: Opcodes that cannot be traced, with the reason.
UNSUPPORTED: Final[dict[str, str]] = _VERSION.UNSUPPORTED
