"""What differs between two graphs: build a diff, read it, store it, apply it."""

from .aligning import AlignedValues, DiffAlignment, align_by_id, align_heuristically
from .applying import apply_diff
from .changes import (
    AddTag,
    AlignmentError,
    ChangeBuildableClass,
    ChangeCallable,
    DeleteValue,
    Diff,
    DiffError,
    DiffOperation,
    ModifyValue,
    Reference,
    RemoveTag,
    SetValue,
)
from .comparing import build_diff, build_diff_from_alignment
from .plain import diff_from_data, diff_to_data

__all__ = [
    "AddTag",
    "AlignedValues",
    "AlignmentError",
    "ChangeBuildableClass",
    "ChangeCallable",
    "DeleteValue",
    "Diff",
    "DiffAlignment",
    "DiffError",
    "DiffOperation",
    "ModifyValue",
    "Reference",
    "RemoveTag",
    "SetValue",
    "align_by_id",
    "align_heuristically",
    "apply_diff",
    "build_diff",
    "build_diff_from_alignment",
    "diff_from_data",
    "diff_to_data",
]
