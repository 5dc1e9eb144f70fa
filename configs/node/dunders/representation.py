"""Graphs as text, for reading: ``<Config[Dense(units=128, activation=relu)]>``."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any, Final, cast

import attrs

from ...core.member_names import member
from ...core.names import callable_name
from ...core.shown import shown
from ...core.slots import NodeSlots
from ...core.tag_storage import tags_at
from ...traversal.location import count_uses
from ...traversal.paths import Effect
from ...traversal.traverse import NodeKind, is_shareable, kind_of

_WIDTH: Final = 80
_INDENT: Final = "  "
# Deeper values are elided: nobody reads them, and the printer recurses.
_MAX_DEPTH: Final = 32
_ELIDED: Final = "..."


def represent(root: NodeSlots) -> str:
    """Return ``root`` as text, broken over lines if it is long.

    A value that occurs several times is shown once, marked ``&1``, and then as ``*1``. Cycles are
    shown in the same way. Values very deep in the graph are elided.

    Example:
        >>> from bytefig.configs import Config
        >>> shared = Config(int)
        >>> Config(dict, a=shared, b=shared)
        <Config[dict(a=&1 <Config[int()]>, b=*1)]>
    """
    return _Printer(count_uses(root)).show(root, 0)


def short_repr(value: object, limit: int = 200) -> str:
    """Return the repr of any value, cut to ``limit`` characters; never raises."""
    text = shown(value)
    return text if len(text) <= limit else text[: limit - len(_ELIDED)] + _ELIDED


@attrs.frozen
class _Printer:
    uses: Counter[int]
    anchors: dict[int, int] = attrs.field(factory=dict[int, int])

    def show(self, value: Any, depth: int) -> str:
        kind = kind_of(value)
        if kind is None:
            return shown(value)
        if depth > _MAX_DEPTH:
            return _ELIDED
        mark = ""
        if self.uses[id(value)] > 1 and is_shareable(kind, value):
            if id(value) in self.anchors:
                return f"*{self.anchors[id(value)]}"
            self.anchors[id(value)] = number = len(self.anchors) + 1
            mark = f"&{number} "
        keys, children = kind.flatten(value)
        spelt = self._member(kind, value, depth)
        before, after = spelt or _brackets(kind, value)
        items = [
            _label(kind, value, key, bool(spelt)) + self.show(child, depth + 1)
            for key, child in zip(keys, children, strict=True)
            if not (spelt and key in (0, 1))
        ]
        if kind.buildable:
            items.extend(_tagged_only(value))
            effects: tuple[NodeSlots, ...] = value.__effects__ or ()
            items.extend(
                f"{Effect(index)}={self.show(effect, depth + 1)}".removeprefix(".")
                for index, effect in enumerate(effects)
            )
        return mark + _join(before, items, after, depth)

    def _member(self, kind: NodeKind, value: Any, depth: int) -> tuple[str, str] | None:
        """Return the text before and after further arguments of an operation on a node."""
        name = member(value) if kind.buildable else ""
        is_call = name.endswith("()")
        if not name or (value.__effects__ and not is_call):
            return None
        owner = self.show(value.__arguments__[0], depth + 1)
        before = f"<{type(value).__name__}[{owner}{name.removesuffix(')')}"
        return before, ")]>" if is_call else "]>"


def _brackets(kind: NodeKind, value: Any) -> tuple[str, str]:
    cls = cast("type[Any]", type(value))
    if kind.buildable:
        return f"<{cls.__name__}[{callable_name(value.__fn_or_cls__)}(", ")]>"
    if cls is defaultdict:
        return f"defaultdict({shown(value.default_factory)}, {{", "})"
    if cls is tuple:
        return "(", ",)" if len(value) == 1 else ")"
    return {list: ("[", "]"), dict: ("{", "}")}.get(cls, (f"{cls.__name__}(", ")"))


def _label(kind: NodeKind, value: object, key: object, as_call: bool = False) -> str:
    if isinstance(value, dict):
        return f"{shown(key)}: "
    named = kind.buildable or isinstance(key, str)
    tags = _tags(value, key) if isinstance(key, int | str) and kind.buildable else ""
    return "" if not named or (as_call and isinstance(key, int) and not tags) else f"{key}{tags}="


def _tags(node: Any, key: int | str) -> str:
    tags = tags_at(node, key)
    return f"[{', '.join(sorted(map(str, tags)))}]" if tags else ""


def _tagged_only(node: NodeSlots) -> Iterator[str]:
    """Yield text for the arguments that have tags and no value."""
    for key in node.__argument_tags__ or ():
        if key not in node.__arguments__:
            yield f"{key}{_tags(node, key)}"


def _join(before: str, items: list[str], after: str, depth: int) -> str:
    line = before + ", ".join(items) + after
    if not items or ("\n" not in line and len(line) + depth * len(_INDENT) <= _WIDTH):
        return line
    body = ",\n".join(items).replace("\n", "\n" + _INDENT)
    return f"{before}\n{_INDENT}{body}{after if after[0] == ',' else ',' + chr(10) + after}"
