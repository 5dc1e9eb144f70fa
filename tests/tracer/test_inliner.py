import copy
import functools

import pytest

from bytefig.configs import Config, Partial, build
from bytefig.tracer import ArgumentBindingError, InlineError, auto_config, inline


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
