"""The autoconvert page from top to bottom: each snippet, and a test for each sentence."""

from __future__ import annotations

import enum
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

import bytefig.tracer as run

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "autoconvert_page.py"


def load():
    spec = importlib.util.spec_from_file_location("autoconvert_page", EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where annotations are looked up
    spec.loader.exec_module(module)
    return module


page = load()
MyModel, Adam, DataLoader = page.MyModel, page.Adam, page.DataLoader


@pytest.mark.parametrize("section", page.SECTIONS, ids=lambda section: section.__name__)
def test_snippet(section):
    section()


@pytest.mark.needs_subprocess
def test_the_example_runs_as_a_program():
    ran = subprocess.run([sys.executable, str(EXAMPLE)], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert f"{len(page.SECTIONS)}. experiment_templates" in ran.stdout


@run.autoconvert
def keep(value):
    return value


# "automatically converts function arguments to run.Config objects when they're not already
# configuration objects"
def test_converts_arguments_that_are_no_configuration_objects():
    assert keep(MyModel(7)) == run.Config(MyModel, hidden_size=7)
    assert type(keep(MyModel(7))) is run.Config


# 1. "Regular objects are automatically wrapped in run.Config"
def test_regular_objects():
    config = keep(DataLoader(batch_size=32))
    config.batch_size = 64
    assert run.build(config) == DataLoader(64)


# 2. "Already configured objects (like run.Config, run.Partial) are left unchanged"
@pytest.mark.parametrize("kind", [run.Config, run.Partial])
def test_configured_objects(kind):
    node = kind(MyModel)
    assert keep(node) is node


# 3. "Primitive values (strings, numbers, booleans) are passed through unchanged"
@pytest.mark.parametrize("value", ["text", 3, 0.5, True, None, enum.Enum("E", "A").A])
def test_primitive_values(value):
    assert keep(value) is value


# 4. "Lists and dictionaries are recursively converted"
def test_lists_and_dictionaries():
    assert keep([{"a": [MyModel(1)]}, "b"]) == [{"a": [run.Config(MyModel, 1)]}, "b"]


# "Autoconvert preserves the original types and structure"
def test_types_and_structure():
    model = MyModel(1)
    made = keep({"pair": (model, model), "list": [[], model]})
    assert type(made) is dict and type(made["pair"]) is tuple
    assert made["pair"][0] is made["pair"][1] is made["list"][1]
    assert run.build(made) == {"pair": (model, model), "list": [[], model]}


# "Autoconvert handles nested objects and complex structures"
def test_nested_objects():
    pipeline = page.Pipeline(MyModel(1), [DataLoader(2)], {"adam": Adam(0.1)})
    config = keep(pipeline)
    assert config.data == [run.Config(DataLoader, 2)]
    assert config.training["adam"].learning_rate == 0.1
    assert run.build(config) == pipeline


# "Autoconvert works seamlessly with run.Partial"; "Call with additional arguments"
def test_partial():
    train_fn = run.Partial(page.train_model, model=keep(MyModel(3)))
    assert train_fn(optimizer=Adam(0.5)) == (MyModel(3), Adam(0.5))
    assert train_fn(optimizer=Adam(0.5), model=MyModel(4)) == (MyModel(4), Adam(0.5))
    assert train_fn.model == run.Config(MyModel, 3)


# "You can control which arguments are converted"
def test_which_arguments():
    model, adam = MyModel(), Adam()
    assert run.autoconvert(convert=["a"])(lambda a, b: (a, b))(model, adam) == (keep(model), adam)
    assert run.autoconvert(skip=["a"])(lambda a, b: (a, b))(model, adam) == (model, keep(adam))


# "Always use type annotations for better autoconvert behavior"
def test_annotations():
    @run.autoconvert
    def create(model: MyModel, plain=None):
        return model, plain

    assert create(MyModel, MyModel) == (run.Config(MyModel), MyModel)


# "model: Model class or instance (will be converted to run.Config)"
def test_class_or_instance():
    @run.autoconvert
    def train(model: MyModel):
        return run.build(model)

    assert train(MyModel) == train(MyModel()) == train(run.Config(MyModel)) == MyModel()


# "**kwargs: Additional arguments passed through unchanged"
def test_additional_arguments():
    model = MyModel()

    def train(data, **kwargs):
        return data, kwargs

    converted, others = run.autoconvert(train)(model, a=1, b=model, c=[model])
    assert converted == keep(model)
    assert (others["a"], others["b"], others["c"][0]) == (1, model, model)
    assert run.autoconvert(skip=["data"])(train)(model, b=model) == (model, {"b": model})
    named = run.autoconvert(convert=["kwargs"])(train)
    assert named(model, b=model) == (model, {"b": keep(model)})


# "obj might be a regular object or run.Config"
def test_either_if_it_is_skipped():
    @run.autoconvert(skip=["obj"])
    def flexible(obj):
        return obj if not isinstance(obj, run.Config) else run.build(obj)

    assert flexible(MyModel(1)) == flexible(run.Config(MyModel, 1)) == MyModel(1)


# "Both should work identically"
def test_both_patterns():
    assert page.train_model(MyModel(), Adam()) == page.train_model(
        run.Config(MyModel, hidden_size=512), run.Config(Adam, learning_rate=1e-4)
    )


# "name=f"{model.__name__}_{dataset.__name__}""
def test_name_of_a_config():
    assert run.Config(MyModel).__name__ == "MyModel"


# "work with regular Python objects while still getting all the benefits of ... configurations"
def test_one_place_for_all_names():
    for name in ("autoconvert", "Config", "Partial", "build", "autobuild", "recorded", "recording"):
        assert callable(getattr(run, name)), name
