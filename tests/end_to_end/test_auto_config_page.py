"""The auto_config reference page from top to bottom: a test for each sentence and example."""

import copy
import dataclasses
import functools
import inspect
import itertools
import types

import pytest

from bytefig import configs as fdl
from bytefig.configs import select
from bytefig.tracer import (
    V1,
    AutoConfig,
    ConfigTypes,
    NoBuildableError,
    UnsupportedLanguageConstructError,
    arg_factory,
    auto_config,
    auto_unconfig,
    exempt,
    inline,
    is_auto_config,
)


class Dense:
    def __init__(self, num_units, activation):
        self.num_units = num_units
        self.activation = activation

    def __eq__(self, other):
        return isinstance(other, Dense) and vars(self) == vars(other)

    __hash__ = None


class Sequential:
    def __init__(self, layers):
        self.layers = layers

    def __eq__(self, other):
        return isinstance(other, Sequential) and self.layers == other.layers

    __hash__ = None


def relu(x):
    return max(x, 0)


def build_model():
    return Sequential(
        [
            Dense(num_units=128, activation=relu),
            Dense(num_units=128, activation=relu),
            Dense(num_units=1, activation=None),
        ]
    )


def test_example_build_model():
    config = auto_config(build_model).as_buildable()

    manual = fdl.Config(
        Sequential,
        layers=[
            fdl.Config(Dense, num_units=128, activation=relu),
            fdl.Config(Dense, num_units=128, activation=relu),
            fdl.Config(Dense, num_units=1, activation=None),
        ],
    )
    assert config == manual
    assert repr(config) == repr(manual)
    assert fdl.build(config) == build_model()

    config.layers[0].num_units = 64
    config.layers[0].activation = "elu"
    config.layers[1].num_units = 64
    config.layers[1].activation = "elu"
    modified_model = fdl.build(config)
    assert modified_model == Sequential([Dense(64, "elu"), Dense(64, "elu"), Dense(1, None)])
    assert config != manual
    assert fdl.build(auto_config(build_model).as_buildable()) == build_model()


def captured(function, **options):
    return auto_config(function, **options).as_buildable()


# The signatures that the page gives.


