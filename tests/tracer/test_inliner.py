import copy
import functools

import pytest

from bytefig.configs import Config, Partial, build
from bytefig.tracer import (
    ArgumentBindingError,
    InlineError,
    auto_config,
    exempt,
    inline,
    inline_all,
    inliner,
)


class InputPipeline:
    def __init__(self, file_path, augmentation):
        self.file_path = file_path
        self.augmentation = augmentation


class Experiment:
    def __init__(self, data, model):
        self.data = data
        self.model = model


@auto_config(experimental_always_inline=False)
def make_input_pipeline(name: str, batch_size: int) -> InputPipeline:
    file_path = "/base_path/" + name
    augmentation = "my_augmentation_routine"
    return InputPipeline(file_path, augmentation)


@auto_config
def make_experiment():
    data = make_input_pipeline("normal_dataset", 4)
    return Experiment(data, model=[data])


@auto_config(experimental_always_inline=False)
def make_list():
    return [InputPipeline("a", "b")]


@auto_config(experimental_always_inline=False)
def make_partial():
    return functools.partial(InputPipeline, "a")


def test_the_reference_page_s_example():
    config = make_experiment.as_buildable()
    config.data.name = "advanced_dataset"
    with pytest.raises(AttributeError):
        config.data.augmentation = "custom_augmentation"
    inline(config.data)
    assert config.data.file_path == "/base_path/advanced_dataset"
    config.data.augmentation = "custom_augmentation"
    experiment = build(config)
    assert experiment.data.file_path == "/base_path/advanced_dataset"
    assert experiment.data.augmentation == "custom_augmentation"


def test_aliases_are_kept():
    config = make_experiment.as_buildable()
    node = config.data
    inline(node)
    assert config.data is node
    assert config.model[0] is node
    built = build(config)
    assert built.data is built.model[0]


def test_a_copy_leaves_the_node_as_it_was():
    config = make_experiment.as_buildable()
    copied = copy.copy(config.data)
    inline(copied)
    assert copied == Config(InputPipeline, "/base_path/normal_dataset", "my_augmentation_routine")
    assert config.data == Config(make_input_pipeline, "normal_dataset", 4)


def test_a_root_that_is_a_partial():
    config = Config(Experiment, Config(make_partial), None)
    inline(config.data)
    assert type(config.data) is Partial
    assert config.data == Partial(InputPipeline, "a")


@pytest.mark.parametrize(
    "node, message",
    [
        (3, "cannot inline 3: only a Config"),
        (Partial(make_partial), "only a Config"),
        (Config(InputPipeline), "its callable is not an auto_config function"),
        (Config(make_list), "it gives a list, not one buildable"),
    ],
)
def test_refusals_leave_the_node(node, message):
    before = repr(node)
    with pytest.raises(InlineError, match=message) as caught:
        inline(node)
    assert isinstance(caught.value, ValueError)
    assert repr(node) == before
    assert f"at {__file__}:" in str(caught.value)


def test_a_failure_inside_leaves_the_node():
    node = Config(make_input_pipeline, name=3, batch_size=1)
    with pytest.raises(TypeError, match="concatenate|can only"):
        inline(node)
    assert node == Config(make_input_pipeline, name=3, batch_size=1)
    missing = Config(make_input_pipeline, name="x")
    with pytest.raises(ArgumentBindingError, match="batch_size"):
        inline(missing)
    assert missing == Config(make_input_pipeline, name="x")


class Pair:
    def __init__(self, left=None, right=None):
        self.left, self.right = left, right


@auto_config(experimental_always_inline=False, experimental_allow_control_flow=True)
def tree(depth):
    return Pair(tree(depth - 1), depth) if depth else Pair()


def test_inline_all_reaches_every_depth():
    config = auto_config(lambda: {"trees": [tree(3), (tree(1),)]}).as_buildable()
    expected = {"trees": [build_tree(3), (build_tree(1),)]}
    inline_all(config)
    assert config == expected


def build_tree(depth):
    return Config(Pair, build_tree(depth - 1), depth) if depth else Config(Pair)


def test_inline_all_expands_a_shared_node_once():
    calls = []
    count = exempt(calls.append)

    @auto_config(experimental_always_inline=False)
    def shared():
        count(1)
        return Pair()

    def model():
        one = shared()
        return Pair(one, [one, shared()])

    config = auto_config(model).as_buildable()
    inline_all(config)
    assert config.left is config.right[0]
    assert config.right[1] == Config(Pair)
    assert len(calls) == 2


