"""Tests of `bytefig.configs.node.pytree`."""

from typing import Annotated

import pytest
from tag_cases import equal_with_tags

from bytefig.configs import Attr, BuildableTraverserMetadata, Config, Index, Partial, Tag


class Size(Tag):
    """How large."""


def fn(a, /, b: Annotated[int, Size] = 1, *rest, **more):
    return a, b, rest, more


@pytest.mark.parametrize("kind", [Config, Partial])
def test_round_trip(kind):
    node = kind(fn, 1, 2, 3, z=4)
    node.b = 5
    values, metadata = node.__flatten__()
    assert type(metadata) is BuildableTraverserMetadata
    assert values == (1, 5, 3, 4)
    rebuilt = type(node).__unflatten__(values, metadata)
    assert equal_with_tags(rebuilt, node) and type(rebuilt) is kind
    assert rebuilt.__provenance__ is node.__provenance__
    assert rebuilt.__history__ == node.__history__
    rebuilt.b = 6
    assert (len(node.__history__), len(rebuilt.__history__)) == (1, 2)
    assert node.b == 5


def test_metadata():
    node = Config(fn, 1, z=4)
    node.z = 3
    _, metadata = node.__flatten__()
    assert metadata.argument_names == (0, "z")
    assert metadata.tags() == {"b": {Size}}
    assert metadata.arguments("xy") == {0: "x", "z": "y"}
    assert metadata.history() == node.__history__
    with pytest.raises(ValueError, match="shorter"):
        metadata.arguments("x")
    bare = metadata.without_history()
    assert bare.argument_history == () and bare.provenance is None
    assert equal_with_tags(Config.__unflatten__([1, 3], bare), node)
    assert Config.__unflatten__([1, 3], bare).__history__ is None


def test_steps():
    assert Config(fn, 1, 2, 3, z=4).__path_elements__() == (
        Index(0),
        Attr("b"),
        Index(2),
        Attr("z"),
    )
