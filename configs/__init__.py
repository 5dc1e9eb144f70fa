"""The config graph: nodes that configure calls, and the tools to make, edit and build them."""

from typing import TYPE_CHECKING

from .core.late import late_names
from .core.moved import register_moved
from .core.own_code import CONFIGS, OWN
from .version import __version__ as __version__

for _packages in (CONFIGS, OWN):
    _packages.add(__name__)

_MOVED = """
    argument_tags casting codegen.forms copying drawing drawing.dot drawing.page edits errors
    flattening iteration locating materialize mutating nodes paths provenance replacing
    representation sentinels signatures traverse validation weak_cache
"""
register_moved(__name__, {"buildable": "node.buildable", **dict.fromkeys(_MOVED.split(), "")})

if TYPE_CHECKING:
    from . import arg_factory as arg_factory
    from . import diffing as diffing
    from . import printing as printing
    from .aliases import load_aliases as load_aliases
    from .aliases import register_alias as register_alias
    from .building.builder import build as build
    from .building.builder import independent_build as independent_build
    from .building.operations import call_method as call_method
    from .building.operations import enter_context as enter_context
    from .building.operations import leave_context as leave_context
    from .building.operations import unpack as unpack
    from .codegen import CallForm as CallForm
    from .codegen import CodegenError as CodegenError
    from .codegen import SourceProblem as SourceProblem
    from .codegen import register_source as register_source
    from .codegen import to_auto_config_source as to_auto_config_source
    from .codegen import to_source as to_source
    from .core.edit import CALLABLE_KEY as CALLABLE_KEY
    from .core.edit import Edit as Edit
    from .core.edit import SavedEdit as SavedEdit
    from .core.errors import BuildError as BuildError
    from .core.errors import ConfigError as ConfigError
    from .core.errors import CycleError as CycleError
    from .core.errors import DefaultFactoryError as DefaultFactoryError
    from .core.errors import ManyPathsError as ManyPathsError
    from .core.errors import NestedBuildError as NestedBuildError
    from .core.keys import ArgumentKey as ArgumentKey
    from .core.provenance import Provenance as Provenance
    from .core.provenance import SavedProvenance as SavedProvenance
    from .core.registry import BUILDABLE_TYPES as BUILDABLE_TYPES
    from .core.sentinels import NO_VALUE as NO_VALUE
    from .core.sentinels import VARARGS as VARARGS
    from .core.tag_type import TagType as TagType
    from .editing.defaults import expand_default_factories as expand_default_factories
    from .editing.defaults import materialize_defaults as materialize_defaults
    from .editing.effects import add_effects as add_effects
    from .editing.effects import as_called as as_called
    from .editing.effects import effects as effects
    from .editing.effects import remove_effects as remove_effects
    from .editing.from_dataclasses import (
        convert_dataclasses_to_configs as convert_dataclasses_to_configs,
    )
    from .editing.in_place import assign as assign
    from .editing.in_place import replace_all_in_place as replace_all_in_place
    from .editing.in_place import replace_in_place as replace_in_place
    from .editing.in_place import update_callable as update_callable
    from .editing.select import NodeSelection as NodeSelection
    from .editing.select import Selection as Selection
    from .editing.select import TagSelection as TagSelection
    from .editing.select import select as select
    from .editing.tags import Tag as Tag
    from .editing.tags import TaggedValue as TaggedValue
    from .editing.tags import TaggedValueCls as TaggedValueCls
    from .editing.tags import TaggedValueNotFilledError as TaggedValueNotFilledError
    from .editing.tags import add_tag as add_tag
    from .editing.tags import clear_tags as clear_tags
    from .editing.tags import get_tags as get_tags
    from .editing.tags import list_tags as list_tags
    from .editing.tags import materialize_tags as materialize_tags
    from .editing.tags import remove_tag as remove_tag
    from .editing.tags import set_argument as set_argument
    from .editing.tags import set_tagged as set_tagged
    from .editing.tags import set_tags as set_tags
    from .editing.tags import tagged_arguments as tagged_arguments
    from .hints.validation import Problem as Problem
    from .hints.validation import UnresolvedHint as UnresolvedHint
    from .hints.validation import ValidationError as ValidationError
    from .hints.validation import check as check
    from .hints.validation import unresolved_hints as unresolved_hints
    from .hints.validation import validate as validate
    from .node.buildable import Buildable as Buildable
    from .node.buildable import add_declared_tags as add_declared_tags
    from .node.dunders.copying import copy_with as copy_with
    from .node.dunders.copying import deepcopy_with as deepcopy_with
    from .node.flattening import BuildableTraverserMetadata as BuildableTraverserMetadata
    from .node.history import add_exclude_location as add_exclude_location
    from .node.history import custom_location as custom_location
    from .node.history import history as history
    from .node.history import node_history as node_history
    from .node.history import set_tracking as set_tracking
    from .node.history import suspend_history as suspend_history
    from .node.history import tracking_enabled as tracking_enabled
    from .node.kinds import ArgFactory as ArgFactory
    from .node.kinds import Config as Config
    from .node.kinds import Partial as Partial
    from .node.kinds import cast as cast
    from .node.kinds import get_callable as get_callable
    from .node.kinds import iter_nodes as iter_nodes
    from .node.kinds import ordered_arguments as ordered_arguments
    from .node.kinds import typed as typed
    from .serialization import SerializationError as SerializationError
    from .serialization import canonical_text as canonical_text
    from .serialization import dump_json as dump_json
    from .serialization import dump_yaml as dump_yaml
    from .serialization import json_schema as json_schema
    from .serialization import load_json as load_json
    from .serialization import load_yaml as load_yaml
    from .serialization import register_codec as register_codec
    from .show.drawing import DrawingError as DrawingError
    from .show.drawing import Look as Look
    from .show.drawing import to_dot as to_dot
    from .show.drawing import to_graphviz as to_graphviz
    from .show.drawing import to_html as to_html
    from .show.drawing import to_svg as to_svg
    from .signature.signature import Signature as Signature
    from .signature.signature import signature_of as signature_of
    from .signature.weak_cache import WeakIdentityCache as WeakIdentityCache
    from .traversal.deciding import Traversal as Traversal
    from .traversal.deciding import traverse as traverse
    from .traversal.iteration import Place as Place
    from .traversal.iteration import iterate as iterate
    from .traversal.iteration import map_graph as map_graph
    from .traversal.iteration import map_with_path as map_with_path
    from .traversal.locating import all_paths as all_paths
    from .traversal.locating import contains_buildable as contains_buildable
    from .traversal.paths import Attr as Attr
    from .traversal.paths import Effect as Effect
    from .traversal.paths import Index as Index
    from .traversal.paths import Key as Key
    from .traversal.paths import Path as Path
    from .traversal.paths import PathElement as PathElement
    from .traversal.paths import PathError as PathError
    from .traversal.paths import follow_path as follow_path
    from .traversal.paths import format_path as format_path
    from .traversal.paths import parse_path as parse_path
    from .traversal.traverse import register_container as register_container
