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

from typing import TYPE_CHECKING, Any

from ..configs import ArgFactory, Config, Partial, arg_factory, build, select
from .auto_config import AutoConfig, auto_config, capture, exempt, is_auto_config
from .autobuild import autobuild
from .autoconvert import autoconvert
from .config_types import ConfigTypes
from .errors import (
    ArgumentBindingError,
    CaptureError,
    ConversionError,
    InlineError,
    NoBuildableError,
    NotAFunctionError,
    PolicyFileError,
    TracerError,
    UnbuiltNodeError,
    UnsupportedCodeError,
    UnsupportedLanguageConstructError,
)
from .explaining import Explanation, explain
from .inliner import inline, inline_all
from .interpreting import interpret
from .partials import inlined_partial
from .policies import LATEST, V1
from .policy import Decision, InModule, InstanceOf, Is, Named, PolicyTable, Rule
from .unconfig import auto_unconfig, with_buildable_func
from .verifying import Verification, verify

__all__ = [
    "LATEST",
    "V1",
    "ArgFactory",
    "ArgumentBindingError",
    "AutoConfig",
    "CaptureError",
    "Config",
    "ConfigTypes",
    "ConversionError",
    "Decision",
    "Explanation",
    "InModule",
    "InlineError",
    "InstanceOf",
    "Is",
    "Named",
    "NoBuildableError",
    "NotAFunctionError",
    "Partial",
    "PolicyFileError",
    "PolicyTable",
    "Rule",
    "TracerError",
    "UnbuiltNodeError",
    "UnsupportedCodeError",
    "UnsupportedLanguageConstructError",
    "Verification",
    "arg_factory",
    "auto_config",
    "auto_unconfig",
    "autobuild",
    "autoconvert",
    "build",
    "capture",
    "exempt",
    "explain",
    "inline",
    "inline_all",
    "inlined_partial",
    "interpret",
    "is_auto_config",
    "recorded",
    "recording",
    "select",
    "verify",
    "with_buildable_func",
]

if TYPE_CHECKING:
    from .autoconvert.recording import recorded, recording

    # Made when asked for: each imports a library.
    FIDDLE_TYPES: ConfigTypes
    NEMO_RUN_TYPES: ConfigTypes


def __getattr__(name: str) -> Any:
    """Return what is imported when it is first used, or `FIDDLE_TYPES` or `NEMO_RUN_TYPES`.

    Raises:
        ModuleNotFoundError: The library is not installed.
    """
    if name in ("FIDDLE_TYPES", "NEMO_RUN_TYPES"):
        from . import peer_types  # noqa: PLC0415 - it imports the library

        make = peer_types.fiddle_types if name == "FIDDLE_TYPES" else peer_types.nemo_run_types
        return globals().setdefault(name, make())
    if name in ("recorded", "recording"):
        from .autoconvert import recording as module  # noqa: PLC0415 - few programs need it

        return globals().setdefault(name, getattr(module, name))
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
