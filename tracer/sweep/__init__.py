"""Sweeps: many runs of one function, checked before the first, resumable, without a server.

Example:
    >>> from bytefig.configs import Config
    >>> from bytefig.tracer.sweep import sweep
    >>> [trial.point for trial in sweep(Config(dict), {"a": [1, 2]})]
    [{'a': 1}, {'a': 2}]
"""

from .axes import log, loguniform, uniform
from .engine import Engine
from .folder import Folder, FolderError
from .journal import State
from .local import Local, run_trials
from .results import Results, TrialResult
from .returned import ResultError
from .sweeping import Sweep, sweep
from .trials import SweepError, Trial

__all__ = [
    "Engine",
    "Folder",
    "FolderError",
    "Local",
    "ResultError",
    "Results",
    "State",
    "Sweep",
    "SweepError",
    "Trial",
    "TrialResult",
    "log",
    "loguniform",
    "run_trials",
    "sweep",
    "uniform",
]
