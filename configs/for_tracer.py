"""The names that `bytefig.tracer` needs beyond those that `bytefig.configs` exports.

The engine makes nodes without checking them, tells of their uses, and converts, compares and prints
values as the tools of the graph do. It takes all that from here, so that a file inside of
`bytefig.configs` may move without a change there. Nothing here is meant for users.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .core.html import Cell, html_lines, html_table
from .core.late import late_names
from .core.moved import register_moved
from .core.own_code import OWN, OwnPackages, chained, hide_own_frames, shown_in_full
from .core.provenance import shown_file

if TYPE_CHECKING:
    from .arg_factory import FreshArgument, FreshCall
    from .core import watching
    from .core.errors import DocumentError, UnwritableError
    from .core.extras import rich_module
    from .core.keys import Arguments
    from .core.leaf_equality import both_nan, how_arrays_differ, same_leaf
    from .core.member_names import acted_on
    from .core.names import callable_name, near_match
    from .core.shown import plain_repr
    from .core.slots import next_number, record_node
    from .core.tag_type import KNOWN_TAG_NAMES
    from .editing.effects import keep_effects, number_calls
    from .hints.subtypes import (
        ANY,
        UNIONS,
        fits_type,
        hint_class,
        is_open_protocol,
        options_of,
        plain_hint,
    )
    from .hints.type_hints import Hints, hints_of
    from .hints.type_matching import HintMatcher
    from .hints.validation import problems_in
    from .interop import peers
    from .node.dunders.representation import short_repr
    from .node.history import set_provenance_finder, user_provenance
    from .permission import Allowed, NotAllowedError, Noted, home_of, is_module, names_of
    from .serialization.document_writer import FORMAT
    from .serialization.nested_text import Places, nested_yaml, parse_plain_yaml
    from .serialization.verbs import needed_to_load
    from .show.drawing.document import asset, html_document
    from .signature.signature import asked_nodes, current_signature, native_signature
    from .signature.sources import runs
    from .symbols import (
        MISSING,
        class_namespace,
        imported_name,
        is_public_name,
        loaded_module,
        module_name,
        module_namespace,
        static_attribute,
        static_lookup,
        symbol_of,
    )
    from .traversal.replacement import rebuild_if_changed
    from .traversal.traverse import BUILDABLE_KIND, NodeKind, Visit, fold, kind_of
else:
    __getattr__, __dir__ = late_names(
        __name__,
        {
            "arg_factory": "FreshArgument FreshCall",
            "core.watching": "",
            "core.errors": "DocumentError UnwritableError",
            "core.extras": "rich_module",
            "core.keys": "Arguments",
            "core.leaf_equality": "both_nan how_arrays_differ same_leaf",
            "core.names": "callable_name near_match",
            "core.shown": "plain_repr",
            "core.slots": "next_number record_node",
            "core.member_names": "acted_on",
            "core.tag_type": "KNOWN_TAG_NAMES",
            "editing.effects": "keep_effects number_calls",
            "hints.subtypes": """
                ANY UNIONS fits_type hint_class is_open_protocol options_of plain_hint
            """,
            "hints.type_hints": "Hints hints_of",
            "hints.type_matching": "HintMatcher",
            "hints.validation": "problems_in",
            "interop.peers": "",
            "node.dunders.representation": "short_repr",
            "node.history": "set_provenance_finder user_provenance",
            "permission": "Allowed NotAllowedError Noted home_of is_module names_of",
            "serialization.document_writer": "FORMAT",
            "serialization.nested_text": "Places nested_yaml parse_plain_yaml",
            "serialization.verbs": "needed_to_load",
            "show.drawing.document": "asset html_document",
            "signature.signature": "asked_nodes current_signature native_signature",
            "signature.sources": "runs",
            "symbols": """
                MISSING class_namespace imported_name is_public_name loaded_module module_name
                module_namespace static_attribute static_lookup symbol_of
            """,
            "traversal.replacement": "rebuild_if_changed",
            "traversal.traverse": "BUILDABLE_KIND NodeKind Visit fold kind_of",
        },
    )

__all__ = [
    "ANY",
    "BUILDABLE_KIND",
    "FORMAT",
    "KNOWN_TAG_NAMES",
    "MISSING",
    "OWN",
    "UNIONS",
    "Allowed",
    "Arguments",
    "Cell",
    "DocumentError",
    "FreshArgument",
    "FreshCall",
    "HintMatcher",
    "Hints",
    "NodeKind",
    "NotAllowedError",
    "Noted",
    "OwnPackages",
    "Places",
    "UnwritableError",
    "Visit",
    "acted_on",
    "asked_nodes",
    "asset",
    "both_nan",
    "callable_name",
    "chained",
    "class_namespace",
    "current_signature",
    "fits_type",
    "fold",
    "hide_own_frames",
    "hint_class",
    "hints_of",
    "home_of",
    "how_arrays_differ",
    "html_document",
    "html_lines",
    "html_table",
    "imported_name",
    "is_module",
    "is_open_protocol",
    "is_public_name",
    "keep_effects",
    "kind_of",
    "late_names",
    "loaded_module",
    "module_name",
    "module_namespace",
    "names_of",
    "native_signature",
    "near_match",
    "needed_to_load",
    "nested_yaml",
    "next_number",
    "number_calls",
    "options_of",
    "parse_plain_yaml",
    "peers",
    "plain_hint",
    "plain_repr",
    "problems_in",
    "rebuild_if_changed",
    "record_node",
    "register_moved",
    "rich_module",
    "runs",
    "same_leaf",
    "set_provenance_finder",
    "short_repr",
    "shown_file",
    "shown_in_full",
    "static_attribute",
    "static_lookup",
    "symbol_of",
    "user_provenance",
    "watching",
]
