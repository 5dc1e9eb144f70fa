"""Engines that run trials elsewhere, imported when asked for: their libraries are extras.

Example:
    >>> from bytefig.tracer.sweep.engines import make_engine
    >>> make_engine("local", 2, ["patience=30"])._patience
    30.0
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any, Final

from ....configs import Config
from ...values import Scope, override, parse_assignment
from ..engine import Engine
from .remote import EngineError

__all__ = ["ENGINES", "EngineError", "make_engine"]

#: By name, the module of an engine and its class.
ENGINES: Final = {
    "local": ("..local", "Local"),
    "slurm": (".slurm", "Slurm"),
    "dask": (".dask", "Dask"),
    "ray": (".ray", "Ray"),
    "submitit": (".submitit", "Submitit"),
}


def make_engine(name: str, jobs: int | None = None, words: Sequence[str] = ()) -> Engine:
    """Return an engine.

    Args:
        name: Its name.
        jobs: How many trials run at a time; by default, what it makes of it.
        words: Its options, ``name=value`` each.

    Raises:
        EngineError: It is not installed, or does not take its options.
        OverrideError: It has no such option, or the option no such value.
    """
    module, cls = ENGINES[name]
    made: Any = getattr(importlib.import_module(module, __name__), cls)
    base = Config(made) if jobs is None else Config(made, jobs=jobs)
    given = override(base, [parse_assignment(word) for word in words], Scope())
    return made(**given.__arguments__)
