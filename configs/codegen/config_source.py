"""`to_source`: source that makes the nodes of a graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..core.keys import ArgumentKey
from ..core.own_code import PUBLIC
from ..core.tag_storage import TAGGED_TYPES, tags_at
from ..core.tag_type import TagType
from ..signature.signature import signature_of
from ..traversal.program_order import reachable
from ..traversal.traverse import Visit
from .layout import Atom, Expression, call, display
from .writer import GraphWriter, Statement, arguments_of

if TYPE_CHECKING:
    from ..node.buildable import Buildable


def to_source(graph: object, *, name: str = "build_config") -> str:
    """Return Python source of a function that makes an equal graph of `Config` calls.

    Sharing and tags are kept; history and provenance are not. Nodes that are used several times, or
    nested deeply, are in variables. The same graph always gives the same text.

    Args:
        graph: A buildable, or containers that hold some. Everything in it that is called or
            referred to has to be found by its name in a module that is imported.
        name: The name of the function.

    Raises:
        CodegenError: There are values that no source can make: all of them are listed, each with
            its path and the line that set it.
        CycleError: The graph contains itself.
        ValueError: ``name`` is not a name.

    Example:
        >>> from collections import OrderedDict
        >>> from bytefig.configs import Config
        >>> shared = Config(OrderedDict, a=1)
        >>> print(to_source([shared, shared]))
        from collections import OrderedDict
        <BLANKLINE>
        from bytefig.configs import Config
        <BLANKLINE>
        <BLANKLINE>
        def build_config():
            ordered_dict = Config(OrderedDict, a=1)
            return [ordered_dict, ordered_dict]
        <BLANKLINE>
    """
    return _ConfigWriter(name, in_statements=_has_form(graph)).write(graph)


def _has_form(graph: object) -> bool:
    """Return whether a node of a program has to be told how it was called, and so all when."""
    return any(
        node.__order__ and node.__form__ and signature_of(node.__fn_or_cls__).exact_form
        for node in reachable(graph)
    )


class _ConfigWriter(GraphWriter):
    needs_effects = True

    def callee(self, fn: object, text: str) -> str:
        return text

    def header(self, root: object) -> list[str]:
        return []

    def write_node(self, visit: Visit, stack: Sequence[Visit]) -> Expression:
        node: Buildable[object] = visit.node
        tags = tags_at(node, "value")
        if type(node) in TAGGED_TYPES and tags:
            named = dict(zip(visit.keys, visit.results, strict=True))
            default: dict[str, Any] = {"default": named["value"]} if named else {}
            return call(self._public("TaggedValue"), [self.tags(tags)], default)
        signature = signature_of(node.__fn_or_cls__)
        positional, named, gaps = arguments_of(signature, visit)
        self._check_tagged(visit, stack)
        cls = self.leaves.symbol(type(node))
        fn = Atom(self.leaves.symbol(node.__fn_or_cls__))
        value = call(cls, [fn, *positional], named)
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
            self.statements.append(Statement(None, "", edit))
        arity = len(signature.keys)
        for key in sorted(key for key in gaps if key < arity):
            self.statements.append(Statement(variable, f"[{key}]", gaps[key]))
        variadic = [gaps[key] for key in sorted(gaps) if key >= arity]
        if variadic:
            start = self._public("VARARGS")
            self.statements.append(Statement(variable, f"[{start}:]", display("[]", variadic)))
        return variable

    def finish_effects(self, host: Any, effects: list[Any]) -> None:
        edit = call(self._public("add_effects"), [host, *effects])
        self.statements.append(Statement(None, "", edit))

    def finish_node(self, node: Buildable[object], value: Expression) -> Expression:
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
            self.statements.append(Statement(None, "", edit))
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
            tagged: Any = value
            stays = isinstance(key, int) and key >= arity and not tagged.__arguments__
            if not stays:
                reason = "giving it to an argument would replace it by its value"
                self.report(stack, reason, index, value)


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
