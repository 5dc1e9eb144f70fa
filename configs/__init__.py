"""The config graph: nodes that configure calls, and what can be done with them."""

from . import arg_factory
from .buildable import Buildable
from .building import build, independent_build
from .errors import BuildError, ConfigError, CycleError, DefaultFactoryError, NestedBuildError
from .mutating import replace_in_place
from .nodes import ArgFactory, Config, Partial, get_callable, ordered_arguments
from .paths import Attr, Index, Key, Path, PathElement, follow_path, format_path
from .provenance import Provenance, SavedProvenance
from .selectors import Selection, select
from .signatures import NO_VALUE, VARARGS, Signature, signature_of
from .traverse import BUILDABLE_TYPES, contains_buildable, iter_nodes
from .weak_cache import WeakIdentityCache

__all__ = [
    "BUILDABLE_TYPES",
    "NO_VALUE",
    "VARARGS",
    "ArgFactory",
    "Attr",
    "BuildError",
    "Buildable",
    "Config",
    "ConfigError",
    "CycleError",
    "DefaultFactoryError",
    "Index",
    "Key",
    "NestedBuildError",
    "Partial",
    "Path",
    "PathElement",
    "Provenance",
    "SavedProvenance",
    "Selection",
    "Signature",
    "WeakIdentityCache",
    "arg_factory",
    "build",
    "contains_buildable",
    "follow_path",
    "format_path",
    "get_callable",
    "independent_build",
    "iter_nodes",
    "ordered_arguments",
    "replace_in_place",
    "select",
    "signature_of",
]
