"""The functions that the benchmarks capture and build. They are in the subset both need: no loops
in the captured code, whose cost would hide that of the nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs


@attrs.frozen
class Dense:
    """A layer."""

    num_units: int
    activation: str | None = None


@attrs.frozen
class Sequential:
    """A stack of layers."""

    layers: list[Any]


@attrs.frozen
class Attention:
    """A part of a block, with nested parts of its own."""

    heads: int
    query: Dense
    key: Dense
    value: Dense


@attrs.frozen
class Block:
    """One block of a transformer: five nodes besides itself."""

    attention: Attention
    feed_forward: Dense
    dropout: float = 0.1


#: Nodes that one block makes: itself, the attention with its three layers, and the feed-forward.
NODES_IN_BLOCK = 6


def build_model() -> Sequential:
    """Three layers, as in the guide: four nodes."""
    return Sequential(
        [
            Dense(num_units=128, activation="relu"),
            Dense(num_units=128, activation="relu"),
            Dense(num_units=1, activation=None),
        ]
    )


def transformer(blocks: int) -> Sequential:
    """A stack of blocks: one node, and six for each block."""
    layers = []
    for _ in range(blocks):
        attention = Attention(
            heads=8,
            query=Dense(num_units=64),
            key=Dense(num_units=64),
            value=Dense(num_units=64),
        )
        layers.append(Block(attention, feed_forward=Dense(num_units=256, activation="relu")))
    return Sequential(layers)


def fresh_copy(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function with a code object of its own, which nothing has decoded yet."""
    copy = type(function)(
        function.__code__.replace(),
        function.__globals__,
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    assert copy.__code__ is not function.__code__
    return copy
