"""`to_auto_config_source`: source of an ``auto_config`` function that captures to a graph."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final, cast

from ..core.keys import ArgumentKey
from ..core.sentinels import NO_VALUE
from ..core.tag_storage import TAGGED_TYPES, tags_at
from ..core.tag_type import ArgumentTags, TagType
from ..node.kinds import ArgFactory, Config, Partial, iter_nodes
from ..signature.signature import Signature, signature_of
from ..traversal.location import contains_buildable
from ..traversal.traverse import BUILDABLE_KIND, Visit
from .arguments import arguments_of
from .errors import NoSourceError
from .layout import Atom, Expression, call, flat, lines
from .operation_syntax import OperationWriter
from .writer import GraphWriter, Options

if TYPE_CHECKING:
    from ..node.buildable import Buildable

_TRACER: Final = f"{__name__.partition('.')[0]}.tracer"
#: What a capture never records: it looks at the frame that calls it, or makes a partial.
_NEVER_RECORDED: Final = frozenset(
    {
        *("compile", "dir", "eval", "exec", "globals", "locals", "super", "vars"),
        *("partial", "_Partial"),
    }
)
#: Packages of which the default policy exempts something.
_PERHAPS_EXEMPT: Final = frozenset(
    {*sys.stdlib_module_names, __name__.partition(".")[0], "numpy"} - {"__main__"}
)
_HEAP_TYPE: Final = 1 << 9
_NONE: Final[frozenset[TagType]] = frozenset()


def to_auto_config_source(
    graph: object,
    *,
    name: str = "build_config",
    sub_fixtures: Mapping[str, object] | None = None,
    max_expression_complexity: int | None = None,
    include_history: bool = False,
) -> str:
    """Return Python source of an ``auto_config`` function whose capture is an equal graph.

    The function calls classes and functions plainly; a `Partial` is ``functools.partial``, an
    `ArgFactory` an argument of ``arg_factory.partial``; tags are given by ``with_tags``. Nodes of
    `call_method`, `getattr`, functions of `operator` and the like are written as what they do:
    ``model.parameters()``, ``x[0] + 1``, ``with``. A call that makes an ordinary value, such as a
    named tuple, is exempted. If the graph has nodes that the default policy would run, such as one
    of a builtin, the function gets a policy of its own.

    Args:
        graph: A buildable, or containers that hold some.
        name: The name of the function.
        sub_fixtures: As for `to_source`; these are ``auto_config`` functions, too.
        max_expression_complexity: As for `to_source`.
        include_history: As for `to_source`.

    Raises:
        CodegenError: There are values that no source can make, or that such a function cannot
            say: tags of what is not set, required arguments that are not set, classes of nodes
            other than the usual, an `ArgFactory` that is shared, has tags, or is not an argument
            of a `Partial`. All are listed. Or a sub-fixture cannot be a function of its own.
        CycleError: The graph contains itself.
        TypeError: As of `to_source`.
        ValueError: As of `to_source`.

    Example:
        >>> from collections import UserDict
        >>> from bytefig.configs import Config, Partial
        >>> print(to_auto_config_source(Config(UserDict, make=Partial(UserDict, a=1))))
        import functools
        from collections import UserDict
        <BLANKLINE>
        from bytefig.tracer import auto_config
        <BLANKLINE>
        <BLANKLINE>
        @auto_config(experimental_exemption_policy=lambda fn: False)
        def build_config():
            return UserDict(make=functools.partial(UserDict, a=1))
        <BLANKLINE>
    """
    options = Options(name, sub_fixtures or {}, max_expression_complexity, include_history)
    writer = _PlainWriter(graph, options)
    source = writer.write()
    if not writer.is_in_order:
        # What is shared is called before the statement that it is a part of.
        writer = _PlainWriter(graph, options, in_statements=True)
        source = writer.write()
        writer.check_order()
    return source


class _PlainWriter(GraphWriter):
    def __init__(self, root: object, options: Options, *, in_statements: bool = False) -> None:
        super().__init__(root, options, in_statements=in_statements)
        self._operations = OperationWriter(root)
        self._records_all = not all(
            _is_surely_recorded(node.__fn_or_cls__)
            for node in iter_nodes(root)
            if isinstance(node, Config)
            and node not in self._operations
            and type(node) not in TAGGED_TYPES
        )

    def callee(self, fn: object, text: str) -> str:
        module = getattr(fn, "__module__", None) or ""
        if not self._records_all and module.partition(".")[0] in ("builtins", "pathlib"):
            return text
        return f"{self._tracer('exempt')}({text})"

    def header(self, root: object) -> list[str]:
        options: dict[str, Expression] = {}
        if self._records_all:
            options["experimental_exemption_policy"] = Atom("lambda fn: False")
        if self._operations.has_with:
            options["experimental_allow_control_flow"] = Atom('"all"')
        if self._operations:
            options["deferred"] = Atom("True")
        if not contains_buildable(root):
            options["experimental_result_must_contain_buildable"] = Atom("False")
        decorator = self._tracer("auto_config")
        return lines("@", call(decorator, (), options), indent=0) if options else [f"@{decorator}"]

    def write_node(self, visit: Visit, stack: Sequence[Visit]) -> Expression:
        node: Buildable[object] = visit.node
        fn = node.__fn_or_cls__
        signature = signature_of(fn)
        if type(node) in TAGGED_TYPES:
            if not visit.results:
                raise NoSourceError("a tagged value without a value; set it, or use to_source")
            return self._with_tags(cast("Expression", visit.results[0]), tags_at(node, "value"))
        if type(node) not in (Config, Partial, ArgFactory):
            raise NoSourceError(f"a capture makes no {type(node).__name__} nodes; use a Config")
        self._check_node(node, signature, stack)
        if node in self._operations:
            if node.__argument_tags__:
                self.problems.add(stack, "an operation is written without its tags; use to_source")
            return self._operations.write(self, visit)
        self._give_tags(visit, signature, stack)
        callee = self.leaves.symbol(fn)
        positional, named, gaps = arguments_of(signature, visit, node.__form__)
        if gaps:
            positional = self._fill_gaps(signature, visit)
            by_position = signature.keys[: len(positional)]
            named = {key: value for key, value in named.items() if key not in by_position}
        if type(node) is Config:
            return call(callee, positional, named)
        if type(node) is ArgFactory and not visit.results:
            return Atom(callee)
        return self._partial(visit, signature, callee, positional, named)

    def has_comments(self, node: Buildable[object]) -> bool:
        """Return whether arguments can be on lines of their own; operands of `+` cannot."""
        return self.options.include_history and node not in self._operations

    def needs_variable(
        self, expression: Expression, stack: Sequence[Visit], *, whole: bool
    ) -> bool:
        """Return whether an expression has to be in a variable: also if it has comments."""
        is_operand = len(stack) > 1 and stack[-2].node in self._operations
        return super().needs_variable(expression, stack, whole=whole) or (
            is_operand and self.options.include_history and flat(expression) is None
        )

    def _tracer(self, name: str) -> str:
        return self.imports.member(_TRACER, name)

    def _check_node(
        self, node: Buildable[object], signature: Signature, stack: Sequence[Visit]
    ) -> None:
        fn: object = node.__fn_or_cls__
        cls: type = type(node)
        missing = signature.missing(node.__arguments__)
        if missing and cls is Config:
            names = ", ".join(map(signature.parameter_name, missing))
            self.problems.add(stack, f"required arguments are not set: {names}; set them")
        if cls is Config and _is_never_recorded(fn):
            self.problems.add(stack, f"a call of {signature.name} is never recorded; use to_source")
        if cls is ArgFactory:
            parent = stack[-2].node if len(stack) > 1 else None
            if type(parent) not in (Partial, ArgFactory):
                self.problems.add(stack, "an ArgFactory can only be an argument of a Partial")
            elif self.is_shared(node):
                self.problems.add(stack, "an ArgFactory cannot be shared; use a copy, or to_source")
            elif self.is_sub_fixture(node):
                self.problems.add(stack, "an ArgFactory cannot be a sub-fixture; use to_source")

    def _give_tags(self, visit: Visit, signature: Signature, stack: Sequence[Visit]) -> None:
        """Write tags of arguments around their values, but for tags that annotations give."""
        own: ArgumentTags = visit.node.__argument_tags__ or {}
        declared = signature.tags or {}
        children = dict(zip(visit.keys, visit.kind.flatten(visit.node)[1], strict=True))
        for key in signature.ordered({**own, **declared}):
            name = BUILDABLE_KIND.element(key)
            tags = own.get(key, _NONE)
            if not tags >= declared.get(key, _NONE):
                self.problems.add(stack, f"{name} lacks tags of its annotation; use to_source")
            elif tags == declared.get(key, _NONE):
                continue
            elif key not in children:
                self.problems.add(
                    stack, f"{name} has tags and is not set; set it, or use to_source"
                )
            elif type(children[key]) is ArgFactory:
                self.problems.add(stack, f"{name} is an ArgFactory with tags; use to_source")
            else:
                index = visit.keys.index(key)
                extra = tags - declared.get(key, _NONE)
                written = cast("Expression", visit.results[index])
                visit.results[index] = self._with_tags(written, extra)

    def _with_tags(self, value: Expression, tags: frozenset[TagType]) -> Expression:
        listed = self.tags(tags) if len(tags) > 1 else Atom(self.leaves.symbol(*tags))
        return call(self._tracer("with_tags"), [value, listed])

    def _fill_gaps(self, signature: Signature, visit: Visit) -> list[Expression]:
        """Return all positional arguments, those that are not set by their defaults."""
        written = cast("list[Expression]", visit.results)
        given: dict[ArgumentKey, Expression] = dict(zip(visit.keys, written, strict=True))
        arity = len(signature.keys)
        last = max(key for key in given if isinstance(key, int))
        keys = signature.keys if last >= arity else signature.keys[: last + 1]
        filled: list[Expression] = []
        for key in keys:
            default = signature.default(key)
            if key not in given and default is NO_VALUE:
                raise NoSourceError(
                    f"positional argument {signature.parameter_name(key)!r} is not set, and a later"
                    " one is; set it"
                )
            filled.append(given[key] if key in given else self.leaves.write(default))
        filled.extend(given[key] for key in range(arity, last + 1))
        return filled

    def _partial(
        self,
        visit: Visit,
        signature: Signature,
        callee: str,
        positional: list[Expression],
        named: dict[str, Expression],
    ) -> Expression:
        """Return a partial; factories are bound first, by a partial of their own."""
        children = visit.kind.flatten(visit.node)[1]
        fresh = {
            id(written)
            for child, written in zip(children, visit.results, strict=True)
            if type(child) is ArgFactory
        }
        if not fresh:
            return call(self._plain_partial(), [Atom(callee), *positional], named)
        count = 0
        while count < len(positional) and id(positional[count]) in fresh:
            count += 1
        rest = positional[count:]
        if any(id(item) in fresh for item in rest):
            raise NoSourceError(
                "factories and values alternate among its positional arguments; use to_source"
            )
        factories = {key: item for key, item in named.items() if id(item) in fresh}
        values = {key: item for key, item in named.items() if id(item) not in fresh}
        factory = f"{self._tracer('arg_factory')}.partial"
        made = call(factory, [Atom(callee), *positional[:count]], factories)
        return call(self._plain_partial(), [made, *rest], values) if rest or values else made

    def _plain_partial(self) -> str:
        return f"{self.imports.module('functools')}.partial"


def _is_surely_recorded(fn: Any) -> bool:
    """Return whether the default policy records a call, so that no policy need be given."""
    kind: Any = fn.__class__
    module = getattr(fn, "__module__", None)
    if not isinstance(module, str) or not signature_of(fn).inferred:
        return False
    if module.partition(".")[0] in _PERHAPS_EXEMPT:
        return False
    if kind is type:
        return not issubclass(fn, BaseException) and _is_heap_type(fn)
    return kind is FunctionType


def _is_heap_type(cls: type) -> bool:
    return bool(cls.__flags__ & _HEAP_TYPE) and "numpy" not in {
        base.__module__ for base in cls.__mro__
    }


def _is_never_recorded(fn: object) -> bool:
    if getattr(fn, "always_inline", False) and hasattr(fn, "as_buildable"):
        return True
    module = getattr(fn, "__module__", None)
    known = module in ("builtins", "functools", f"{__name__.partition('.')[0]}.configs.arg_factory")
    return known and getattr(fn, "__name__", "") in _NEVER_RECORDED
