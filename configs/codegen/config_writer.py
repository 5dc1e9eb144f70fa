"""The writer of source that makes the nodes of a graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from ..core.keys import ArgumentKey
from ..core.own_code import PUBLIC
from ..core.slots import NodeSlots
from ..core.tag_storage import TAGGED_TYPES, tags_at
from ..core.tag_type import TagType
from ..signature.signature import signature_of
from ..traversal.traverse import Visit
from .arguments import arguments_of
from .layout import Atom, Expression, bracketed, call
from .writer import GraphWriter

if TYPE_CHECKING:
    from ..node.buildable import Buildable


class ConfigWriter(GraphWriter):
    """Writes calls of `Config` and the like, each with all arguments."""

    needs_effects = True

    def make(
        self, visit: Visit, cls: str, positional: list[Expression], named: Mapping[str, Expression]
    ) -> Expression:
        """Return the call that makes a node.

        Args:
            visit: The node.
            cls: The name of its class.
            positional: The callable, and the arguments that are given by position.
            named: The arguments that are given by name.
        """
        return call(cls, positional, named)

    def callee(self, fn: object, text: str) -> str:
        """Return the callable: nothing that is called in this source is recorded."""
        return text

    def header(self, root: object) -> list[str]:
        """Return no decorators."""
        return []

    def write_node(self, visit: Visit, stack: Sequence[Visit]) -> Expression:
        """Return a call of the class of a node, or a variable if more has to be done to it."""
        node: Buildable[object] = visit.node
        tags = tags_at(node, "value")
        if type(node) in TAGGED_TYPES and tags:
            named = dict(zip(visit.keys, visit.results, strict=True))
            default = {"default": cast("Expression", named["value"])} if named else {}
            return call(self._public("TaggedValue"), [self.tags(tags)], default)
        signature = signature_of(node.__fn_or_cls__)
        positional, named, gaps = arguments_of(signature, visit)
        self._check_tagged(visit, stack)
        cls = self.leaves.symbol(type(node))
        fn = Atom(self.leaves.symbol(node.__fn_or_cls__))
        value = self.make(visit, cls, [fn, *positional], named)
        unset = [
            key
            for key in signature.ordered(dict.fromkeys(signature.asked))
            if key not in visit.keys
        ]
        if not gaps and not unset:
            return value
        variable = self.variable(node, value)
        for key in unset:  # which making the node sets
            edit = call("delattr", [variable, self.leaves.write(key)])
            self.add(None, "", edit)
        arity = len(signature.keys)
        for key in sorted(key for key in gaps if key < arity):
            self.add(variable, f"[{key}]", gaps[key])
        variadic = [gaps[key] for key in sorted(gaps) if key >= arity]
        if variadic:
            start = self._public("VARARGS")
            self.add(variable, f"[{start}:]", bracketed("[]", variadic))
        return variable

    def finish_effects(self, host: Expression, effects: list[Expression]) -> None:
        """Add the effects of a node to it."""
        edit = call(self._public("add_effects"), [host, *effects])
        self.add(None, "", edit)

    def finish_node(self, node: Buildable[object], value: Expression) -> Expression:
        """Add tags and the form of the call; return an expression for the node."""
        value = self._tagged(node, value)
        form = node.__form__ if signature_of(node.__fn_or_cls__).exact_form else 0
        if not form and not self.is_call(node):
            return value
        options: dict[str, Expression] = {"positional": Atom(str(form))} if form else {}
        return call(self._public("as_called"), [value], options)

    def _tagged(self, node: Buildable[object], value: Expression) -> Expression:
        own = node.__argument_tags__ or {}
        made = _tags_when_made(node)
        changed = [key for key in {**made, **own} if own.get(key, _NONE) != made.get(key, _NONE)]
        if not changed:
            return value
        variable = self.variable(node, value)
        for key in signature_of(node.__fn_or_cls__).ordered(dict.fromkeys(changed)):
            argument = self.leaves.write(key)
            tags = self.tags(own.get(key, _NONE))
            edit = call(self._public("set_tags"), [variable, argument, tags])
            self.add(None, "", edit)
        return variable

    def _public(self, name: str) -> str:
        return self.imports.member(PUBLIC, name)

    def _check_tagged(self, visit: Visit, stack: Sequence[Visit]) -> None:
        """Refuse tagged values as arguments that giving them to an argument would replace."""
        arity = len(signature_of(visit.node.__fn_or_cls__).keys)
        for index, value in enumerate(visit.kind.flatten(visit.node)[1]):
            key = visit.keys[index]
            if type(value) not in TAGGED_TYPES:
                continue
            tagged = cast("NodeSlots", value)
            stays = isinstance(key, int) and key >= arity and not tagged.__arguments__
            if not stays:
                reason = "giving it to an argument would replace it by its value"
                self.problems.add(stack, reason, index, value)


_NONE: frozenset[TagType] = frozenset()


def _tags_when_made(node: Buildable[object]) -> dict[ArgumentKey, frozenset[TagType]]:
    """Return the tags that the source gives a node by making it."""
    if type(node) in TAGGED_TYPES:
        return dict(node.__argument_tags__ or {})
    made = dict(signature_of(node.__fn_or_cls__).tags or {})
    for key, value in node.__arguments__.items():
        if type(value) in TAGGED_TYPES:
            made[key] = made.get(key, _NONE) | tags_at(value, "value")  # pyright: ignore[reportArgumentType]
    return made
