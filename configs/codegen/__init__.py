"""Python source that rebuilds a graph."""

from ..core.leaf_types import CallForm
from .auto_config_source import to_auto_config_source
from .config_source import to_source
from .errors import CodegenError, SourceProblem
from .literals import register_source
from .peer_names import auto_config_codegen, new_codegen

__all__ = [
    "CallForm",
    "CodegenError",
    "SourceProblem",
    "auto_config_codegen",
    "new_codegen",
    "register_source",
    "to_auto_config_source",
    "to_source",
]
