"""Differences between two graphs: build a diff, read it, store it, apply it."""

from ..core.moved import register_moved
from .alignment import AlignedValues, DiffAlignment, align_by_id, align_heuristically
from .applied_diff import apply_diff, resolve_diff_references
from .changes import (
    AddTag,
    AlignmentError,
    ChangeBuildableClass,
    ChangeCallable,
    DeleteValue,
    Diff,
    DiffError,
    DiffOperation,
    InsertValue,
    ModifyValue,
    Reference,
    RemoveTag,
    SetValue,
)
from .comparison import build_diff, build_diff_from_alignment
from .plain import diff_from_data, diff_to_data
from .skeleton import AnyCallable, AnyValue, ListPrefix, skeleton_from_diff

register_moved(__name__, {"aligning": "", "applying": ""})

__all__ = [
    "AddTag",
    "AlignedValues",
    "AlignmentError",
    "AnyCallable",
    "AnyValue",
    "ChangeBuildableClass",
    "ChangeCallable",
    "DeleteValue",
    "Diff",
    "DiffAlignment",
    "DiffError",
    "DiffOperation",
    "InsertValue",
    "ListPrefix",
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
    "resolve_diff_references",
    "skeleton_from_diff",
]
