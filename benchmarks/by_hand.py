"""The graphs of two workloads, made of nodes by hand: what a capture could cost at least."""

from __future__ import annotations

from typing import Any

from builders import Attention, Block, Dense, Sequential


def seq(config: Any) -> Any:
    """The graph of `builders.build_model`, of any library's ``Config``."""
    return config(
        Sequential,
        [
            config(Dense, num_units=128, activation="relu"),
            config(Dense, num_units=128, activation="relu"),
            config(Dense, num_units=1, activation=None),
        ],
    )


def transformer(config: Any, blocks: int) -> Any:
    """The graph of `builders.transformer`."""
    layers = []
    for _ in range(blocks):
        attention = config(
            Attention,
            heads=8,
            query=config(Dense, num_units=64),
            key=config(Dense, num_units=64),
            value=config(Dense, num_units=64),
        )
        feed_forward = config(Dense, num_units=256, activation="relu")
        layers.append(config(Block, attention, feed_forward=feed_forward))
    return config(Sequential, layers)