@pytest.mark.parametrize(
    ("function", "names"),
    [
        (
            auto_config,
            "fn *experimental_allow_dataclass_attribute_access *experimental_allow_control_flow "
            "*experimental_always_inline *experimental_exemption_policy "
            "*experimental_config_types *experimental_result_must_contain_buildable",
        ),
        (auto_unconfig, "fn *experimental_always_inline"),
        (is_auto_config, "function_object"),
        (inline, "buildable"),
        (AutoConfig, "func buildable_func always_inline"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_signatures_are_those_of_the_page(function, names):
    parameters = inspect.signature(function).parameters
    for name in names.split():
        kind = parameters[name.removeprefix("*")].kind
        assert kind is (
            inspect.Parameter.KEYWORD_ONLY
            if name.startswith("*")
            else inspect.Parameter.POSITIONAL_OR_KEYWORD
        )


def test_defaults_are_those_of_the_page():
    defaults = {
        name: parameter.default
        for name, parameter in inspect.signature(auto_config).parameters.items()
    }
    del defaults["guard"], defaults["deferred"]  # beyond the page
    assert defaults == {
        "fn": None,
        "experimental_allow_dataclass_attribute_access": False,
        "experimental_allow_control_flow": False,
        "experimental_always_inline": None,
        "experimental_exemption_policy": None,
        "experimental_config_types": ConfigTypes(
            config_cls=fdl.Config, partial_cls=fdl.Partial, arg_factory_cls=fdl.ArgFactory
        ),
        "experimental_result_must_contain_buildable": True,
    }
    assert auto_config(fn=build_model).as_buildable() == auto_config(build_model).as_buildable()
    assert auto_unconfig(fn=lambda: fdl.Config(Shape, 1))() == Shape(1)


# "reinterprets the function to construct a data structure of configs that correspond to the
# objects instead of the objects themselves"


def test_the_structure_is_of_configs_instead_of_objects():
    structure = captured(lambda: {"a": [relu, Dense(1, relu)], "b": (Dense(2, None), 3)})
    assert structure == {
        "a": [relu, fdl.Config(Dense, 1, relu)],
        "b": (fdl.Config(Dense, 2, None), 3),
    }


# "creates a new function from fn"


def test_a_new_function_is_created_and_fn_stays_as_it_was():
    code = build_model.__code__
    config_of = auto_config(build_model)
    assert config_of is not build_model
    config_of.as_buildable()
    assert build_model.__code__ is code
    assert type(build_model()) is Sequential


# "Calls to builtins, methods, callables without an inferrable signature, callables wrapped by
# exempt, or other functions that have been auto_config'ed take place as usual."


def test_rule_1_calls_to_builtins_take_place():
    assert captured(lambda: Dense(sum([1, 2]), len("ab"))) == fdl.Config(Dense, 3, 2)


def test_rule_1_calls_to_methods_take_place():
    class Settings:
        def units(self):
            return 7

    settings = Settings()
    assert captured(lambda: Dense(settings.units(), "a".upper())) == fdl.Config(Dense, 7, "A")


def test_rule_1_calls_of_callables_without_a_signature_take_place():
    class Odd:
        __signature__ = "none of the kind that can be read"

        def __call__(self):
            return 5

    odd = Odd()
    assert captured(lambda: Dense(odd(), None)) == fdl.Config(Dense, 5, None)


def test_rule_1_calls_of_exempt_callables_take_place():
    @exempt
    def square(x):
        return x * x

    assert captured(lambda: Dense(square(3), exempt(relu)(-1))) == fdl.Config(Dense, 9, 0)


def test_rule_1_calls_of_other_auto_config_functions_take_place():
    @auto_config
    def make(units):
        return Dense(units, None)

    assert captured(lambda: Sequential([make(2)])) == fdl.Config(
        Sequential, [fdl.Config(Dense, 2, None)]
    )


# "Calls to functools.partial are replaced by calling Partial with the same arguments"


def test_rule_2_functools_partial_becomes_a_partial():
    assert captured(lambda: functools.partial(Dense, 1, activation=relu)) == fdl.Partial(
        Dense, 1, activation=relu
    )


# "All other calls are replaced by calling Config with the arguments that would have been passed to
# the called function or class."


def test_rule_3_all_other_calls_become_configs():
    def helper(*args, **kwargs):
        raise AssertionError("never called")

    class Maker:
        @classmethod
        def make(cls, units):
            raise AssertionError("never called")

    config = captured(lambda: [helper(1, *[2], a=3, **{"b": 4}), Maker.make(5)])
    assert config == [fdl.Config(helper, 1, 2, a=3, b=4), fdl.Config(Maker.make, 5)]


# "This function may be used standalone or as a decorator."


def test_standalone_bare_and_with_parentheses():
    @auto_config
    def bare():
        return Dense(1, None)

    @auto_config()
    def called():
        return Dense(1, None)

    standalone = auto_config(lambda: Dense(1, None))
    for function in (bare, called, standalone):
        assert function.as_buildable() == fdl.Config(Dense, 1, None)


# "The returned function is simply a wrapper around fn, but with an additional as_buildable
# attribute"


def test_the_result_is_a_wrapper_around_fn():
    def fn(a: int, *, b=2) -> Dense:
        """Documented."""
        return Dense(a, b)

    wrapper = auto_config(fn)
    assert wrapper.__wrapped__ is fn
    assert (wrapper.__name__, wrapper.__doc__) == ("fn", "Documented.")
    assert inspect.signature(wrapper) == inspect.signature(fn)
    assert wrapper(1, b=3) == Dense(1, 3)
    assert wrapper.as_buildable(1, b=3) == fdl.Config(Dense, 1, 3)


# "Currently, control flow is not supported by default."


CONTROL_FLOW = {
    "For": "for _ in range(2): layers += [Dense(1, None)]",
    "While": "while len(layers) < 2: layers += [Dense(1, None)]",
    "If": "if n: layers += [Dense(1, None)] * 2",
    "IfExp": "layers = [Dense(1, None)] * (2 if n else 2)",
    "ListComp": "layers = [Dense(1, None) for _ in range(2)]",
    "SetComp": "layers = [Dense(1, None)] * len({i for i in range(2)})",
    "DictComp": "layers = list({i: Dense(1, None) for i in range(2)}.values())",
    "GeneratorExp": "layers = list(Dense(1, None) for _ in range(2))",
    "Raise": "layers = [Dense(1, None)] * 2\n  if not n: raise ValueError",
}


def with_construct(body):
    namespace = {"Dense": Dense, "Sequential": Sequential}
    exec(f"def f(n=1):\n  layers = []\n  {body}\n  return Sequential(layers)", namespace)
    return namespace["f"]


@pytest.mark.parametrize("construct", CONTROL_FLOW)
def test_control_flow_is_not_supported_by_default(construct):
    with pytest.raises(UnsupportedLanguageConstructError) as caught:
        auto_config(with_construct(CONTROL_FLOW[construct]))
    assert isinstance(caught.value, SyntaxError)
    assert caught.value.filename == "<string>"
    assert caught.value.lineno in (3, 4)
    named = "If" if construct == "Raise" else construct
    assert f"({named})" in str(caught.value)


# "Experimental support for control flow can be enabled using the experimental_allow_control_flow
# argument." "Control flow is never encoded directly as part of the resulting Config"


@pytest.mark.parametrize("construct", CONTROL_FLOW)
def test_control_flow_can_be_enabled_and_is_never_part_of_the_graph(construct):
    function = with_construct(CONTROL_FLOW[construct])
    config = captured(function, experimental_allow_control_flow=True)
    assert [type(node) for node in fdl.iter_nodes(config)][0] is fdl.Config
    assert {fdl.get_callable(node) for node in fdl.iter_nodes(config)} == {Sequential, Dense}
    assert fdl.build(config) == function()


# "using itertools functions in conjunction with a loop will not work, since the calls to itertools
# functions will be turned into Config objects": a limit that version 1 of the policy, which is the
# peer's own, and ours do not have.


@pytest.mark.parametrize("policy", [None, V1])
def test_itertools_functions_run(policy):
    def model():
        return Sequential([Dense(a, b) for a, b in itertools.product((1, 2), (3,))])

    config = captured(
        model, experimental_allow_control_flow=True, experimental_exemption_policy=policy
    )
    assert fdl.build(config) == model()


def test_a_policy_can_still_turn_them_into_configs():
    config = captured(lambda: [itertools.count(3)], experimental_exemption_policy=lambda fn: False)
    assert config == [fdl.Config(itertools.count, 3)]


# "compatible with both @staticmethod and @classmethod, however the @auto_config decorator must
# appear above"


class Family:
    units = 4

    @auto_config
    @classmethod
    def of_class(cls):
        return Dense(cls.units, None)

    @auto_config
    @staticmethod
    def static(units):
        return Dense(units, None)


class Child(Family):
    units = 5

    @auto_config
    @classmethod
    def of_class(cls):
        return Sequential([super().of_class()])


def test_static_and_class_methods():
    assert Family.of_class.as_buildable() == fdl.Config(Dense, 4, None)
    assert Family().static.as_buildable(6) == fdl.Config(Dense, 6, None)
    assert Family.of_class() == Dense(4, None)


def test_class_methods_through_super():
    assert Child.of_class.as_buildable() == fdl.Config(Sequential, [fdl.Config(Dense, 5, None)])
    assert Child.of_class() == Sequential([Dense(5, None)])


@pytest.mark.parametrize("kind", ["classmethod", "staticmethod"])
def test_the_decorator_must_be_above(kind):
    with pytest.raises(AssertionError, match="reorder"):
        exec(f"class A:\n @{kind}\n @auto_config\n def f(cls): return 1", {**globals()})


# The parameters.


@dataclasses.dataclass
class Shape:
    width: int
    height: int = 1


def test_parameter_allow_dataclass_attribute_access():
    def model():
        shape = Shape(2)
        shape.height = shape.width + 1
        return shape

    config = captured(model, experimental_allow_dataclass_attribute_access=True)
    assert config == fdl.Config(Shape, 2, 3)
    with pytest.raises(ValueError, match="attribute"):
        captured(model)


def test_parameter_always_inline_is_true_by_default():
    lazy = auto_config(lambda: Dense(1, None), experimental_always_inline=False)
    eager = auto_config(lambda: Dense(1, None), experimental_always_inline=None)
    assert captured(lambda: [lazy(), eager()]) == [
        fdl.Config(lazy),
        fdl.Config(Dense, 1, None),
    ]


def test_parameter_exemption_policy():
    config = captured(
        lambda: Dense(relu(-3), max(1, 2)), experimental_exemption_policy=lambda fn: fn is relu
    )
    assert config == fdl.Config(Dense, 0, fdl.Config(max, 1, 2))


def test_parameter_config_types():
    class MyConfig(fdl.Config):
        __slots__ = ()

    class MyPartial(fdl.Partial):
        __slots__ = ()

    class MyArgFactory(fdl.ArgFactory):
        __slots__ = ()

    made = captured(
        lambda: [Dense(1, None), functools.partial(Dense), arg_factory.partial(Dense, list)],
        experimental_config_types=ConfigTypes(MyConfig, MyPartial, MyArgFactory),
    )
    assert [type(node) for node in made] == [MyConfig, MyPartial, MyPartial]
    assert type(made[2].num_units) is MyArgFactory
    assert ConfigTypes() == ConfigTypes(fdl.Config, fdl.Partial, fdl.ArgFactory)


def test_parameter_result_must_contain_buildable():
    with pytest.raises(NoBuildableError):
        captured(lambda: {})
    assert captured(lambda: {}, experimental_result_must_contain_buildable=False) == {}


def test_is_auto_config():
    assert is_auto_config(auto_config(build_model))
    assert not is_auto_config(build_model)


# auto_unconfig: the page's example.


class DropOut:
    def __init__(self, rate):
        self.rate = rate


class MyTrainer:
    def __init__(self, model=None, train_dataset=None, skip_eval=False):
        self.model, self.train_dataset, self.skip_eval = model, train_dataset, skip_eval


class TrainerDriver:
    def __init__(self, trainer, checkpointer):
        self.trainer, self.checkpointer = trainer, checkpointer


class CustomCheckpointer:
    pass


@auto_config
def make_model(name):
    return Sequential([DropOut(0.1), name])


@auto_config
def make_dataset():
    return Shape(8)


@auto_unconfig
def make_experiment_trainer(name: str) -> fdl.Config[MyTrainer]:
    model = make_model.as_buildable(name)
    select(model, DropOut).set(rate=0.42)
    dataset = make_dataset.as_buildable()
    trainer_config = fdl.Config(MyTrainer)
    trainer_config.model = model
    trainer_config.train_dataset = dataset
    trainer_config.skip_eval = True
    return trainer_config


@auto_config
def make_driver():
    return TrainerDriver(
        trainer=make_experiment_trainer("my_experiment"), checkpointer=CustomCheckpointer()
    )


def test_auto_unconfig_example_within_auto_config():
    config = make_driver.as_buildable()
    assert config.trainer.model.layers[0] == fdl.Config(DropOut, 0.42)
    assert fdl.build(config).trainer.model.layers[1] == "my_experiment"


def test_auto_unconfig_example_outside():
    trainer = make_experiment_trainer("my_experiment")
    assert (trainer.train_dataset, trainer.skip_eval) == (Shape(8), True)
    trainer_config = make_experiment_trainer.as_buildable("my_experiment")
    trainer_config.skip_eval = False
    assert fdl.build(trainer_config).skip_eval is False
    assert is_auto_config(make_experiment_trainer)


# "Whether the output of fn should always be inlined into the caller's config. The default (if
# unspecified) is True."


@pytest.mark.parametrize("parameter", [{}, {"experimental_always_inline": None}])
def test_auto_unconfig_always_inlines_by_default(parameter):
    by_hand = auto_unconfig(**parameter)(lambda: fdl.Config(Shape, 1))
    assert isinstance(by_hand, AutoConfig)
    assert captured(lambda: [by_hand()]) == [fdl.Config(Shape, 1)]


def test_auto_unconfig_can_leave_it_to_inline():
    by_hand = auto_unconfig(lambda: fdl.Config(Shape, 1), experimental_always_inline=False)
    config = captured(lambda: [by_hand()])
    assert config == [fdl.Config(by_hand)]
    inline(config[0])
    assert config == [fdl.Config(Shape, 1)]


# inline: the page's example.


class InputPipeline:
    def __init__(self, file_path, augmentation):
        self.file_path, self.augmentation = file_path, augmentation


class Experiment:
    def __init__(self, data, model):
        self.data, self.model = data, model


@auto_config(experimental_always_inline=False)
def make_input_pipeline(name: str, batch_size: int) -> InputPipeline:
    file_path = "/base_path/" + name
    augmentation = "my_augmentation_routine"
    return InputPipeline(file_path, augmentation)


@auto_config
def make_experiment():
    data = make_input_pipeline("normal_dataset", 32)
    return Experiment(data, Dense(1, None))


def test_inline_example():
    config = make_experiment.as_buildable()
    config.data.name = "advanced_dataset"
    with pytest.raises(AttributeError):
        config.data.augmentation = "custom_augmentation"
    assert fdl.build(config).data.augmentation == "my_augmentation_routine"
    inline(config.data)
    assert config.data.file_path == "/base_path/advanced_dataset"
    config.data.augmentation = "custom_augmentation"
    assert fdl.build(config).data.augmentation == "custom_augmentation"


def test_inline_keeps_aliasing_and_a_shallow_copy_stays():
    config = make_experiment.as_buildable()
    config.model = config.data
    kept = copy.copy(config.data)
    inline(config.data)
    assert config.model is config.data
    assert kept == fdl.Config(make_input_pipeline, "normal_dataset", 32)


@pytest.mark.parametrize("wrong", [fdl.Partial(make_input_pipeline), fdl.Config(Dense), 3])
def test_inline_raises_value_error(wrong):
    with pytest.raises(ValueError, match="cannot inline"):
        inline(wrong)


# AutoConfig: "looks like a functools.wraps wrapper, but implements custom behavior for bound
# methods"


def test_auto_config_class():
    wrapper = AutoConfig(func=build_model, buildable_func=lambda: 1, always_inline=True)
    assert wrapper.__wrapped__ is build_model
    assert wrapper.as_buildable() == 1

    class Holder:
        method = AutoConfig(
            func=lambda self: self, buildable_func=lambda self: [self], always_inline=False
        )

    holder = Holder()
    assert holder.method() is holder
    assert holder.method.as_buildable() == [holder]
    assert isinstance(holder.method, AutoConfig)
    assert not isinstance(holder.method, types.MethodType)
