"""The forms of source: functions for parts of a graph, variables, comments and dotted paths."""

import ast

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from source_cases import (
    Layer,
    Pair,
    Thing,
    Width,
    fixtures_of,
    graphs,
    log_of,
    positional,
    programs,
    run,
    two,
    variadic,
)
from tag_cases import equal_with_tags

from bytefig.configs import (
    VARARGS,
    ArgFactory,
    Config,
    Partial,
    SavedProvenance,
    TaggedValue,
    add_effects,
    add_tag,
    as_called,
    build,
    call_method,
    custom_location,
    suspend_history,
)
from bytefig.configs.codegen import CodegenError, to_auto_config_source, to_source
from bytefig.tracer import capture

LIMITS = st.none() | st.integers(0, 6)


def body(source):
    """Return what follows the imports."""
    return source[min(source.find(word) % len(source) for word in ("@", "def ")) :]


@settings(max_examples=200, deadline=None)
@given(graphs(), st.data(), LIMITS, st.booleans(), st.booleans())
def test_every_form_rebuilds_an_equal_graph(graph, data, limit, history, dotted):
    fixtures = fixtures_of(data.draw, graph)
    source = to_source(
        graph,
        sub_fixtures=fixtures,
        max_expression_complexity=limit,
        include_history=history,
        dot_syntax=dotted,
    )
    assert equal_with_tags(run(source)(), graph)
    assert [each.name for each in ast.parse(source).body if isinstance(each, ast.FunctionDef)] == [
        "build_config",
        *fixtures,
    ]


@settings(max_examples=150, deadline=None)
@given(graphs(), st.data(), LIMITS, st.booleans())
def test_every_form_captures_to_an_equal_graph(graph, data, limit, history):
    source = to_auto_config_source(
        graph,
        sub_fixtures=fixtures_of(data.draw, graph),
        max_expression_complexity=limit,
        include_history=history,
    )
    assert equal_with_tags(run(source).as_buildable(), graph)


@settings(max_examples=200, deadline=None)
@given(programs(), st.data(), LIMITS, st.booleans(), st.sampled_from(["config", "dotted", "plain"]))
def test_programs_keep_their_order_or_are_refused(graph, data, limit, history, form):
    options = {
        "sub_fixtures": fixtures_of(data.draw, graph),
        "max_expression_complexity": limit,
        "include_history": history,
    }
    found = None
    try:
        if form == "plain":
            found = run(to_auto_config_source(graph, **options)).as_buildable()
        else:
            found = run(to_source(graph, dot_syntax=form == "dotted", **options))()
    except CodegenError as error:
        refused = str(error)
    if found is None:
        event("refused")
        assert options["sub_fixtures"]
        assert "cannot be a function" in refused
        return
    event(f"{len(options['sub_fixtures'])} functions")
    assert found == graph
    assert log_of(found) == log_of(graph)


def test_functions_of_parts():
    shared = Config(Layer, 1)
    graph = Config(two, [shared, Config(Layer, act=shared)], Config(two, shared))
    fixtures = {"layers": graph.x, "last": graph.y, "make_shared": shared}
    assert (
        body(to_source(graph, sub_fixtures=fixtures))
        == """\
def build_config():
    layer = make_shared()
    return Config(two, x=layers(layer), y=last(layer))


def layers(layer):
    return [layer, Config(Layer, act=layer)]


def last(layer):
    return Config(two, x=layer)


def make_shared():
    return Config(Layer, units=1)
"""
    )


def test_functions_in_functions():
    graph = Config(two, Config(two, Config(Layer, [1]), Config(Layer, 2)))
    graph.x.y.act = graph.x.x.units
    source = to_source(graph, sub_fixtures={"inner": graph.x.y, "outer": graph.x})
    assert (
        body(source)
        == """\
def build_config():
    return Config(two, x=outer())


def inner(units):
    return Config(Layer, units=2, act=units)


def outer():
    units = [1]
    return Config(two, x=Config(Layer, units=units), y=inner(units))
"""
    )
    assert run(source)() == graph
    assert run(source)().x.x.units is not graph.x.x.units


def test_the_whole_graph_can_be_a_part():
    graph = Config(two, 1)
    source = to_source(graph, sub_fixtures={"whole": graph}, dot_syntax=True)
    assert "def build_config():\n    return whole()\n" in source
    assert run(source)() == graph


