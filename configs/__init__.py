"""The config graph: nodes that configure calls, and what can be done with them."""

from typing import TYPE_CHECKING

from . import arg_factory
from .argument_tags import TagType
from .buildable import Buildable, add_declared_tags
from .building import build, independent_build
from .casting import cast
from .copying import copy_with, deepcopy_with
from .edits import CALLABLE_KEY, Edit, SavedEdit, history, node_history, suspend_history
from .errors import BuildError, ConfigError, CycleError, DefaultFactoryError, NestedBuildError
from .iteration import Place, iterate, map_graph, map_with_path
from .materialize import expand_default_factories, materialize_defaults
from .mutating import assign, replace_in_place, update_callable
from .nodes import ArgFactory, Config, Partial, get_callable, ordered_arguments
from .paths import Attr, Index, Key, Path, PathElement, follow_path, format_path, parse_path
from .provenance import Provenance, SavedProvenance
from .selectors import Selection, select
from .signatures import NO_VALUE, VARARGS, ArgumentKey, Signature, signature_of
from .tags import (
    Tag,
    TaggedValue,
    TaggedValueCls,
    TaggedValueNotFilledError,
    add_tag,
    clear_tags,
    get_tags,
    list_tags,
    materialize_tags,
    remove_tag,
    set_argument,
    set_tagged,
    set_tags,
    tagged_arguments,
)
from .traverse import BUILDABLE_TYPES, contains_buildable, iter_nodes, register_container
from .weak_cache import WeakIdentityCache

if TYPE_CHECKING:
    from . import diffing, printing
else:
    _LAZY = frozenset({"diffing", "printing"})

    def __getattr__(name):
        # Imported when first used, so that a program that only builds graphs starts fast.
        if name in _LAZY:
            import importlib  # noqa: PLC0415

            return importlib.import_module(f".{name}", __name__)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "BUILDABLE_TYPES",
    "CALLABLE_KEY",
    "NO_VALUE",
    "VARARGS",
    "ArgFactory",
    "ArgumentKey",
    "Attr",
    "BuildError",
    "Buildable",
    "Config",
    "ConfigError",
    "CycleError",
    "DefaultFactoryError",
    "Edit",
    "Index",
    "Key",
    "NestedBuildError",
    "Partial",
    "Path",
    "PathElement",
    "Place",
    "Provenance",
    "SavedEdit",
    "SavedProvenance",
    "Selection",
    "Signature",
    "Tag",
    "TagType",
    "TaggedValue",
    "TaggedValueCls",
    "TaggedValueNotFilledError",
    "WeakIdentityCache",
    "add_declared_tags",
    "add_tag",
    "arg_factory",
    "assign",
    "build",
    "cast",
    "clear_tags",
    "contains_buildable",
    "copy_with",
    "deepcopy_with",
    "diffing",
    "expand_default_factories",
    "follow_path",
    "format_path",
    "get_callable",
    "get_tags",
    "history",
    "independent_build",
    "iter_nodes",
    "iterate",
    "list_tags",
    "map_graph",
    "map_with_path",
    "materialize_defaults",
    "materialize_tags",
    "node_history",
    "ordered_arguments",
    "parse_path",
    "printing",
    "register_container",
    "remove_tag",
    "replace_in_place",
    "select",
    "set_argument",
    "set_tagged",
    "set_tags",
    "signature_of",
    "suspend_history",
    "tagged_arguments",
    "update_callable",
]
