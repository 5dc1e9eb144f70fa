"""Builders as users of flax and optax write them."""

import flax.linen as nn
import jax
import jax.numpy as jnp
import optax
from flax import nnx
from flax.training.train_state import TrainState

ADAM = {"b1": 0.9, "b2": 0.98, "eps": 1e-9}


class Block(nn.Module):
    width: int
    rate: float = 0.0

    @nn.compact
    def __call__(self, x):
        return nn.Dropout(self.rate, deterministic=True)(nn.relu(nn.Dense(self.width)(x)))


def sequential():
    return nn.Sequential([nn.Dense(8), nn.relu, nn.Dense(2)])


def blocks_in_a_loop():
    layers = []
    for width in (16, 8, 4):
        layers.append(Block(width, rate=0.1))
    return nn.Sequential(layers)


def initialised():
    model = Block(4)
    return model, model.init(jax.random.PRNGKey(0), jnp.ones((1, 3)))


def split_keys():
    first, second = jax.random.split(jax.random.PRNGKey(1))
    return {"weights": jax.random.normal(first, (2, 2)), "bias": jax.random.uniform(second, (2,))}


def chained_optimizer():
    schedule = optax.warmup_cosine_decay_schedule(0.0, 1e-3, warmup_steps=5, decay_steps=50)
    return optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(schedule, **ADAM))


def train_state():
    model = nn.Dense(2)
    variables = model.init(jax.random.PRNGKey(0), jnp.ones((1, 3)))
    return TrainState.create(apply_fn=model.apply, params=variables["params"], tx=optax.sgd(0.1))


def optimizer_state():
    params = {"w": jnp.zeros((2, 2)), "b": jnp.zeros(2)}
    optimizer = optax.adam(1e-2)
    return {"optimizer": optimizer, "state": optimizer.init(params)}


def masked():
    return optax.masked(optax.add_decayed_weights(1e-4), {"w": True, "b": False})


def arithmetic():
    grid = jnp.arange(6.0).reshape(2, 3)
    return {"scaled": 2 * grid + 1, "row": grid[0], "turned": grid.T @ grid}


def stateful_module():
    rngs = nnx.Rngs(0)
    return {"encoder": nnx.Linear(3, 8, rngs=rngs), "decoder": nnx.Linear(8, 2, rngs=rngs)}


def piecewise_rate():
    rates = optax.join_schedules(
        [optax.linear_schedule(0.0, 1.0, 10), optax.constant_schedule(1.0)], boundaries=[10]
    )
    return optax.inject_hyperparams(optax.sgd)(learning_rate=rates)


BUILDERS = [
    sequential,
    blocks_in_a_loop,
    initialised,
    split_keys,
    chained_optimizer,
    train_state,
    optimizer_state,
    masked,
    arithmetic,
    stateful_module,
    piecewise_rate,
]
