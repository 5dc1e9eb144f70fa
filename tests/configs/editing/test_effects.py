"""Effects: calls that are made although nothing uses their results."""

import copy
import json
import pickle

import pytest

from bytefig.configs import (
    Config,
    Effect,
    Partial,
    SerializationError,
    add_effects,
    all_paths,
    as_called,
    build,
    canonical_text,
    cast,
    copy_with,
    dump_json,
    effects,
    follow_path,
    format_path,
    iterate,
    json_schema,
    load_json,
    parse_path,
    remove_effects,
    replace_in_place,
    select,
    to_auto_config_source,
    to_dot,
    to_source,
)
from bytefig.configs.diffing import (
    apply_diff,
    build_diff,
    diff_from_data,
    diff_to_data,
    skeleton_from_diff,
)
from bytefig.configs.printing import as_str_flattened
from bytefig.tracer import V1, auto_config, capture, inline

HERE = [__name__, "builtins"]
done = []


class Part:
    def __init__(self, size=0, inner=None):
        self.size, self.inner = size, inner


def note(part, *more):
    done.append(part)
    return Part()


def seeded(number):
    done.append(number)


def program(number=1):
    seeded(number)
    inner = Part(2)
    note(inner)
    part = Part(3, inner)
    note(part, Part(4))
    return part


@pytest.fixture
def graph():
    done.clear()
    return capture(program)


def built(graph):
    done.clear()
    return build(graph)


def test_effects_hang_on_what_they_act_on_and_are_built_in_order(graph):
    assert [effect.__fn_or_cls__ for effect in effects(graph)] == [seeded, note, note]
    assert [len(node.__effects__) for node in (graph, graph.inner)] == [2, 1]
    part = built(graph)
    assert done == [1, part.inner, part]


def test_effects_are_edited_and_removed(graph):
    effects(graph)[0].number = 7
    built(graph)
    assert done[0] == 7
    unwanted = effects(graph)[1]
    remove_effects(graph, unwanted)
    assert graph.inner.__effects__ is None
    with pytest.raises(ValueError, match="it is no effect of the graph"):
        remove_effects(graph, unwanted)
    graph.inner = None
    remove_effects(graph)
    assert effects(graph) == []


def test_editing_the_object_out_drops_its_effects(graph):
    graph.inner = 5
    assert [effect.__fn_or_cls__ for effect in effects(graph)] == [seeded, note]


@pytest.mark.parametrize(
    "copied",
    [
        copy.copy,
        copy.deepcopy,
        lambda graph: pickle.loads(pickle.dumps(graph)),
        lambda graph: copy_with(graph, size=3),
        lambda graph: cast(Config, graph),
        lambda graph: type(graph).__unflatten__(*graph.__flatten__()),
        lambda graph: load_json(dump_json(graph), allow=HERE),
    ],
)
def test_the_effects_of_a_copy_act_on_the_copy(graph, copied):
    other = copied(graph)
    assert other == graph
    part = built(other)
    assert done == [1, part.inner, part]
    remove_effects(other)
    assert len(effects(graph)) >= 2


def test_equality_needs_equal_effects(graph):
    other = capture(program, 2)
    assert other != graph
    remove_effects(other)
    assert other != graph
    remove_effects(graph)
    assert other == graph == Config(Part, 3, Config(Part, 2))


def test_a_diff_of_effects_turns_one_graph_into_the_other(graph):
    other = capture(program, 2)
    remove_effects(other, effects(other)[1])
    add_effects(other, Config(note, other.inner))
    for old, new in ((graph, other), (other, graph), (Config(Part), graph), (graph, Config(Part))):
        diff = build_diff(old, new)
        data = json.loads(json.dumps(diff_to_data(diff)))
        for same in (diff, diff_from_data(data, allow=HERE)):
            changed = apply_diff(same, copy.deepcopy(old))
            assert changed == new
            assert not build_diff(changed, new).changes
    assert "<effects>[0]=" in repr(skeleton_from_diff(build_diff(graph, other)))


def test_paths_lead_to_effects(graph):
    effect = effects(graph)[2]
    path = next(all_paths(graph, effect))
    assert (format_path(path), path) == ("<root>.<effects>[1]", (Effect(1),))
    assert follow_path(graph, path) is effect
    assert parse_path("<root>.inner.<effects>[0].part")[1] == Effect(0)
    assert parse_path("<effects>[0]") == (Effect(0),)
    values = {str(place): place.value for place in iterate(graph)}
    assert values["<root>.<effects>[1][1].size"] == 4
    assert "inner.<effects>[0].part = <shared with <root>.inner>" in as_str_flattened(graph)
    assert "&lt;effects&gt;[0]" in to_dot(graph)
    assert "<effects>[1]=<Config[note(" in repr(graph)


