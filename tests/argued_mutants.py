"""Mutants of which no test can take notice, by file, function and operators, and why.

A pattern of `fnmatch` stands for several functions or operators.
"""

from __future__ import annotations

from typing import Final

_OTHER_VERSIONS: Final = "only a later CPython runs it, and the tests on that"
_NEVER_COMPARED: Final = "nobody compares these objects"
_FOR_TYPE_CHECKERS: Final = "it is there for type checkers"
_ONLY_SLOTS: Final = "without it the object only takes more memory"
_ENUMERATION: Final = "members of an enumeration are equal if they are the same"
_SAME_LENGTH: Final = "both lists are of the same length"

ARGUED: Final[dict[tuple[str, str, str], str]] = {
    ("configs/building/builder.py", "_Plan", "ReplaceFalseWithTrue"): _NEVER_COMPARED,
    ("configs/building/builder.py", "build", "RemoveDecorator"): _FOR_TYPE_CHECKERS,
    ("configs/building/builder.py", "build", "NumberReplacer"): (
        "a callable is called by the builder, so the frame above is never another build"
    ),
    ("configs/building/builder.py", "_Step", "RemoveDecorator"): _ONLY_SLOTS,
    ("configs/building/leaf_calls.py", "_compiled", "ReplaceTrueWithFalse"): _SAME_LENGTH,
    ("configs/node/dunders/equality.py", "*.one_to_one", "ReplaceTrueWithFalse"): _SAME_LENGTH,
    ("configs/node/dunders/equality.py", "*.one_to_one", "NumberReplacer"): _SAME_LENGTH,
    ("configs/node/dunders/equality.py", "*.meets_first", "ReplaceBinaryOperator_RShift_*"): (
        "any number that tells ids apart does; a small one takes less memory"
    ),
    ("configs/node/dunders/deep_copies.py", "*._copy_pending", "ReplaceContinueWithBreak"): (
        "the loop around it goes on where this one ended"
    ),
    ("configs/node/dunders/deep_copies.py", "*._enter", "ReplaceComparisonOperator_Gt_GtE"): (
        "to look at the last container again changes nothing"
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
    ("tracer/engine/native/call_layout.py", "_layout", "ReplaceComparisonOperator_GtE_NotEq"): (
        "what several instructions have loaded is none of those that are looked for"
    ),
    ("tracer/engine/native/call_layout.py", "loads_method", "ReplaceFalseWithTrue"): (
        "no compiler has a callable and the value below it come from several places each"
    ),
    ("tracer/engine/native/call_layout.py", "_after", "NumberReplacer"): _OTHER_VERSIONS,
    ("tracer/engine/native/rebuild.py", "_last_of_function", "*"): _OTHER_VERSIONS,
    ("tracer/engine/native/sites.py", "Origin.common", "*"): _OTHER_VERSIONS,
    ("tracer/engine/opcodes/asynchronous.py", "_wrong_iterator_of", "*"): _OTHER_VERSIONS,
    ("tracer/engine/opcodes/intrinsics.py", "_native_unary*", "*"): _OTHER_VERSIONS,
    ("tracer/engine/opcodes/stack.py", "load_common_constant*", "*"): _OTHER_VERSIONS,
    ("tracer/engine/opcodes/variables.py", "load_global_*", "*"): _OTHER_VERSIONS,
    ("tracer/engine/opcodes/variables.py", "load_name_and_import*", "*"): _OTHER_VERSIONS,
    ("tracer/engine/opcodes/imports.py", "import_name_by_mode*", "*"): _OTHER_VERSIONS,
    ("tracer/engine/opcodes/imports.py", "import_from_lazy*", "*"): _OTHER_VERSIONS,
    ("tracer/engine/opcodes/lazy_imports.py", "*", "*"): _OTHER_VERSIONS,
    ("tracer/engine/opcodes/variables.py", "store_fast_load_fast*", "*"): _OTHER_VERSIONS,
    ("tracer/recording/guard.py", "_watch", "ReplaceAndWithOr"): (
        "only instructions can be deferred, so at a CALL there is no hint either way"
    ),
    ("tracer/recording/partials.py", "_given", "NumberReplacer"): (
        "only a node of Fiddle's is there without a form: `make interop` tests those"
    ),
    ("tracer/recording/partials.py", "called_partial.fresh", "NumberReplacer"): (
        "the place is known already: an offset belongs to code"
    ),
    ("tracer/recording/policy.py", "PolicyTable", "ReplaceFalseWithTrue"): (
        "what is remembered is given by nobody"
    ),
    ("tracer/recording/policy.py", "PolicyTable.__call__", "ReplaceComparisonOperator_Is_Eq"): (
        _ENUMERATION
    ),
    ("tracer/recording/recorder.py", "CaptureOptions", "ReplaceFalseWithTrue"): (
        "`kind` follows from `types`: nobody gives, shows or compares it"
    ),
    ("tracer/recording/recorder.py", "Recorder.asks", "RemoveDecorator"): (
        "a method is as true as the True that it returns"
    ),
    ("tracer/recording/recorder.py", "Recorder.decide", "ReplaceComparisonOperator_IsNot_NotEq"): (
        _ENUMERATION
    ),
}