def test_a_program_is_divided():
    def builder():
        model = Thing(1)
        model.go()
        other = Thing(model.parts, 2)
        with Thing(3) as entered:
            inner = Thing(entered)
        return Thing(model, other, inner)

    graph = capture(builder)
    made, inner = graph[0], graph[2]
    source = to_auto_config_source(graph, sub_fixtures={"make": made, "with_3": inner})
    assert (
        body(source)
        == """\
@auto_config(experimental_allow_control_flow="all", deferred=True)
def build_config():
    thing_2 = make()
    parts = thing_2.parts
    thing_3 = Thing(parts, 2)
    thing_5 = with_3()
    thing_6 = Thing(thing_2, thing_3, thing_5)
    return thing_6


@auto_config(experimental_allow_control_flow="all", deferred=True)
def make():
    thing = Thing(1)
    thing.go()
    return thing


@auto_config(experimental_allow_control_flow="all", deferred=True)
def with_3():
    with Thing(3) as entered:
        thing_4 = Thing(entered)
    return thing_4
"""
    )
    assert run(source).as_buildable() == graph


def test_effects_of_a_node_made_by_hand():
    graph = [add_effects(Config(Thing, 1), Config(Thing, 2))]
    found = run(to_source(graph))()
    assert found == graph
    assert log_of(found) == log_of(graph)


def interleaved():
    first, second = as_called(Config(Thing, 1)), as_called(Config(Thing, 2))
    return as_called(Config(Thing, as_called(Config(Thing, first)), second))


@pytest.mark.parametrize("write", [to_source, to_auto_config_source])
def test_calls_in_between_are_refused(write):
    graph = interleaved()
    with pytest.raises(CodegenError) as caught:
        write(graph, sub_fixtures={"other": graph[1], "nested": graph[0]})
    (problem,) = caught.value.problems
    assert problem.path == "<root>[0]"
    assert "'nested' cannot be a function: other calls of the program come" in problem.reason
    assert problem.provenance.function == "interleaved"


@pytest.mark.parametrize("write", [to_source, to_auto_config_source])
def test_what_is_made_too_late_is_refused(write):
    graph = Config(two, Config(Thing), late := Config(Thing, 1))
    add_effects(graph.x, as_called(Config(call_method, graph.x, "go", late)))
    with pytest.raises(CodegenError, match="'early' cannot be a function: it uses what is made"):
        write(graph, sub_fixtures={"early": graph.x})


def test_a_block_that_ends_elsewhere_is_refused():
    def builder():
        manager = Thing(3)
        with manager as entered:
            inner = Thing(entered)
        return Thing(inner, manager)

    graph = capture(builder)
    entered = graph[0][0]
    with pytest.raises(CodegenError, match="begins in one function and ends in another"):
        to_auto_config_source(graph, sub_fixtures={"enter": entered})


def test_statements_have_no_value():
    graph = as_called(Config(Thing))
    change = as_called(Config(setattr, graph, "x", 1))
    add_effects(graph, change)
    with pytest.raises(CodegenError, match="'change' is a statement, without a value"):
        to_auto_config_source(graph, sub_fixtures={"change": change})
    assert run(to_source(graph, sub_fixtures={"change": change}))() == graph


def test_factories_are_no_functions_of_auto_config():
    graph = Partial(two, x=ArgFactory(list))
    factory = graph.__arguments__["x"]
    with pytest.raises(CodegenError, match="an ArgFactory cannot be a sub-fixture"):
        to_auto_config_source(graph, sub_fixtures={"make": factory})
    assert run(to_source(graph, sub_fixtures={"make": factory}))() == graph


@pytest.mark.parametrize(
    ("fixtures", "error", "message"),
    [
        (lambda graph: {"a b": graph}, ValueError, "'a b' cannot be the name of a function"),
        (lambda graph: {"build_config": graph}, ValueError, "are both called 'build_config'"),
        (lambda graph: {"x": graph, "y": graph}, ValueError, "'x' and 'y' are the same value"),
        (lambda graph: {"x": Config(two, 1)}, ValueError, "give the very object, not an equal one"),
        (lambda graph: {"x": 5}, TypeError, "has to be a buildable of the graph, .* not 5"),
        (lambda graph: {"x": (graph,)}, TypeError, "has to be a buildable of the graph"),
    ],
)
def test_wrong_parts(fixtures, error, message):
    graph = Config(two, 1)
    with pytest.raises(error, match=message):
        to_source(graph, sub_fixtures=fixtures(graph))


