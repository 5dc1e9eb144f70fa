"""What type checkers know of the public verbs; ``make typecheck`` runs two of them over this."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import assert_type

from bytefig.configs import (
    ArgFactory,
    Buildable,
    Config,
    NodeSelection,
    Partial,
    Tag,
    TagSelection,
    build,
    cast,
    copy_with,
    deepcopy_with,
    get_callable,
    select,
)
from bytefig.tracer import (
    AutoConfig,
    auto_config,
    auto_unconfig,
    capture,
    exempt,
    inlined_partial,
    interpret,
    with_buildable_func,
)


class Units(Tag):
    """How many units."""


class Dense:
    """A class to build."""

    def __init__(self, units: int, bias: bool = True) -> None:
        """Keep both."""
        self.units = units
        self.bias = bias


@auto_config
def bare(units: int) -> Dense:
    """Decorate without parentheses."""
    return Dense(units)


@auto_config(experimental_allow_control_flow=True)
def with_options(units: int, *, bias: bool = True) -> Dense:
    """Decorate with parameters."""
    return Dense(units, bias)


class Family:
    """Methods of every kind."""

    @auto_config
    def method(self, units: int) -> Dense:
        """Make one."""
        return Dense(units)

    @auto_config
    @classmethod
    def of_class(cls, units: int) -> Dense:
        """Make one."""
        return Dense(units)

    @auto_config
    @staticmethod
    def static(units: int) -> Dense:
        """Make one."""
        return Dense(units)


@auto_unconfig
def by_hand(units: int) -> Config[Dense]:
    """Return a graph."""
    return Config(Dense, units)


def graph_of(units: int) -> Config[Dense]:
    """Return a graph."""
    return Config(Dense, units)


@with_buildable_func(graph_of)
def with_func(units: int) -> Dense:
    """Return an object."""
    return Dense(units)


@exempt
def helper(x: int) -> str:
    """Run as usual."""
    return str(x)


def test_functions() -> None:
    """Parameters and results come through."""
    assert_type(bare(1), Dense)
    assert_type(bare.as_buildable(1), Config[Dense])
    assert_type(with_options(1, bias=False), Dense)
    assert_type(with_options.as_buildable(1, bias=False), Config[Dense])
    assert_type(build(bare.as_buildable(1)), Dense)
    assert_type(capture(bare, 1), Config[Dense])


def test_methods() -> None:
    """So they do when bound."""
    assert_type(Family().method(1), Dense)
    assert_type(Family().method.as_buildable(1), Config[Dense])
    assert_type(Family.of_class(1), Dense)
    assert_type(Family.of_class.as_buildable(1), Config[Dense])
    # mypy forgets that it is static, and takes the first parameter for `self`.
    assert_type(Family.static.as_buildable(1), Config[Dense])  # type: ignore[call-arg]


def test_the_other_verbs() -> None:
    """Each keeps what it can."""
    assert_type(by_hand(1), Dense)
    assert_type(by_hand.as_buildable(1), Config[Dense])
    assert_type(with_func.as_buildable(1), Config[Dense])
    assert_type(helper(1), str)
    assert_type(inlined_partial(bare, units=1), functools.partial[Dense])


def test_a_lambda() -> None:
    """A type checker infers its result."""
    make: Callable[[int], Dense] = lambda n: Dense(n)
    wrapped: AutoConfig[[int], Dense] = auto_config(make)
    assert_type(wrapped.as_buildable(1), Config[Dense])
    assert interpret(make)(2).units == 2


def increment(x: int) -> int:
    """Return one more."""
    return x + 1


def test_nodes() -> None:
    """A node knows what its callable returns."""
    assert_type(Config(Dense, 1), Config[Dense])
    assert_type(Config(increment), Config[int])
    assert_type(Partial(Dense, 1), Partial[Dense])
    assert_type(ArgFactory(Dense, 1), ArgFactory[Dense])
    assert_type(get_callable(Config(increment)), Callable[..., int])


def test_build() -> None:
    """Building gives it."""
    assert_type(build(Config(Dense, 1)), Dense)
    assert_type(build(Config(increment, 1)), int)
    assert_type(build(Partial(Dense, 1)), functools.partial[Dense])


def test_copies() -> None:
    """A copy is of the same type, a cast of another kind of the same result."""
    node = Config(Dense, 1)
    assert_type(copy_with(node, units=2), Config[Dense])
    assert_type(deepcopy_with(node, units=2), Config[Dense])
    assert_type(cast(Partial, node), Partial[Dense])
    assert_type(cast(ArgFactory, node), ArgFactory[Dense])
    assert_type(cast(Config, Partial(increment, 1)), Config[int])


def test_selections() -> None:
    """What is selected configures the callable."""
    graph = [Config(Dense, 1)]
    assert_type(select(graph, Dense), NodeSelection[Buildable[Dense]])
    assert_type(select(graph, Dense, buildable_type=Config), NodeSelection[Config[Dense]])
    assert_type(
        select(graph, Dense, buildable_type=Partial, check_nonempty=False),
        NodeSelection[Partial[Dense]],
    )
    assert_type(list(select(graph, Dense, buildable_type=Config)), list[Config[Dense]])
    assert_type(select(graph, tag=Units, check_nonempty=False), TagSelection)
    assert_type(select(graph, Dense, tag=Units, check_nonempty=False), TagSelection)
