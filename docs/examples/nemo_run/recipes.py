"""Recipes as users of NeMo Run have them, and one that is captured."""

import nemo_run as run
from training import Adam, Model, fit

from bytefig.tracer import NEMO_RUN_TYPES, auto_config


def adam(rate: float = 0.5) -> run.Config[Adam]:
    """Return a config, made by hand."""
    return run.Config(Adam, rate=rate)


def by_hand(width: int = 4) -> run.Partial:
    """Return a task, made by hand."""
    return run.Partial(fit, model=run.Config(Model, width=width), optimizer=adam(), steps=2)


@auto_config
def captured(width: int):
    """Call the functions themselves."""
    return fit(Model(width), Adam(0.25))


@auto_config(experimental_config_types=NEMO_RUN_TYPES)
def recorded(width: int):
    """Do the same; nodes of NeMo Run are made of the calls."""
    return fit(Model(width), Adam(0.125))
