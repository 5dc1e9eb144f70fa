"""The arguments of a target, as a node that values can be set in."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import attrs

from ...configs import Buildable, Config, ValidationError, add_declared_tags, signature_of, validate
from ...configs.for_tracer import asked_nodes
from ..values import Assignment, Scope, override
from .exit_codes import BadUsageError


def node_of_arguments(
    fn: Callable[..., object], arguments: Mapping[str, object] | None = None
) -> Config[object]:
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
    node = Config[object].__from_bound__(fn, signature.bind((), arguments), None)
    add_declared_tags(node)
    return node


def check_values(graph: object) -> None:
    """Refuse arguments that are missing or do not fit, all at once, before anything runs."""
    problems = validate(graph)
    if problems:
        raise BadUsageError(
            str(ValidationError(problems)), "give values with --name=value or path=value"
        )


def call_arguments(node: Buildable[object]) -> tuple[list[object], dict[str, object]]:
    """Return the arguments for the callable of a node, nodes among them as they are."""
    return signature_of(node.__fn_or_cls__).call_arguments(node.__arguments__)


@attrs.frozen
class CallArguments:
    """The arguments that a target is called with."""

    positional: Sequence[object] = ()
    named: Mapping[str, object] = attrs.field(factory=dict[str, object])

    @classmethod
    def of(
        cls, fn: Callable[..., object], assignments: Sequence[Assignment], scope: Scope
    ) -> CallArguments:
        """Return the arguments that the words of the command line give.

        A class may lack some, since a config may.
        """
        node = override(node_of_arguments(fn), assignments, scope)
        if not isinstance(fn, type):
            check_values(node)
        return cls(*call_arguments(node))


NONE: Final = CallArguments()
