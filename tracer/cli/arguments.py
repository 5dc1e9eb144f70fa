"""The arguments of a target, as a node that values can be set in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import attrs

from ...configs import Config, ValidationError, add_declared_tags, signature_of, validate
from ...configs.for_tracer import asked_nodes
from ..values import Assignment, Scope, override
from .failing import BadUsageError


def node_of_arguments(fn: Any, arguments: Mapping[str, Any] | None = None) -> Any:
    """Return a node that was made at no place: there is none in the user's code.

    Args:
        fn: The callable.
        arguments: Its arguments by name; if there are none yet, it gets the nodes that annotations
            ask for, as one made by hand does.
    """
    signature = signature_of(fn)
    if arguments is None:
        arguments = {
            name: kind(asked) for name, (kind, asked) in asked_nodes(fn, signature).items()
        }
    node: Any = Config[Any].__from_bound__(fn, signature.bind((), arguments), None)
    add_declared_tags(node)
    return node


def check_values(graph: object) -> None:
    """Refuse arguments that are missing or do not fit, before anything runs.

    Raises:
        BadUsageError: There are some; it lists all of them.
    """
    problems = validate(graph)
    if problems:
        raise BadUsageError(
            str(ValidationError(problems)), "give values with --name=value or path=value"
        )


def call_arguments(node: Any) -> tuple[list[Any], dict[str, Any]]:
    """Return what the callable of a node is called with, nodes among it as they are."""
    return signature_of(node.__fn_or_cls__).call_arguments(node.__arguments__)


@attrs.frozen
class Arguments:
    """What a target is called with.

    Attributes:
        positional: By position.
        named: By name.
    """

    positional: Sequence[Any] = ()
    named: Mapping[str, Any] = attrs.field(factory=dict[str, Any])

    def __bool__(self) -> bool:
        """Tell whether there are any."""
        return bool(self.positional or self.named)

    @classmethod
    def of(cls, fn: Any, assignments: Sequence[Assignment], scope: Scope) -> Arguments:
        """Return the arguments that the words of the command line give.

        Args:
            fn: The function.
            assignments: The words.
            scope: What names in them stand for.

        Raises:
            BadUsageError: An argument is missing, or has a value of the wrong type. A class may
                lack arguments, since a config may.
            OverrideError: A value cannot be read, or there is no such parameter.
        """
        node = override(node_of_arguments(fn), assignments, scope)
        if not isinstance(fn, type):
            check_values(node)
        return cls(*call_arguments(node))


NONE: Final = Arguments()