def test_inline_all_of_functions_that_give_the_same_node():
    inner = auto_config(lambda: Pair(1), experimental_always_inline=False)
    common = auto_config(lambda: [inner()]).as_buildable()[0]
    outer = auto_config(lambda: common, experimental_always_inline=False)
    config = auto_config(lambda: [outer(), outer(), common]).as_buildable()
    inline_all(config)
    assert config == [Config(Pair, 1)] * 2 + [Config(Pair, 1)] or all(
        node == Config(Pair, 1) for node in config
    )


@auto_config(experimental_always_inline=False)
def endless(n):
    return Pair(endless(n))


@auto_config(experimental_always_inline=False)
def counting(n):
    return Pair(counting(n + 1))


@pytest.mark.parametrize("function", [endless, counting])
def test_inline_all_without_end(function):
    config = auto_config(lambda: [Pair(), function(1)]).as_buildable()
    with pytest.raises(InlineError, match="expanding it never ends") as caught:
        inline_all(config)
    assert f"{__file__}:" in str(caught.value)
    assert config == [Config(Pair), Config(function, 1)]


def test_a_function_that_calls_itself_without_end():
    @auto_config
    def forever():
        return forever()

    node = Config(forever)
    with pytest.raises(InlineError, match="calls itself without end"):
        inline(node)
    assert node == Config(forever)


@pytest.mark.parametrize("order", [slice(None), slice(None, None, -1)])
def test_inline_all_leaves_the_graph_if_one_node_cannot_be(order):
    config = auto_config(lambda: [tree(2), make_list(), tree(1)]).as_buildable()[order]
    before = copy.deepcopy(config)
    nodes = [*config]
    with pytest.raises(InlineError, match="it gives a list"):
        inline_all(config)
    assert config == before
    assert all(one is other for one, other in zip(config, nodes, strict=True))


def chained(length, last=Pair):
    """Return captured functions that each give a call of the next; the last gives a Pair."""
    functions = [last]
    for _ in range(length):
        following = functions[-1]
        functions.append(auto_config(lambda n, f=following: f(n), experimental_always_inline=False))
    return functions[::-1]


@pytest.mark.parametrize("length", [1, 2, 3, 4, 7])
def test_a_chain_of_functions_that_are_never_inlined(length):
    functions = chained(length)
    config = auto_config(lambda: [functions[0](8)]).as_buildable()
    one_by_one = copy.deepcopy(config)
    inline_all(config)
    assert config == [Config(Pair, 8)]
    for function in functions[:-1]:
        assert one_by_one[0].__fn_or_cls__ is function
        inline(one_by_one[0])
    assert one_by_one == config


def test_a_chain_that_breaks_at_its_end_changes_nothing():
    functions = chained(3, make_list)
    broken = auto_config(lambda n: make_list(), experimental_always_inline=False)
    config = auto_config(lambda: [functions[0](8), broken(8)]).as_buildable()
    for node in config:
        with pytest.raises(TypeError if node is config[0] else InlineError):
            inline_all([node])
    assert config == [Config(functions[0], 8), Config(broken, 8)]


def test_inlining_gives_a_partial():
    fn = auto_config(lambda n: functools.partial(Pair, n), experimental_always_inline=False)
    config = auto_config(lambda: [fn(1)]).as_buildable()
    inline(config[0])
    assert config == [Partial(Pair, 1)]


def test_expansions_inside_each_other_are_counted(monkeypatch):
    monkeypatch.setattr(inliner, "_DEEPEST", 3)
    allowed, too_deep = (
        auto_config(lambda f=chained(length)[0]: [f(8)]).as_buildable() for length in (4, 5)
    )
    inline_all(allowed)
    assert allowed == [Config(Pair, 8)]
    with pytest.raises(InlineError, match="expanding it never ends"):
        inline_all(too_deep)


def test_a_refusal_says_what_stands_in_the_way():
    @functools.wraps(make_input_pipeline)
    def wrapper(*args, **kwargs):
        return make_input_pipeline(*args, **kwargs)

    above = r"fix: a decorator stands above @auto_config on make_input_pipeline; put it below"
    with pytest.raises(InlineError, match=above):
        inline(Config(wrapper, "a", 1))
    with pytest.raises(InlineError, match=r"fix: wrap the function with auto_config\("):
        inline(Config(Pair))
