"""Modules of Fiddle's names, which give its test files bytefig instead."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from absl.testing import absltest

from bytefig import configs, tracer
from bytefig.configs import diffing, selectors, tags
from bytefig.tracer import LATEST, V1

#: The package of the shims, and of the modules of Fiddle that import them.
PACKAGE = "ported"


def _public(name: str) -> Any:
    """Return what bytefig has under a name that Fiddle has it under, too."""
    for half in (configs, tracer, tags, selectors, diffing):
        if hasattr(half, name):
            return getattr(half, name)
    raise AttributeError(f"bytefig has no {name!r}")


class Shim(ModuleType):
    """A module that has all of bytefig, and what else its maker gives it."""

    def __init__(self, name: str, **more: Any) -> None:
        super().__init__(name)
        self.__dict__.update(more)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _public(name)


class _State:
    """The state of one of Fiddle's traversals, on top of `configs.Traversal`."""

    def __init__(self, state: configs.Traversal, root: Any) -> None:
        self._state = state
        self.original_root = root

    @property
    def current_path(self) -> Any:
        return self._state.path

    def is_traversable(self, value: Any) -> bool:
        return self._state.is_traversable(value)

    def map_children(self, value: Any) -> Any:
        return self._state.map_children(value)

    def yield_map_child_values(self, value: Any, ignore_leaves: bool = False) -> Iterator[Any]:
        if not ignore_leaves and not self._state.is_traversable(value):
            raise ValueError("a leaf has no children")
        return (result for _, result in self._state.results(value))


def _traversal(memoized: bool) -> type:
    class Traversal:
        @staticmethod
        def run(fn: Callable[..., Any], root: Any) -> Any:
            return configs.traverse(
                lambda value, state: fn(value, _State(state, root)), root, memoized=memoized
            )

    return Traversal


def _iterate(graph: Any, memoized: bool = True, **_: Any) -> Iterator[tuple[Any, Any]]:
    return ((place.value, place.path) for place in configs.iterate(graph, memoized))


def _path_str(path: Any) -> str:
    return configs.format_path(path).removeprefix("<root>")


def _location(filename: str, line_number: int, function_name: str) -> Any:
    return configs.SavedProvenance(filename, line_number, None, function_name)


class _PathElement:
    """Stands for a step of a kind that no library knows."""


class _ModifyKind(type):
    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, diffing.ModifyValue | diffing.ChangeCallable)


class _ModifyValue(metaclass=_ModifyKind):
    """Makes the change of a value; that of a callable has a class of its own here."""

    def __new__(cls, target: Any, new_value: Any) -> Any:
        if target and target[-1] == configs.Attr("__fn_or_cls__"):
            return diffing.ChangeCallable(target[:-1], new_value)
        return diffing.ModifyValue(target, new_value)


class _DiffBuilder:
    """Builds a difference from an alignment, once."""

    def __init__(self, alignment: Any) -> None:
        self.alignment = alignment
        self._diff = diffing.build_diff_from_alignment(alignment)

    def build_diff(self) -> Any:
        return self._diff


def _reference(root: str, path: str) -> Any:
    return diffing.Reference(root, configs.parse_path(path))


class _TestCase(absltest.TestCase):
    def assertDagEqual(self, one: Any, other: Any) -> None:  # noqa: N802 - Fiddle's name
        """Ask for the same structure; ``==`` of graphs asks for the same sharing, too."""
        assert one == other


def tool_shims() -> dict[str, ModuleType]:
    """Return the shims for the tests of Fiddle's tools: of what makes graphs, and nothing else."""
    kept = [
        "building",
        "casting",
        "config",
        "copying",
        "partial",
        "tagging",
        "arg_factory",
        "materialize",
    ]
    kept += ["experimental.auto_config", "experimental.with_tags", "testing", "testing.test_util"]
    found = shims()
    # Fiddle's own `build` makes what both kinds of nodes configure.
    found[""].build = found["_src.building"].build = importlib.import_module("fiddle").build
    for name in ("daglish", "diffing", "graphviz", "history", "printing", "selectors"):
        setattr(found[""], name, importlib.import_module(f"fiddle.{name}"))
    return {name: shim for name, shim in found.items() if name.removeprefix("_src.") in ["", *kept]}


def shims() -> dict[str, ModuleType]:
    """Return the shims by the names that Fiddle's modules have below its own package."""
    arg_factory = importlib.import_module("bytefig.configs.arg_factory")
    daglish = Shim(
        "daglish",
        path_str=_path_str,
        iterate=_iterate,
        MemoizedTraversal=_traversal(memoized=True),
        BasicTraversal=_traversal(memoized=False),
        State=_State,
        PathElement=_PathElement,
        Path=tuple,
        Paths=list,
    )
    diffs = Shim(
        "diffing",
        **{name: getattr(diffing, name) for name in diffing.__all__},
        _DiffFromAlignmentBuilder=_DiffBuilder,
    )
    diffs.ModifyValue = _ModifyValue
    testing = Shim(
        "testing", parse_path=configs.parse_path, parse_reference=_reference, TestCase=_TestCase
    )
    history = Shim(
        "history",
        Location=_location,
        suspend_tracking=configs.suspend_history,
        DELETED=configs.NO_VALUE,
    )
    factories = Shim(
        "arg_factory",
        **{name: value for name, value in vars(arg_factory).items() if name[0] != "_"},
        ArgFactory=arg_factory.FreshArgument,
    )
    auto_config = Shim("auto_config")
    policy = Shim("auto_config_policy", v1=V1, latest=LATEST)
    plain = "building casting config copying materialize mutate_buildable partial selectors tagging"
    found: dict[str, ModuleType] = {"": Shim("fiddle", __version__="0.3.1")}
    for prefix in ("", "_src."):
        found |= {f"{prefix}{name}": Shim(name) for name in plain.split()}
        found |= {
            f"{prefix}daglish": daglish,
            f"{prefix}history": history,
            f"{prefix}arg_factory": factories,
            f"{prefix}diffing": diffs,
            f"{prefix}testing": testing,
            f"{prefix}testing.test_util": testing,
            f"{prefix}printing": configs.printing,
            f"{prefix}experimental.auto_config": auto_config,
            f"{prefix}experimental.auto_config_policy": policy,
            f"{prefix}experimental.with_tags": auto_config,
        }
    return found
