"""Names of what has moved, in documents."""

from __future__ import annotations

import pytest

from bytefig.configs import (
    Config,
    SerializationError,
    aliases,
    dump_json,
    load_aliases,
    load_json,
    register_alias,
)


class Layer:
    class Part: ...

    def __init__(self, units: int = 1): ...


def helper(): ...


@pytest.fixture(autouse=True)
def forget():
    before = dict(aliases._ALIASES)
    yield
    aliases._ALIASES.clear()
    aliases._ALIASES.update(before)


def document(name: str, graph=None) -> str:
    return dump_json(Config(Layer, 3) if graph is None else graph).replace(
        f"{__name__}:Layer", name
    )


@pytest.mark.parametrize("new", [Layer, f"{__name__}:Layer"])
def test_an_old_name_is_read_as_the_new_one(new):
    register_alias("gone.models:OldLayer", new)
    assert load_json(document("gone.models:OldLayer"), allow=[__name__]) == Config(Layer, 3)
    assert load_json(document("gone.models:OldLayer"), allow=[Layer]) == Config(Layer, 3)
    assert load_json(document(f"{__name__}:Layer"), allow=[__name__]) == Config(Layer, 3)


def test_what_is_inside_moves_too_and_moves_again():
    register_alias("first:Layer", "second:Layer")
    register_alias("second:Layer", Layer)
    text = document("first:Layer", Config(Layer.Part))
    assert "first:Layer.Part" in text
    assert load_json(text, allow=[__name__]) == Config(Layer.Part)


def test_the_new_name_has_to_be_allowed():
    register_alias("gone.models:system", "os:system")
    register_alias("gone.models:Layer", Layer)
    for name in ("gone.models:system", "gone.models:Layer"):
        with pytest.raises(SerializationError, match="is not allowed"):
            load_json(document(name), allow=["gone.models"])


def test_a_table_in_a_file(tmp_path):
    file = tmp_path / "names.toml"
    file.write_text(f'"gone:A" = "{__name__}:Layer"\n"gone:b" = "{__name__}:helper"\n')
    load_aliases(file)
    assert load_json(document("gone:A"), allow=[__name__]) == Config(Layer, 3)
    for text, message in (("a = 1", "needs the name that it has now"), ("a =", "Invalid value")):
        file.write_text(text)
        with pytest.raises(ValueError, match=message):
            load_aliases(str(file))


@pytest.mark.parametrize(
    "old, new", [("a", "b:c"), ("a:b", "c"), ("a:_b", "c:d"), ("a b:c", "d:e"), ("a:b", "a:b")]
)
def test_what_is_no_alias(old, new):
    with pytest.raises(ValueError, match="is no 'module:|stand for each other"):
        register_alias(old, new)


def test_names_that_lead_in_a_circle():
    register_alias("a:x", "b:x")
    with pytest.raises(ValueError, match="stand for each other"):
        register_alias("b:x", "a:x")


def test_a_name_that_is_not_there_is_answered_by_a_similar_one():
    with pytest.raises(SerializationError, match="did you mean 'Layer'"):
        load_json(document(f"{__name__}:Layr"), allow=[__name__])