def test_complex_arguments_are_in_variables():
    graph = Config(two, Config(Layer, [1, 2]), [Config(two, Pair(1, 2)), 3])
    assert (
        body(to_source(graph, max_expression_complexity=3))
        == """\
def build_config():
    x = Config(Layer, units=[1, 2])
    two_2 = Config(two, x=Pair(left=1, right=2))
    return Config(two, x=x, y=[two_2, 3])
"""
    )
    assert "[1, 2]" in to_source(graph, max_expression_complexity=4)
    with pytest.raises(ValueError, match="has to be 0 or more, not -1"):
        to_source(graph, max_expression_complexity=-1)


def test_comments_say_where_arguments_were_set():
    with custom_location(lambda: SavedProvenance("a.py", 3, None, "f")):
        graph = Config(two, Config(positional, 1, 2))
        with suspend_history():
            graph.x.k = Config(Layer)
    with custom_location(lambda: SavedProvenance("b\nprint(1).py", 5, None, "g")):
        graph.x.k.units = 7
        graph.y = [8]
    source = to_source(graph, include_history=True)
    assert (
        body(source)
        == """\
def build_config():
    return Config(
        two,
        x=Config(
            positional,
            1,  # set at a.py:3 in f
            2,  # set at a.py:3 in f
            k=Config(
                Layer,
                units=7,  # set at b\\nprint(1).py:5 in g
            ),  # set at a.py:3 in f
        ),  # set at a.py:3 in f
        y=[8],  # set at b\\nprint(1).py:5 in g
    )
"""
    )
    assert run(source)() == graph
    assert "    two_2.x.k.units = 7  # set at b\\nprint(1).py:5 in g\n" in to_source(
        graph, include_history=True, dot_syntax=True
    )


def test_comments_beside_operations():
    graph = Config(getattr, Config(Layer, Config(Layer, 1)), "units")
    source = to_auto_config_source(graph, include_history=True)
    assert "units=1,  # set at " in source
    assert "return layer.units\n" in source
    assert run(source).as_buildable() == graph


def test_dotted_paths():
    shared = Config(Layer, [1])
    graph = Config(dict, encoder=shared, parts=[shared, {"a": Config(Layer, act=two)}])
    graph.last = Partial(two, x=ArgFactory(Layer, 3))
    assert (
        body(to_source(graph, dot_syntax=True))
        == """\
def build_config():
    encoder = Config(Layer)
    encoder.units = [1]
    dict_2 = Config(dict)
    dict_2.encoder = encoder
    dict_2.parts = [encoder, {"a": Config(Layer)}]
    dict_2.parts[1]["a"].act = two
    dict_2.last = Partial(two)
    dict_2.last.x = ArgFactory(Layer)
    dict_2.last.x.units = 3
    return dict_2
"""
    )


def test_what_no_dotted_path_can_say():
    graph = Config(dict, **{"a b": Config(Layer, 1), "__x__": 2, "_repr_html_": 3, "class": [4]})
    rest = Config(variadic)
    rest[VARARGS:] = [Config(Layer, 5)]
    rest.z = Config(positional, Config(Layer, 6), 7)
    add_tag(rest, "z", Width)
    graph.rest = [rest, TaggedValue([Width], default=Config(Layer, 8))]
    graph.rest.append(as_called(Config(positional, 9, k=Config(Layer, 10)), positional=1))
    source = to_source(graph, dot_syntax=True)
    assert equal_with_tags(run(source)(), graph)
    for line in (
        'Config(dict, __x__=2, _repr_html_=3, **{"a b": a_b, "class": [4]})',
        "a_b.units = 1",
        ".k.units = 10",
    ):
        assert line in source


def test_dotted_paths_are_not_endless():
    graph = Config(two)
    for _ in range(300):
        graph = Config(two, [graph])
    source = to_source(graph, dot_syntax=True)
    assert max(map(len, source.splitlines())) < 100
    assert run(source)() == graph
    assert build(run(source)()) == build(graph)
