"""The workloads: builder functions that every library captures, each with its arguments.

The functions hold plain code that Fiddle takes, too: it needs their source, and does not allow
functions inside them. Two make real objects of scikit-learn and torch, where those are installed.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from typing import Any, NamedTuple

import attrs
from builders import Dense, Sequential, build_model, transformer

#: Blocks of the transformers.
TRANSFORMERS = (10, 100, 1_000, 10_000)
#: The parameters of the node that has many.
MANY = tuple(f"argument_{number}" for number in range(1000))
Wide = attrs.make_class("Wide", MANY, frozen=True)
WIDE_ARGUMENTS = {name: number for number, name in enumerate(MANY)}


@attrs.frozen
class Wrapper:
    """A layer around another one."""

    inner: Any
    width: int = 1


def wide() -> Any:
    """One node with a thousand arguments."""
    return Wide(**WIDE_ARGUMENTS)


def deep(depth: int) -> Any:
    """Calls inside calls: a graph that is as deep as it has nodes."""
    node: Any = Dense(num_units=1)
    for _ in range(depth):
        node = Wrapper(node)
    return node


def shared(references: int) -> Sequential:
    """One node that a list holds again and again."""
    dense = Dense(num_units=8)
    return Sequential([dense] * references)


def make_closure(widths: list[int], activation: str, make: Callable[..., Any]) -> Any:
    """Return a builder that reads all it needs from an enclosing function."""

    def closures() -> Any:
        layers = []
        for width in widths:
            layers.append(make(num_units=width, activation=activation))
        return Sequential(layers)

    return closures


def loop(steps: int) -> Sequential:
    """Two calls to record, and many steps of arithmetic between them."""
    first = Dense(num_units=8)
    total = 0
    for step in range(steps):
        total = (total * 3 + step) & 0xFFFF
    return Sequential([first, Dense(num_units=total)])


TEXT = "encoder: relu 64, relu 128; decoder: tanh 32, sigmoid 16, relu 8; head: softmax 10\n"


def strings(lines: int) -> Sequential:
    """Take the layers from a text: its methods run, the layers are recorded."""
    layers = []
    for number, line in enumerate((TEXT * lines).splitlines()):
        for section in line.split(";"):
            name, _, body = section.strip().partition(":")
            for part in body.split(","):
                activation, width = part.split()
                title = f"{name.upper()}.{activation.capitalize()}_{number:03d}"
                if title.startswith("ENCODER") and title.endswith("000"):
                    layers.append(Dense(num_units=int(width), activation=title.lower()))
    return Sequential(layers)


def inline_chain(auto_config: Callable[[Any], Any], depth: int) -> Any:
    """Return a captured function that calls one that calls one, and so on; each has a node."""

    def innermost(width: int) -> Any:
        return Dense(num_units=width)

    function = auto_config(innermost)
    for _ in range(depth - 1):
        function = _around(auto_config, function)
    return function


def _around(auto_config: Callable[[Any], Any], inner: Any) -> Any:
    def inline(width: int) -> Any:
        return Wrapper(inner(width), width=width)

    return auto_config(inline)


#: What turns a function into one with `as_buildable`, such as `auto_config`.
Decorator = Callable[[Callable[..., Any]], Any]


class Workload(NamedTuple):
    """A builder, and the arguments that it is called with."""

    name: str
    make: Callable[[Decorator], Any]
    arguments: tuple[Any, ...] = ()
    #: Arguments that make a small graph, for tests; None if they are the same.
    small: tuple[Any, ...] | None = None
    #: The library that has to be installed.
    needs: str | None = None

    def is_available(self) -> bool:
        return self.needs is None or importlib.util.find_spec(self.needs) is not None

    def plain(self) -> Callable[..., Any]:
        """Return the function itself, not captured."""
        return self.make(lambda function: function)

    def small_arguments(self) -> tuple[Any, ...]:
        return self.arguments if self.small is None else self.small


def _of(function: Callable[..., Any]) -> Callable[[Decorator], Any]:
    return lambda decorate: decorate(function)


def _imported(module: str) -> Callable[[Decorator], Any]:
    return lambda decorate: decorate(getattr(importlib.import_module(module), module))


_closure = make_closure([2**power for power in range(8)], "relu", Dense)

WORKLOADS: dict[str, Workload] = {
    workload.name: workload
    for workload in (
        Workload("seq", _of(build_model)),
        *(Workload(f"transformer({n:,})", _of(transformer), (n,), (3,)) for n in TRANSFORMERS),
        Workload("wide", _of(wide)),
        Workload("deep", _of(deep), (1000,), (20,)),
        Workload("shared", _of(shared), (1000,), (5,)),
        Workload("closures", _of(_closure)),
        Workload("loop", _of(loop), (1_000_000,), (100,)),
        Workload("strings", _of(strings), (20,), (2,)),
        Workload("inline", lambda decorate: inline_chain(decorate, 50), (7,)),
        Workload("scikit-learn grid", _imported("grid_search"), (10,), (2,), needs="sklearn"),
        Workload("torch model", _imported("convolutions"), (20,), (2,), needs="torch"),
    )
}
