"""Capture the same builders with Fiddle and with bytefig, and compare the graphs.

Run by ``make parity``, in an environment of its own that has both. Prints a table; the exit code is
not zero if a case differs that is not listed, or if a listed one does not.
"""

from __future__ import annotations

import importlib.metadata
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, NamedTuple

import fiddle as fdl
from cases import CASES, DIFFERENCES, Dense
from fiddle import arg_factory as fiddle_arg_factory
from fiddle.experimental import auto_config as fiddle_auto_config

from bytefig import configs, tracer

PEER = SimpleNamespace(
    auto_config=fiddle_auto_config.auto_config,
    exempt=fiddle_auto_config.exempt,
    inlined_partial=fiddle_auto_config.inlined_partial,
    arg_factory=fiddle_arg_factory,
)
OURS = SimpleNamespace(
    auto_config=tracer.auto_config,
    exempt=tracer.exempt,
    inlined_partial=tracer.inlined_partial,
    arg_factory=tracer.arg_factory,
)
KINDS = {fdl.Config: "Config", fdl.Partial: "Partial", fdl.ArgFactory: "ArgFactory"} | {
    configs.Config: "Config",
    configs.Partial: "Partial",
    configs.ArgFactory: "ArgFactory",
}
#: What a user catches: an error counts as the same if ours is also of the peer's type.
CAUGHT = (SyntaxError, AssertionError, KeyError, TypeError, ValueError)


def make_dense(units):
    return Dense(units, activation="made")


for lib in (PEER, OURS):
    lib.make_dense = lib.auto_config(make_dense)
    lib.lazy_dense = lib.auto_config(make_dense, experimental_always_inline=False)


def neutral(value: Any, seen: dict[int, int]) -> Any:
    """Return a graph as plain values that are equal for equal graphs of both libraries."""
    for name in ("make_dense", "lazy_dense"):
        if value is getattr(PEER, name) or value is getattr(OURS, name):
            return name
    kind = KINDS.get(type(value))
    if kind is None and type(value) not in (list, dict, tuple):
        return value
    if type(value) is not tuple:
        if id(value) in seen:
            return "shared", seen[id(value)]
        seen[id(value)] = len(seen)
    if kind is not None:
        arguments = sorted(value.__arguments__.items(), key=lambda item: str(item[0]))
        parts = [(key, neutral(part, seen)) for key, part in arguments]
        effects = value.__effects__ if isinstance(value, configs.Buildable) else None
        parts += [("effect", neutral(part, seen)) for part in effects or ()]
        return kind, neutral(value.__fn_or_cls__, seen), parts
    if type(value) is dict:
        return "dict", [(key, neutral(part, seen)) for key, part in value.items()]
    return type(value).__name__, [neutral(part, seen) for part in value]


class Outcome(NamedTuple):
    """A graph, or the error instead of it."""

    graph: Any
    error: Exception | None


def run(lib: SimpleNamespace, builder: Callable[..., Any], options: dict[str, Any]) -> Outcome:
    try:
        return Outcome(neutral(lib.auto_config(builder, **options).as_buildable(lib), {}), None)
    except Exception as error:  # whatever a library says of the builder
        return Outcome(None, error)


def same(peer: Outcome, ours: Outcome) -> bool:
    if peer.error is None or ours.error is None:
        return peer == ours
    return any(isinstance(peer.error, kind) and isinstance(ours.error, kind) for kind in CAUGHT)


def shown(outcome: Outcome) -> str:
    if outcome.error is not None:
        return f"{type(outcome.error).__name__}: {str(outcome.error).splitlines()[0]}"
    return str(outcome.graph)


def main() -> int:
    """Compare all cases."""
    version = importlib.metadata.version("fiddle")
    print(f"CPython {sys.version.split()[0]}, Fiddle {version}, {len(CASES)} builders\n")
    wrong = []
    for name, (builder, options) in CASES.items():
        peer, ours = run(PEER, builder, options), run(OURS, builder, options)
        equal = same(peer, ours)
        verdict = "same" if equal else "DIFFERENT"
        if not equal and name in DIFFERENCES:
            verdict = "differs as listed"
        if equal == (name in DIFFERENCES):
            wrong.append(name)
        what = "error" if peer.error is not None else "graph"
        print(f"{name:32}{what if equal else '':8}{verdict}")
        if not equal:
            print(f"    Fiddle:  {shown(peer)[:110]}\n    bytefig: {shown(ours)[:110]}")
            print(f"    reason:  {DIFFERENCES.get(name, 'NOT LISTED')}")
    listed = len(DIFFERENCES)
    print(f"\n{len(CASES) - listed} the same, {listed} listed as different, {len(wrong)} wrong")
    for name in wrong:
        print(f"wrong: {name}", file=sys.stderr)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
