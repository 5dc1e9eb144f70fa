"""Instances of dataclasses turned into configs of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, Final

from ..node.kinds import Config
from ..traversal.paths import Attr, format_path
from ..traversal.traverse import NodeKind, Visit, fold, kind_of, path_of


def convert_dataclasses_to_configs(root: object, allow_post_init: bool = False) -> Any:
    """Return a value with configs in place of the instances of dataclasses in it.

    Also those in the arguments of nodes and in the fields of other instances, at any depth. An
    instance that is there twice becomes one config. Each field that the constructor takes is set,
    also to its default. Building gives a value equal to the first.

    Args:
        root: An instance, a node, or containers that hold some; it does not change.
        allow_post_init: Convert also instances of classes that have a ``__post_init__``, which runs
            again when the config is built.

    Raises:
        ValueError: A class has a ``__post_init__`` that is not allowed, an ``InitVar``, or an
            ``__init__`` of its own; or a field was deleted. The text has the path.
        CycleError: The value contains itself.

    Example:
        >>> @dataclasses.dataclass
        ... class Adam:
        ...     rate: float = 0.1
        >>> @dataclasses.dataclass
        ... class Trainer:
        ...     optimizers: list[Adam]
        >>> convert_dataclasses_to_configs(Trainer([Adam(0.5)]))
        <Config[Trainer(optimizers=[<Config[Adam(rate=0.5)]>])]>
    """

    def combine(visit: Visit, stack: Sequence[Visit]) -> object:
        if visit.kind is _INSTANCE:
            _check(visit, stack, allow_post_init)
        return visit.rebuild()

    return fold(root, combine, kinds=_kind_of)


def _flatten(value: Any) -> tuple[Sequence[str], Sequence[object]]:
    names = [
        field.name
        for field in dataclasses.fields(value)
        # Of one that was deleted, what is left is the default, at most.
        if field.init and hasattr(value, field.name)
    ]
    return names, [getattr(value, name) for name in names]


def _rebuild(value: object, keys: Sequence[str], values: list[object]) -> object:
    return Config(value.__class__, **dict(zip(keys, values, strict=True)))


_INSTANCE: Final = NodeKind(_flatten, _rebuild, Attr)


def _kind_of(value: object) -> NodeKind | None:
    found = kind_of(value)
    is_instance = dataclasses.is_dataclass(value) and not isinstance(value, type)
    return _INSTANCE if found is None and is_instance else found


def _check(visit: Visit, stack: Sequence[Visit], allow_post_init: bool) -> None:
    cls: Any = visit.node.__class__
    unset = [field.name for field in dataclasses.fields(cls) if field.init]
    unset = [name for name in unset if name not in visit.keys]
    owner = next(base for base in cls.__mro__ if "__init__" in vars(base))
    problem = ""
    if hasattr(cls, "__post_init__") and not allow_post_init:
        problem = (
            "its class has a __post_init__\n  fix: pass allow_post_init=True to have it run again"
        )
    elif "__dataclass_fields__" not in vars(owner) or not owner.__dataclass_params__.init:
        problem = "its class has an __init__ of its own\n  fix: put a Config of it there"
    elif _init_only(cls):
        names = ", ".join(_init_only(cls))
        problem = f"it does not keep what it was given as {names}\n  fix: put a Config of it there"
    elif unset:
        problem = f"its field {unset[0]} was deleted\n  fix: set it"
    if problem:
        where = format_path(path_of(stack))
        raise ValueError(f"cannot convert the {cls.__qualname__} at {where}: {problem}")


def _init_only(cls: Any) -> list[str]:
    fields: dict[str, Any] = cls.__dataclass_fields__
    return [name for name, field in fields.items() if field._field_type.name == "_FIELD_INITVAR"]
