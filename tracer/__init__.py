"""The capture engine: interpret a function's bytecode and record the calls it makes.

Example:
    >>> from bytefig.configs import build
    >>> from bytefig.tracer import auto_config
    >>> class Dense:
    ...     def __init__(self, units): self.units = units
    >>> config = auto_config(lambda: Dense(units=128)).as_buildable()
    >>> config.units = 64
    >>> build(config).units
    64
"""

from __future__ import annotations

from .auto_config import AutoConfig, auto_config, exempt, is_auto_config
from .config_types import ConfigTypes
from .errors import (
    ArgumentBindingError,
    CaptureError,
    InlineError,
    NoBuildableError,
    NotAFunctionError,
    TracerError,
    UnbuiltNodeError,
    UnsupportedCodeError,
)
from .inliner import inline
from .interpreting import interpret
from .policy import Decision, PolicyTable, Rule

__all__ = [
    "ArgumentBindingError",
    "AutoConfig",
    "CaptureError",
    "ConfigTypes",
    "Decision",
    "InlineError",
    "NoBuildableError",
    "NotAFunctionError",
    "PolicyTable",
    "Rule",
    "TracerError",
    "UnbuiltNodeError",
    "UnsupportedCodeError",
    "auto_config",
    "exempt",
    "inline",
    "interpret",
    "is_auto_config",
]
