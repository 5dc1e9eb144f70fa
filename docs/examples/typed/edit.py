"""Edit and build a graph; type checkers follow what they can.

python docs/examples/typed/edit.py
"""

from __future__ import annotations

from typing import assert_type

from bytefig.configs import Config, build, typed
from model import Dense, Model, build_model


def main() -> None:
    """Capture, edit and build."""
    graph = build_model.as_buildable(8)
    assert_type(graph, Config[Model])
    # Of a node itself, every attribute is of any type.
    graph.rate = 0.25
    # What `typed` returns is the same node, with the attributes of what it builds.
    view = typed(graph)
    assert_type(view, Model)
    view.layers[0].units = 16
    view.layers.append(typed(Config(Dense, 4, activation="elu")))
    assert_type(view.layers[0].activation, str)
    model = build(graph)
    assert_type(model, Model)
    print([layer.units for layer in model.layers], model.rate)


if __name__ == "__main__":
    main()
