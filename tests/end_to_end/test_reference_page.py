"""The examples of the auto_config reference page, as they are printed there."""

from bytefig import configs as fdl
from bytefig.tracer import auto_config


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


def test_build_model():
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