def test_selections_reach_effects(graph):
    select(graph, seeded).set(number=9)
    select(graph, note).replace(Config(seeded, 8))
    built(graph)
    assert done == [9, 8, 8]
    select(graph, seeded).replace(None)
    assert effects(graph) == []


def test_what_replaces_a_node_keeps_its_effects(graph):
    replace_in_place(graph.inner, capture(program))
    part = built(graph)
    assert [type(part.inner), done.count(part.inner)] == [Part, 2]


def test_sources_make_the_calls(graph):
    for source in (to_source(graph), to_auto_config_source(graph)):
        names = {}
        exec(source, names)
        made = names["build_config"]
        made = made.as_buildable() if hasattr(made, "as_buildable") else made()
        assert made == graph
        part = built(made)
        assert done == [1, part.inner, part]
    by_hand = add_effects(Config(Part, 1), Config(seeded, 5))
    assert "part = Part(size=1)\n    seeded(number=5)\n    return part" in to_auto_config_source(
        by_hand
    )


def test_effects_made_by_hand_come_last():
    graph = add_effects(Config(Part, 1), Config(seeded, 5))
    built(add_effects(as_called(Config(Part, graph)), as_called(Config(seeded, 6))))
    assert done == [6, 5]


@pytest.mark.parametrize("options", [{"guard": "off"}, {"experimental_exemption_policy": V1}])
def test_v1_and_no_guard_drop_effects(options):
    graph = auto_config(program, **options).as_buildable()
    assert effects(graph) == []


def test_effects_of_partials_and_of_lists_of_nodes():
    def listed():
        seeded(1)
        functools_like = Partial(Part, 1)  # no call
        return [Part(1), functools_like]

    graph = capture(listed)
    assert len(effects(graph)) == len(graph[0].__effects__) == 1


@auto_config(experimental_always_inline=False)
def inner_program():
    made = Part(5)
    note(made)
    return made


def test_inlining_brings_effects():
    graph = capture(lambda: Part(inner_program()))
    assert effects(graph) == []
    inline(graph.size)
    part = built(graph)
    assert done == [part.size]


def test_no_effects_in_other_libraries(graph):
    pytest.importorskip("fiddle")
    from bytefig.configs.interop import InteropError, to_fiddle

    with pytest.raises(InteropError, match="cannot convert the effects at <root>"):
        to_fiddle(graph)
    remove_effects(graph)
    to_fiddle(graph)


def test_documents(graph):
    jsonschema = pytest.importorskip("jsonschema")
    document = json.loads(dump_json(graph))
    jsonschema.Draft202012Validator(json_schema()).validate(document)
    assert [len(found) for found in document["effects"].values()] == [2, 1]
    assert document == json.loads(dump_json(load_json(json.dumps(document), allow=HERE)))
    assert "order" not in canonical_text(graph)
    with pytest.raises(SerializationError, match="not allowed"):
        load_json(json.dumps(document), allow=[f"{__name__}:Part", f"{__name__}:note"])
    for wrong in ({"no node": []}, {"Part-00000000": [1]}, {"Part-00000000": 1}, [1]):
        with pytest.raises(SerializationError, match="effects"):
            load_json(json.dumps({**document, "effects": wrong}), allow=HERE)
    for field in ("order", "positional"):
        document["nodes"][0][field] = -5
        load_json(json.dumps(document), allow=HERE)
        document["nodes"][0][field] = "1"
        with pytest.raises(SerializationError, match=field):
            load_json(json.dumps(document), allow=HERE)
        del document["nodes"][0][field]


def test_a_document_of_version_1_is_loaded():
    document = json.loads(dump_json(Config(Part, 1)))
    assert load_json(json.dumps({**document, "version": 1}), allow=HERE) == Config(Part, 1)


def test_what_cannot_be_written_of_an_effect_has_its_path(graph):
    effects(graph)[2][1].size = object()
    with pytest.raises(SerializationError, match=r"<root>\.<effects>\[1\]\[1\]\.size"):
        dump_json(graph)


def test_nodes_that_are_given_stay_as_they_are():
    def builder(part):
        note(part)
        return [part, Part(1)]

    given = capture(lambda: Part(7))
    for _ in range(2):
        graph = auto_config(builder).as_buildable(given)
        assert effects(given) == []
        assert len(effects(graph)) == len(graph[1].__effects__) == 1
        parts = built(graph)
        assert done == [parts[0]]


def test_a_capture_takes_over_the_calls_of_those_that_it_inlines():
    @auto_config
    def inner():
        seeded(1)
        return Part()

    @auto_config
    def middle():
        inner()
        seeded(2)
        return inner()

    graph = auto_config(lambda: [middle(), seeded(3)][:1]).as_buildable()
    built(graph)
    assert done == [1, 2, 1, 3]
    dropped = Config(Part)
    expected = [Config(seeded, 1), dropped, Config(seeded, 2), Config(seeded, 1), Config(seeded, 3)]
    assert effects(graph) == expected