else:
    # The names of each module, which is imported when one is used; or none, for the module itself.
    _places = {
        "aliases": "load_aliases register_alias",
        "arg_factory": "",
        "building.builder": "build independent_build",
        "building.operations": "call_method enter_context leave_context unpack",
        "codegen": "CallForm CodegenError SourceProblem register_source to_auto_config_source"
        " to_source",
        "core.edit": "CALLABLE_KEY Edit SavedEdit",
        "core.errors": "BuildError ConfigError CycleError DefaultFactoryError ManyPathsError"
        " NestedBuildError",
        "core.keys": "ArgumentKey",
        "core.provenance": "Provenance SavedProvenance",
        "core.registry": "BUILDABLE_TYPES",
        "core.sentinels": "NO_VALUE VARARGS",
        "core.tag_type": "TagType",
        "diffing": "",
        "editing.defaults": "expand_default_factories materialize_defaults",
        "editing.effects": "add_effects as_called effects remove_effects",
        "editing.from_dataclasses": "convert_dataclasses_to_configs",
        "editing.in_place": "assign replace_all_in_place replace_in_place update_callable",
        "editing.select": "NodeSelection Selection TagSelection select",
        "editing.tags": "Tag TaggedValue TaggedValueCls TaggedValueNotFilledError add_tag"
        " clear_tags get_tags list_tags materialize_tags remove_tag set_argument set_tagged"
        " set_tags tagged_arguments",
        "hints.validation": "Problem UnresolvedHint ValidationError check unresolved_hints"
        " validate",
        "node.buildable": "Buildable add_declared_tags",
        "node.dunders.copying": "copy_with deepcopy_with",
        "node.flattening": "BuildableTraverserMetadata",
        "node.history": "add_exclude_location custom_location history node_history set_tracking"
        " suspend_history tracking_enabled",
        "node.kinds": "ArgFactory Config Partial cast get_callable iter_nodes ordered_arguments"
        " typed",
        "printing": "",
        "serialization": "SerializationError canonical_text dump_json dump_yaml json_schema"
        " load_json load_yaml register_codec",
        "show.drawing": "DrawingError Look to_dot to_graphviz to_html to_svg",
        "signature.signature": "Signature signature_of",
        "signature.weak_cache": "WeakIdentityCache",
        "traversal.deciding": "Traversal traverse",
        "traversal.iteration": "Place iterate map_graph map_with_path",
        "traversal.locating": "all_paths contains_buildable",
        "traversal.paths": "Attr Effect Index Key Path PathElement PathError follow_path"
        " format_path parse_path",
        "traversal.traverse": "register_container",
        "version": "__version__",
    }
    _names = {place: names.split() for place, names in _places.items()}
    __getattr__, __dir__ = late_names(__name__, _names)
    #: All that is public; `Path` and `cast` are, too, but for ``import *``, which would hide those
    #: of the standard library.
    __all__ = [
        name
        for place, names in _names.items()
        for name in names or [place]
        if name not in ("Path", "cast")
    ]
