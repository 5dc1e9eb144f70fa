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

from typing import TYPE_CHECKING, Any, Final

# First: it refuses versions of CPython that are not known.
from . import supported  # noqa: F401  # pyright: ignore[reportUnusedImport]  # isort: skip
from ..configs.for_tracer import OWN, late_names, register_moved
from .auto_config import AutoConfig, auto_config, exempt, is_auto_config
from .autobuild import autobuild
from .autoconvert import autoconvert
from .capture import capture
from .engine.marks import TRACER
from .errors import (
    ArgumentBindingError,
    CaptureError,
    ConversionError,
    InlineError,
    NoBuildableError,
    NoScriptError,
    NotAFunctionError,
    PolicyFileError,
    TracerError,
    UnbuiltNodeError,
    UnsupportedCodeError,
    UnsupportedLanguageConstructError,
    ValueLanguageError,
)
from .recording.config_types import ConfigTypes

# Last, and not late: a package of ours is called `recording`, too, and has taken the name.
from .autoconvert.recorded_arguments import recorded, recording  # isort: skip

__all__ = [
    "LATEST",
    "PURE",
    "READERS",
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
    "NoScriptError",
    "NotAFunctionError",
    "Partial",
    "PolicyFileError",
    "PolicyTable",
    "Profile",
    "ProfileError",
    "Rule",
    "TracerError",
    "UnbuiltNodeError",
    "UnsupportedCodeError",
    "UnsupportedLanguageConstructError",
    "ValueLanguageError",
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
    "load_ipython_extension",
    "main",
    "profile",
    "recorded",
    "recording",
    "script",
    "select",
    "tier_of",
    "verify",
    "with_buildable_func",
    "with_tags",
]

for _packages in (TRACER, OWN):
    _packages.add(__name__)

_MOVED = """
    capturing compiled compiled.tier config_types explaining explaining.explanation interpreting
    partials policy running verifying verifying.verification
"""
register_moved(__name__, dict.fromkeys(_MOVED.split(), ""))

if TYPE_CHECKING:
    from ..configs import ArgFactory, Config, Partial, arg_factory, build, select
    from .cli.module_main import main
    from .engine.interception import Decision
    from .explanation import Explanation, explain
    from .explanation.tier import tier_of
    from .inliner import inline, inline_all
    from .interpreted import interpret
    from .notebooks import load_ipython_extension
    from .profiling import Profile, ProfileError, profile
    from .recording.partials import inlined_partial
    from .recording.policy import PolicyTable
    from .recording.policy_tables import LATEST, PURE, READERS, V1
    from .recording.rules import InModule, InstanceOf, Is, Named, Rule
    from .scripts import script
    from .unconfig import auto_unconfig, with_buildable_func, with_tags
    from .verification import Verification, verify

    # Made when asked for: each imports a library.
    FIDDLE_TYPES: ConfigTypes
    NEMO_RUN_TYPES: ConfigTypes

#: Made when they are asked for, and left out by ``import *``: each imports a library.
_TYPES: Final[dict[str, str]] = {"FIDDLE_TYPES": "fiddle", "NEMO_RUN_TYPES": "nemo_run"}

_find, _names = late_names(
    __name__,
    {
        "configs": "ArgFactory Config Partial arg_factory build select",
        "tracer.cli.module_main": "main",
        "tracer.engine.interception": "Decision",
        "tracer.explanation": "Explanation explain",
        "tracer.explanation.tier": "tier_of",
        "tracer.inliner": "inline inline_all",
        "tracer.interpreted": "interpret",
        "tracer.notebooks": "load_ipython_extension",
        "tracer.profiling": "Profile ProfileError profile",
        "tracer.recording.partials": "inlined_partial",
        "tracer.recording.policy_tables": "LATEST PURE READERS V1 PolicyTable",
        "tracer.recording.rules": "InModule InstanceOf Is Named Rule",
        "tracer.scripts": "script",
        "tracer.unconfig": "auto_unconfig with_buildable_func with_tags",
        "tracer.verification": "Verification verify",
    },
    __name__.rpartition(".")[0],
)


def __dir__() -> list[str]:
    """Return all names, also those that are imported when they are asked for."""
    return sorted({*_names(), *_TYPES})


def __getattr__(name: str) -> Any:
    """Return a name that is imported or made when it is asked for.

    Raises:
        ModuleNotFoundError: The library of `FIDDLE_TYPES` or `NEMO_RUN_TYPES` is not installed.
    """
    if name in _TYPES:
        from .recording.peer_types import types_of  # noqa: PLC0415 - it imports the library

        return globals().setdefault(name, types_of(_TYPES[name]))
    return _find(name)
