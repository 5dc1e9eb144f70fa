"""Each program of this folder does what it does natively, however and by whatever it is run."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable
from typing import Any

import asynchronous
import classes
import exceptions
import generators
import hand_written_code
import large_code
import library_code
import lifetimes
import pytest
import scopes
from exempting import captured, exempting

from bytefig.tracer import capture, interpret

MODULES = (
    generators,
    exceptions,
    scopes,
    classes,
    lifetimes,
    asynchronous,
    library_code,
    large_code,
    hand_written_code,
)
PROGRAMS = [
    pytest.param(
        program,
        id=f"{module.__name__}-{name}",
        marks=[pytest.mark.needs_threads] if name in library_code.NEEDS_THREADS else [],
    )
    for module in MODULES
    for name, program in vars(module).items()
    if isinstance(program, types.FunctionType) and name[0] != "_"
]


WAYS: dict[str, Callable[[types.FunctionType], Callable[[], object]]] = {
    "interpret": interpret,
    "as_buildable": captured,
    "capture": lambda program: functools.partial(capture, exempting(program)),
}
#: By name: the tier, and after how many jumps and calls code moves over, if not as ever.
TIERS: dict[str, tuple[str, dict[str, int]]] = {
    "interpret": ("interpret", {}),
    "auto": ("auto", {}),
    "moving over soon": ("auto", {"jumps": 2, "calls": 1}),
    "compile": ("compile", {}),
}
NATIVE = [
    pytest.param(tier, marks=pytest.mark.needs_native_code if tier != "interpret" else ())
    for tier in TIERS
]


@pytest.mark.parametrize("tier", NATIVE)
@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_does_what_it_does_natively(
    program: types.FunctionType, tier: str, outcome_of: Any, using: Any, afresh: Any
) -> None:
    native = outcome_of(program)
    mode, limits = TIERS[tier]
    for name, way in WAYS.items():
        with using(mode, **limits):
            run = way(afresh(program))
            for _ in range(2):
                assert (name, outcome_of(run)) == (name, native)
