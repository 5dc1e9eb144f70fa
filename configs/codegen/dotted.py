"""The writer of source that sets arguments by dotted paths: ``model.encoder.units = 3``."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, cast

import attrs

from ..core.tag_storage import TAGGED_TYPES
from ..traversal.paths import Attr, Index
from ..traversal.traverse import Visit
from .config_writer import ConfigWriter
from .identifiers import variable_name
from .layout import Commented, Expression, Variable, call, can_be_keyword, flat, size_of
from .writer import Options

if TYPE_CHECKING:
    from ..node.buildable import Buildable


@attrs.define
class _Settings:
    """Arguments that are set once an expression is in a variable.

    Attributes:
        items: The paths from the variable, and the values.
        depth: How many steps the longest path has.
        size: How many values are written in the items.
    """

    items: list[tuple[str, Expression]] = attrs.field(factory=list)
    depth: int = 0
    size: int = 0


class DottedWriter(ConfigWriter):
    """Makes nodes without their named arguments, and sets those by statements."""

    def __init__(self, root: object, options: Options, *, in_statements: bool = False) -> None:
        super().__init__(root, options, in_statements=in_statements)
        self._settings: dict[int, _Settings] = {}  # by the id of the expression

    def write_node(self, visit: Visit, stack: Sequence[Visit]) -> Expression:
        """Return an expression of a node; arguments without a path go into variables."""
        for index, key in enumerate(visit.keys):
            written = cast("Expression", visit.results[index])
            bare = _bare(written)
            if id(bare) in self._settings and not _has_path(visit.node, key):
                variable = self.define(variable_name(str(key)), bare)
                visit.results[index] = (
                    Commented(variable, written.comment)
                    if isinstance(written, Commented)
                    else variable
                )
        return super().write_node(visit, stack)

    def make(
        self, visit: Visit, cls: str, positional: list[Expression], named: Mapping[str, Expression]
    ) -> Expression:
        """Return the call that makes a node, and keep the rest for later."""
        later = {key for key in named if _has_path(visit.node, key)}
        value = call(cls, positional, {key: named[key] for key in named if key not in later})
        self._keep(value, visit, later)
        return value

    def write_container(self, visit: Visit) -> Expression:
        """Return an expression of a container; its items are set later."""
        value = super().write_container(visit)
        self._keep(value, visit, ())
        return value

    def finish_node(self, node: Buildable[object], value: Expression) -> Expression:
        """Return an expression for a buildable, which is still to be set."""
        finished = super().finish_node(node, value)
        if id(value) in self._settings:
            self._settings[id(finished)] = self._settings.pop(id(value))
        return finished

    def define(self, wanted: str, value: Expression) -> Variable:
        """Add statements that define a variable and set its arguments."""
        settings = self._settings.pop(id(value), _Settings())
        variable = super().define(wanted, value)
        for path, each in settings.items:
            self.add(variable, path, each)
        return variable

    def needs_variable(
        self, expression: Expression, stack: Sequence[Visit], *, whole: bool
    ) -> bool:
        """Return whether an expression has to be in a variable: also if there is no path to it."""
        is_path_needed = whole and id(expression) in self._settings
        return is_path_needed or super().needs_variable(expression, stack, whole=whole)

    def measure(self, expression: Expression) -> tuple[int, int]:
        """Return how deep an expression is, and how many values it has, those set later too."""
        height, size = super().measure(expression)
        settings = self._settings.get(id(expression), _Settings())
        return max(height, settings.depth), size + settings.size

    def _keep(self, value: Expression, visit: Visit, later: Collection[object]) -> None:
        """Keep the arguments of a value to be set later, and all that is to be set in the others.

        Args:
            value: The expression.
            visit: The value.
            later: The keys of the arguments that are not in the expression.
        """
        kept = _Settings()
        for key, result in zip(visit.keys, visit.results, strict=True):
            written = cast("Expression", result)
            inner = self._settings.pop(id(_bare(written)), None)
            if inner is None and key not in later:
                continue
            path = self._step(visit, key)
            if key in later:
                kept.items.append((path, written))
                kept.size += size_of(written)
            inner = inner or _Settings()
            kept.items += [(path + rest, each) for rest, each in inner.items]
            kept.size += inner.size
            kept.depth = max(kept.depth, inner.depth + 1)
        if kept.items:
            self._settings[id(value)] = kept

    def _step(self, visit: Visit, key: object) -> str:
        element = visit.kind.element(key)
        if isinstance(element, Attr):
            return f".{element.name}"
        return f"[{key if isinstance(element, Index) else flat(self.leaves.write(key))}]"


def _bare(expression: Expression) -> Expression:
    return expression.value if isinstance(expression, Commented) else expression


def _has_path(node: Buildable[object], key: object) -> bool:
    """Return whether an argument can be set, and looked into, as an attribute."""
    return (
        isinstance(key, str)
        and can_be_keyword(key)
        and type(node) not in TAGGED_TYPES
        and not (key.startswith("__") and key.endswith("__"))
        and not hasattr(type(node), key)
    )
