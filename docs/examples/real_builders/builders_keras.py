"""Builders as users of keras write them."""

import keras
from keras import layers, optimizers, regularizers

CONVOLUTION = {"kernel_size": 3, "padding": "same", "activation": "relu"}


def sequential():
    return keras.Sequential(
        [keras.Input((8,)), layers.Dense(4, activation="relu"), layers.Dense(1)]
    )


def added():
    model = keras.Sequential()
    model.add(keras.Input((8,)))
    for width in (8, 4):
        model.add(layers.Dense(width))
    return model


def functional():
    inputs = keras.Input((8,))
    x = layers.Dense(16, activation="relu")(inputs)
    outputs = layers.Dense(2)(x)
    return keras.Model(inputs, outputs)


def residual():
    inputs = keras.Input((8,))
    x = layers.Dense(8)(inputs)
    x = x + inputs
    return keras.Model(inputs, layers.LayerNormalization(epsilon=1e-4)(x))


def two_inputs():
    left, right = keras.Input((4,)), keras.Input((4,))
    joined = layers.Concatenate()([left, right])
    return keras.Model([left, right], layers.Dense(1)(joined))


def compiled():
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1)])
    model.compile(optimizer=optimizers.Adam(1e-3), loss="mse")
    return model


def scheduled():
    rate = optimizers.schedules.CosineDecay(1e-2, decay_steps=100)
    return optimizers.SGD(learning_rate=rate, momentum=0.9)


def images():
    inputs = keras.Input((8, 8, 1))
    x = inputs
    for filters in (4, 8):
        x = layers.Conv2D(filters, **CONVOLUTION)(x)
        x = layers.MaxPooling2D()(x)
    x = layers.Flatten()(x)
    return keras.Model(inputs, layers.Dense(3, activation="softmax")(x))


def seeded():
    keras.utils.set_random_seed(5)
    return keras.Sequential([keras.Input((4,)), layers.Dense(4), layers.Dropout(0.1, seed=1)])


def regularised():
    penalty = regularizers.L2(1e-4)
    return keras.Sequential(
        [keras.Input((4,)), layers.Dense(4, kernel_regularizer=penalty), layers.Dense(1)]
    )


def frozen():
    base = keras.Sequential([keras.Input((4,)), layers.Dense(4)])
    base.trainable = False
    return keras.Sequential([base, layers.Dense(1)])


def comparable(made):
    """Return the configuration and the weights of what a builder makes: it holds ids of objects."""
    weights = made.get_weights() if isinstance(made, keras.Model) else []
    optimizer = getattr(made, "optimizer", None)
    return made.get_config(), weights, optimizer and optimizer.get_config()


BUILDERS = [
    sequential,
    added,
    functional,
    residual,
    two_inputs,
    compiled,
    scheduled,
    images,
    seeded,
    regularised,
    frozen,
]
