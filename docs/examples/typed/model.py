"""A small typed project: its classes, and a builder of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from bytefig.tracer import auto_config


@dataclass
class Dense:
    """A layer."""

    units: int
    activation: str = "relu"


@dataclass
class Model:
    """Layers, and what comes after them."""

    layers: list[Dense] = field(default_factory=list[Dense])
    head: Dense | None = None
    rate: float = 0.1


@auto_config
def build_model(width: int) -> Model:
    """Return a model with two layers."""
    return Model([Dense(width), Dense(width)], head=Dense(1), rate=0.5)
