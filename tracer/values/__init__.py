"""The value language: text such as ``Adam(learning_rate=1e-4)`` becomes a value of a type.

Nothing in a text is called, but presets: what looks like another call becomes a `Config`.
"""

from ...configs.for_tracer import register_moved
from .assignments import Assignment, parse_assignment
from .overrides import OverrideError, OverrideProblem, override
from .scalars import register_parser
from .scope import Scope
from .text_to_value import parse_value

register_moved(__name__, {"overriding": "", "parsing": ""})

__all__ = [
    "Assignment",
    "OverrideError",
    "OverrideProblem",
    "Scope",
    "override",
    "parse_assignment",
    "parse_value",
    "register_parser",
]
