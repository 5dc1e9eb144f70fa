# ruff: noqa: UP006, UP007, UP035, UP045 - old forms are written, too
"""Type hints and generic classes as values and callables: in JSON, YAML, source, diffs and text."""

import collections.abc
import contextlib
import copy
import dataclasses
import importlib
import json
import pickle
import typing
from typing import Annotated, Any, Callable, Generic, Literal, Optional, TypeVar, Union

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bytefig.configs import (
    Config,
    SerializationError,
    build,
    dump_json,
    json_schema,
    load_json,
    select,
    to_source,
)
from bytefig.configs.diffing import build_diff

T = TypeVar("T")


@dataclasses.dataclass
class Cell(Generic[T]):
    content: T


@dataclasses.dataclass
class Row(Cell[T]):
    count: int = 1


class Own:
    def __class_getitem__(cls, item):
        raise RuntimeError("code of a class ran")


def holder(value=None):
    return value


ALLOW = [__name__, "collections.abc", "builtins:type"]
FORMS = [
    *(int | str, int | None, Optional[int], Union[int, str, None], Literal["a", 1, None, True]),
    *(Callable[[int], str], Callable[..., None], Callable[[], int], Callable),
    *(collections.abc.Callable[[int, None], str], collections.abc.Callable[..., int]),
    *(typing.List[int], typing.List, typing.Dict[str, Any], typing.Tuple[()], tuple[()]),
    *(tuple[int, ...], list[int | None], dict[str, list[Row[int]]], Row[int], Row[Row[str]]),
    *(Annotated[int, "meta", 3], typing.ClassVar[int], typing.Final[int], typing.Self, Any),
    *(type[Row[int]], Row[Any], Row[None], list[None], typing.Type[int], Union, Optional, Literal),
]


def rebuilt(graph):
    names = {}
    exec(to_source(graph), names)
    return names["build_config"]()


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_round_trips(form):
    node = Config(holder, form)
    text = dump_json(node)
    with contextlib.suppress(ImportError):
        importlib.import_module("jsonschema").validate(json.loads(text), json_schema())
    made = [load_json(text, allow=ALLOW), rebuilt(node), copy.deepcopy(node)]
    for loaded in (*made, pickle.loads(pickle.dumps(node))):
        assert loaded == node
        assert type(loaded.value) is type(form)
        assert build_diff(node, loaded).changes == ()
        assert build(loaded) == form


simple = st.sampled_from([int, str, None, Row, Any, Row[int], Literal["x"]])
nested = st.deferred(
    lambda: st.one_of(
        simple,
        st.builds(lambda it: list[it], nested),
        st.builds(lambda it: Row[it], nested),
        st.builds(lambda it: Optional[it], nested),
        st.builds(lambda one, two: Union[one, two], nested, nested),
        st.builds(lambda one, two: Callable[[one], two], nested, nested),
        st.builds(lambda it: Annotated[it, 1], nested),
    )
)


@given(nested)
def test_any_form(form):
    # Source is nested 40 deep at most; since 3.14 an Optional is shown by a bar.
    assume(str(form).count("[") + str(form).count("|") < 30)
    node = Config(holder, {"form": form})
    assert load_json(dump_json(node), allow=ALLOW) == node == rebuilt(node)


def test_a_subscripted_class_as_a_callable():
    node = Config(Row[int], content=Config(Row[str], content="x"))
    for made in (load_json(dump_json(node), allow=ALLOW), rebuilt(node), copy.deepcopy(node)):
        assert made == node != Config(Row[str], content=Config(Row[str], content="x"))
        assert build(made) == Row(Row("x"))


def test_subscripted_classes_are_found_by_their_class():
    graph = [Config(Row[int]), Config(Row), Config(Cell[int]), Config(Row[str])]
    assert list(select(graph, Row)) == [graph[0], graph[1], graph[3]]
    assert list(select(graph, Row[int])) == [graph[0]]
    assert len(list(select(graph, Cell))) == 4
    assert list(select(graph, Cell, match_subclasses=False)) == [graph[2]]


def test_text_tells_subscriptions_and_class_methods_apart():
    class Shape:
        @classmethod
        def plain(cls, sides=3): ...

    class Square(Shape): ...

    for one, other in ((Row[int], Row[str]), (Shape.plain, Square.plain)):
        assert repr(Config(one)) != repr(Config(other))
        old, new = (
            line[1:].strip()
            for line in str(build_diff(Config(one), Config(other))).splitlines()
            if line.startswith(("- ", "+ "))
        )
        assert old != new
    assert repr(Config(Row[dict[str, int | None]])) == "<Config[Row[dict[str, int | None]]()]>"
    assert "Square.plain" in repr(Config(Square.plain))


def test_no_code_of_a_class_runs():
    call = {"symbol": f"{__name__}:Own"}
    nodes = [{"id": "a", "type": "alias", "call": call, "items": [call]}]
    text = json.dumps(
        {"format": "bytefig.graph", "version": 1, "nodes": nodes, "root": {"ref": "a"}}
    )
    assert load_json(text, allow=ALLOW).__origin__ is Own


class Joins(type):
    def __or__(cls, other):
        raise RuntimeError("code of a metaclass ran")


class Joined(metaclass=Joins): ...


@pytest.mark.parametrize(
    ("call", "items", "problem"),
    [
        ({"typing": "Optional"}, [{"symbol": "builtins:int"}] * 2, "cannot be subscripted so"),
        ({"typing": "Nothing"}, [], "typing has no form 'Nothing'"),
        ({"typing": "UnionType"}, [{"symbol": f"{__name__}:Joined"}, None], "a | of its own"),
        ({"symbol": f"{__name__}:holder"}, [], "is not a class"),
    ],
)
def test_forms_that_are_refused(call, items, problem):
    nodes = [{"id": "a", "type": "alias", "call": call, "items": items}]
    text = json.dumps(
        {"format": "bytefig.graph", "version": 1, "nodes": nodes, "root": {"ref": "a"}}
    )
    with pytest.raises(SerializationError) as caught:
        load_json(text, allow=ALLOW)
    assert problem in str(caught.value)


def test_a_generic_class_of_pydantic_is_no_name():
    pydantic = pytest.importorskip("pydantic")
    model = pydantic.create_model("Pair", __base__=(pydantic.BaseModel, Generic[T]), left=(T, ...))
    with pytest.raises(SerializationError, match=r"Pair\[int\], which is no name"):
        dump_json(Config(model[int], left=3))
