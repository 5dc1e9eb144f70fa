"""Sweeps: many runs of one function, checked before the first, resumable, without a server.

Example:
    >>> from bytefig.configs import Config
    >>> from bytefig.tracer.sweep import sweep
    >>> [trial.point for trial in sweep(Config(dict), {"a": [1, 2]})]
    [{'a': 1}, {'a': 2}]
"""

from typing import TYPE_CHECKING

from ...configs.for_tracer import late_names

if TYPE_CHECKING:
    from .axes import log, loguniform, uniform
    from .engine import Engine
    from .folder import Folder, FolderError
    from .journal import State
    from .local import Local, run_trials
    from .results import Results, TrialResult
    from .returned import ResultError
    from .sweep_runs import Sweep, sweep
    from .trials import SweepError, Trial
else:
    __getattr__, __dir__ = late_names(
        __name__,
        {
            "axes": "log loguniform uniform",
            "engine": "Engine",
            "folder": "Folder FolderError",
            "journal": "State",
            "local": "Local run_trials",
            "results": "Results TrialResult",
            "returned": "ResultError",
            "sweep_runs": "Sweep sweep",
            "trials": "SweepError Trial",
        },
        __name__,
    )

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
