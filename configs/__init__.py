"""The config graph: nodes that configure calls, and the tools to make, edit and build them."""

from typing import TYPE_CHECKING

from .core.late import late_names
from .core.moved import register_moved
from .core.own_code import CONFIGS, OWN
from .version import __version__

for _packages in (CONFIGS, OWN):
    _packages.add(__name__)

_MOVED = """
    argument_tags casting codegen.forms copying drawing drawing.dot drawing.page edits errors
    flattening iteration locating materialize mutating nodes paths provenance replacing
    representation sentinels signatures traverse validation weak_cache
"""
register_moved(__name__, {"buildable": "node.buildable", **dict.fromkeys(_MOVED.split(), "")})

if TYPE_CHECKING:
    from . import arg_factory, diffing, printing
    from .aliases import load_aliases, register_alias
    from .building.builder import build, independent_build
    from .building.operations import call_method, enter_context, leave_context, unpack
    from .codegen import (
        CallForm,
        CodegenError,
        SourceProblem,
        register_source,
        to_auto_config_source,
        to_source,
    )
    from .core.edit import CALLABLE_KEY, Edit, SavedEdit
    from .core.errors import (
        BuildError,
        ConfigError,
        CycleError,
        DefaultFactoryError,
        ManyPathsError,
        NestedBuildError,
    )
    from .core.keys import ArgumentKey
    from .core.provenance import Provenance, SavedProvenance
    from .core.registry import BUILDABLE_TYPES
    from .core.sentinels import NO_VALUE, VARARGS
    from .core.tag_type import TagType
    from .editing.defaults import (
        expand_default_factories,
        materialize_defaults,
        replace_unconfigured_partials_with_callables,
    )
    from .editing.effects import add_effects, as_called, effects, remove_effects
    from .editing.from_dataclasses import convert_dataclasses_to_configs
    from .editing.in_place import (
        assign,
        replace_all_in_place,
        replace_in_place,
        update_callable,
    )
    from .editing.select import NodeSelection, Selection, TagSelection, select
    from .editing.tags import (
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
    from .hints.validation import (
        Problem,
        UnresolvedHint,
        ValidationError,
        check,
        unresolved_hints,
        validate,
    )
    from .node.buildable import Buildable, add_declared_tags
    from .node.dunders.deep_copies import copy_with, deepcopy_with
    from .node.history import (
        add_exclude_location,
        custom_location,
        history,
        node_history,
        set_tracking,
        suspend_history,
        tracking_enabled,
    )
    from .node.kinds import (
        ArgFactory,
        Config,
        Partial,
        get_callable,
        iter_nodes,
        ordered_arguments,
        typed,
    )
    from .node.kinds import cast as cast
    from .node.pytree import BuildableTraverserMetadata
    from .serialization import (
        SerializationError,
        canonical_text,
        dump_json,
        dump_yaml,
        json_schema,
        load_json,
        load_yaml,
        register_codec,
    )
    from .show.drawing import DrawingError, Look, to_dot, to_graphviz, to_html, to_svg
    from .signature.signature import Signature, signature_of
    from .signature.weak_cache import WeakIdentityCache
    from .traversal.iteration import Place, iterate, map_graph, map_with_path
    from .traversal.location import all_paths, contains_buildable
    from .traversal.paths import (
        Attr,
        Effect,
        Index,
        Key,
        PathElement,
        PathError,
        follow_path,
        format_path,
        parse_path,
    )
    from .traversal.paths import Path as Path
    from .traversal.steered_traversal import Traversal, traverse
    from .traversal.traverse import register_container
else:
    __getattr__, __dir__ = late_names(
        __name__,
        {
            "aliases": "load_aliases register_alias",
            "arg_factory": "",
            "building.builder": "build independent_build",
            "building.operations": "call_method enter_context leave_context unpack",
            "codegen": """
                CallForm CodegenError SourceProblem register_source to_auto_config_source to_source
            """,
            "core.edit": "CALLABLE_KEY Edit SavedEdit",
            "core.errors": """
                BuildError ConfigError CycleError DefaultFactoryError ManyPathsError
                NestedBuildError
            """,
            "core.keys": "ArgumentKey",
            "core.provenance": "Provenance SavedProvenance",
            "core.registry": "BUILDABLE_TYPES",
            "core.sentinels": "NO_VALUE VARARGS",
            "core.tag_type": "TagType",
            "diffing": "",
            "editing.defaults": """
                expand_default_factories materialize_defaults
                replace_unconfigured_partials_with_callables
            """,
            "editing.effects": "add_effects as_called effects remove_effects",
            "editing.from_dataclasses": "convert_dataclasses_to_configs",
            "editing.in_place": "assign replace_all_in_place replace_in_place update_callable",
            "editing.select": "NodeSelection Selection TagSelection select",
            "editing.tags": """
                Tag TaggedValue TaggedValueCls TaggedValueNotFilledError add_tag clear_tags get_tags
                list_tags materialize_tags remove_tag set_argument set_tagged set_tags
                tagged_arguments
            """,
            "hints.validation": """
                Problem UnresolvedHint ValidationError check unresolved_hints validate
            """,
            "node.buildable": "Buildable add_declared_tags",
            "node.dunders.deep_copies": "copy_with deepcopy_with",
            "node.pytree": "BuildableTraverserMetadata",
            "node.history": """
                add_exclude_location custom_location history node_history set_tracking
                suspend_history tracking_enabled
            """,
            "node.kinds": """
                ArgFactory Config Partial cast get_callable iter_nodes ordered_arguments typed
            """,
            "printing": "",
            "serialization": """
                SerializationError canonical_text dump_json dump_yaml json_schema load_json
                load_yaml register_codec
            """,
            "show.drawing": "DrawingError Look to_dot to_graphviz to_html to_svg",
            "signature.signature": "Signature signature_of",
            "signature.weak_cache": "WeakIdentityCache",
            "traversal.steered_traversal": "Traversal traverse",
            "traversal.iteration": "Place iterate map_graph map_with_path",
            "traversal.location": "all_paths contains_buildable",
            "traversal.paths": """
                Attr Effect Index Key Path PathElement PathError follow_path format_path parse_path
            """,
            "traversal.traverse": "register_container",
        },
    )

#: All that is public; `Path` and `cast` are, too, but for ``import *``, which would hide those of
#: the standard library.
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
    "BuildableTraverserMetadata",
    "CallForm",
    "CodegenError",
    "Config",
    "ConfigError",
    "CycleError",
    "DefaultFactoryError",
    "DrawingError",
    "Edit",
    "Effect",
    "Index",
    "Key",
    "Look",
    "ManyPathsError",
    "NestedBuildError",
    "NodeSelection",
    "Partial",
    "PathElement",
    "PathError",
    "Place",
    "Problem",
    "Provenance",
    "SavedEdit",
    "SavedProvenance",
    "Selection",
    "SerializationError",
    "Signature",
    "SourceProblem",
    "Tag",
    "TagSelection",
    "TagType",
    "TaggedValue",
    "TaggedValueCls",
    "TaggedValueNotFilledError",
    "Traversal",
    "UnresolvedHint",
    "ValidationError",
    "WeakIdentityCache",
    "__version__",
    "add_declared_tags",
    "add_effects",
    "add_exclude_location",
    "add_tag",
    "all_paths",
    "arg_factory",
    "as_called",
    "assign",
    "build",
    "call_method",
    "canonical_text",
    "check",
    "clear_tags",
    "contains_buildable",
    "convert_dataclasses_to_configs",
    "copy_with",
    "custom_location",
    "deepcopy_with",
    "diffing",
    "dump_json",
    "dump_yaml",
    "effects",
    "enter_context",
    "expand_default_factories",
    "follow_path",
    "format_path",
    "get_callable",
    "get_tags",
    "history",
    "independent_build",
    "iter_nodes",
    "iterate",
    "json_schema",
    "leave_context",
    "list_tags",
    "load_aliases",
    "load_json",
    "load_yaml",
    "map_graph",
    "map_with_path",
    "materialize_defaults",
    "materialize_tags",
    "node_history",
    "ordered_arguments",
    "parse_path",
    "printing",
    "register_alias",
    "register_codec",
    "register_container",
    "register_source",
    "remove_effects",
    "remove_tag",
    "replace_all_in_place",
    "replace_in_place",
    "replace_unconfigured_partials_with_callables",
    "select",
    "set_argument",
    "set_tagged",
    "set_tags",
    "set_tracking",
    "signature_of",
    "suspend_history",
    "tagged_arguments",
    "to_auto_config_source",
    "to_dot",
    "to_graphviz",
    "to_html",
    "to_source",
    "to_svg",
    "tracking_enabled",
    "traverse",
    "typed",
    "unpack",
    "unresolved_hints",
    "update_callable",
    "validate",
]
