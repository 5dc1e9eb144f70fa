"""The value language: text such as ``Adam(learning_rate=1e-4)`` becomes a value of a type.

Nothing in a text is called, but presets: what looks like another call becomes a `Config`.
"""

from .assignments import Assignment, parse_assignment
from .overriding import OverrideError, OverrideProblem, override
from .parsing import parse_value
from .scalars import register_parser
from .scope import Scope

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
