"""Mutants of which no test can take notice, by file, function and operators, and why.

A pattern of `fnmatch` stands for several functions or operators.
"""

from __future__ import annotations

from typing import Final

_OTHER_VERSIONS: Final = "only a later CPython runs it, and the tests on that"
_NEVER_COMPARED: Final = "nobody compares these objects"

ARGUED: Final[dict[tuple[str, str, str], str]] = {
    ("configs/building/builder.py", "_Plan", "ReplaceFalseWithTrue"): _NEVER_COMPARED,
    ("configs/node/dunders/equality.py", "*.meets_first", "ReplaceBinaryOperator_RShift_Mul"): (
        "any number that tells ids apart does; a small one takes less memory"
    ),
    ("configs/signature/taken.py", "_called", "ReplaceComparisonOperator_Is_Eq"): (
        "what a metaclass of the user's would answer here, or raise, leaves the signature open"
    ),
    ("tracer/engine/native/rebuild.py", "_calling", "NumberReplacer"): (
        "how many tuples are remembered, of two that there are"
    ),
    ("tracer/engine/native/rebuild.py", "*", "ReplaceComparisonOperator_Eq_Is"): (
        "numbers of opcodes are below 257, and CPython has each of those once"
    ),
    ("tracer/engine/native/rebuild.py", "_plain_load", "ReplaceComparisonOperator_Eq_LtE"): (
        _OTHER_VERSIONS
    ),
    ("tracer/engine/opcodes/imports.py", "import_name_by_mode*", "*"): _OTHER_VERSIONS,
    ("tracer/engine/opcodes/imports.py", "import_from_lazy*", "*"): _OTHER_VERSIONS,
    ("tracer/engine/opcodes/lazy_imports.py", "*", "*"): _OTHER_VERSIONS,
    ("tracer/engine/opcodes/variables.py", "store_fast_load_fast*", "*"): _OTHER_VERSIONS,
}
