"""Expressions of the generated source, and their layout over lines as ruff and Black do it."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

import attrs

WIDTH: Final = 88
_INDENT: Final = 4
_NAME_OR_TEXT: Final = re.compile(r"[^\W\d][\w.]*\Z|[rb]*['\"]")
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)


@attrs.frozen(eq=False)
class Atom:
    """An expression that is never broken over lines."""

    text: str


@attrs.define(eq=False)
class Variable:
    """A use of a local variable; all variables get their names when the whole source is known.

    Attributes:
        wanted: The name it should have if that is free.
        text: The name it got.
    """

    wanted: str
    text: str = ""


@attrs.frozen(eq=False)
class Group:
    """Expressions in brackets.

    Attributes:
        before: What opens it: a bracket, after the callee if it is a call.
        items: The expressions, each with what stands in front of it, such as ``name=``.
        after: The bracket that closes it.
        is_call: Whether the bracket is that of a call.
        height: How many groups are nested in it, itself included.
        size: How many values are written in it: itself, and those of its items.
    """

    before: str
    items: Sequence[tuple[str, Expression]]
    after: str
    is_call: bool = False
    height: int = attrs.field(init=False)
    size: int = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Work out the height and the size."""
        _measure(self, [item for _, item in self.items])


@attrs.frozen(eq=False)
class Chain:
    """Expressions and text one after the other: ``model.layers[0]``, or ``a + b``.

    Attributes:
        parts: Those.
        binds: Whether a dot or a bracket after it is about all of it.
        height: As that of a group.
        size: As that of a group.
    """

    parts: tuple[str | Expression, ...]
    binds: bool = True
    height: int = attrs.field(init=False)
    size: int = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Work out the height and the size."""
        _measure(self, [part for part in self.parts if not isinstance(part, str)])


@attrs.frozen(eq=False)
class Commented:
    """An expression with a comment behind it, which is always on a line of its own."""

    value: Expression
    comment: str
    height: int = attrs.field(init=False)
    size: int = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Take over the height and the size."""
        object.__setattr__(self, "height", height_of(self.value))
        object.__setattr__(self, "size", size_of(self.value))


Expression: TypeAlias = Atom | Variable | Group | Chain | Commented


def _measure(expression: Group | Chain, parts: Sequence[Expression]) -> None:
    object.__setattr__(expression, "height", 1 + max(map(height_of, parts), default=0))
    object.__setattr__(expression, "size", 1 + sum(map(size_of, parts)))


def height_of(expression: Expression) -> int:
    """Return how many groups are nested in an expression."""
    return 0 if isinstance(expression, Atom | Variable) else expression.height


def size_of(expression: Expression) -> int:
    """Return how many values are written in an expression.

    Example:
        >>> size_of(call("f", [Atom("1")], {"x": bracketed("[]", [Atom("2")])}))
        4
    """
    return 1 if isinstance(expression, Atom | Variable) else expression.size


def expression_parts(expression: Expression) -> Iterator[Variable | Group]:
    """Yield the variables and groups of an expression, each group before its items."""
    if isinstance(expression, Commented):
        yield from expression_parts(expression.value)
    elif isinstance(expression, Chain):
        for part in expression.parts:
            if not isinstance(part, str):
                yield from expression_parts(part)
    elif not isinstance(expression, Atom):
        yield expression
        if isinstance(expression, Group):
            for _, item in expression.items:
                yield from expression_parts(item)


def bound(expression: Expression) -> Expression:
    """Return an expression with brackets around it if a dot or operator would split it.

    Example:
        >>> sum_ = Chain((Atom("a"), " + ", Atom("b")), binds=False)
        >>> flat(bound(Atom("-1"))), flat(bound(Atom("x"))), flat(bound(sum_))
        ('(-1)', 'x', '(a + b)')
    """
    if isinstance(expression, Chain):
        binds = expression.binds
    else:
        binds = not isinstance(expression, Atom) or bool(_NAME_OR_TEXT.match(expression.text))
    return expression if binds else Chain(("(", expression, ")"))


def call(
    callee: str, items: Iterable[Expression] = (), named: Mapping[str, Expression] | None = None
) -> Group:
    """Return a call; arguments whose names are no identifiers are unpacked from a dict.

    Example:
        >>> flat(call("f", [Atom("1")], {"x": Atom("2"), "a b": Atom("3")}))
        'f(1, x=2, **{"a b": 3})'
    """
    arguments = [("", item) for item in items]
    odd: list[tuple[str, Expression]] = []
    for name, item in (named or {}).items():
        if can_be_keyword(name):
            arguments.append((f"{name}=", item))
        else:
            odd.append((f"{quoted(name)}: ", item))
    if odd:
        arguments.append(("**", Group("{", tuple(odd), "}")))
    return Group(f"{callee}(", tuple(arguments), ")", is_call=True)


def can_be_keyword(name: str) -> bool:
    """Return whether a name can be written as the name of an argument or attribute."""
    if not name.isidentifier() or keyword.iskeyword(name) or name == "__debug__":
        return False
    # Python reads an identifier in its normal form, but not a key of a dict.
    return name.isascii() or unicodedata.is_normalized("NFKC", name)


def quoted(value: str | bytes) -> str:
    """Return a string literal in double quotes, or in single ones if that needs fewer escapes.

    Example:
        >>> print(quoted("it's"), quoted('a "b"'), quoted(b"c"))
        "it's" 'a "b"' b"c"
    """
    prefix = "b" if isinstance(value, bytes) else ""
    # With both kinds of quotes in it, a repr is in single quotes and escapes those.
    text = repr(b"'\"" + value if isinstance(value, bytes) else "'\"" + value)
    body = text[len(prefix) + 4 : -1]
    plain = _ESCAPE.sub(lambda found: "'" if found[1] == "'" else found[0], body)
    if plain.count('"') > plain.count("'"):
        return f"{prefix}'{body}'"
    doubled = plain.replace('"', '\\"')
    return f'{prefix}"{doubled}"'


def bracketed(brackets: str, items: list[Expression]) -> Group:
    """Return a list, tuple or set display.

    Example:
        >>> flat(bracketed("()", [Atom("1")]))
        '(1,)'
    """
    return Group(brackets[0], tuple(("", item) for item in items), brackets[1])


def flat(expression: Expression, limit: int | None = None) -> str | None:
    """Return an expression on one line; None if that is longer than ``limit``, or has comments.

    Recursive: an expression is never nested deeply.
    """
    pieces: list[str] = []
    left = _flatten(expression, pieces, limit if limit is not None else 1 << 60)
    return None if left < 0 else "".join(pieces)


def _flatten(expression: Expression, pieces: list[str], left: int) -> int:
    """Append the text to ``pieces``; return how much of the limit is left, negative if none."""
    if isinstance(expression, Commented):
        return -1
    if isinstance(expression, Chain):
        for part in expression.parts:
            left = _flatten(Atom(part) if isinstance(part, str) else part, pieces, left)
            if left < 0:
                return left
        return left
    if not isinstance(expression, Group):
        pieces.append(expression.text)
        return left - len(expression.text)
    pieces.append(expression.before)
    left -= len(expression.before) + len(expression.after)
    for index, (prefix, item) in enumerate(expression.items):
        separator = ", " if index else ""
        pieces.append(separator + prefix)
        left = _flatten(item, pieces, left - len(separator) - len(prefix))
        if left < 0:
            return left
    if _is_one_tuple(expression):
        pieces.append(",")
        left -= 1
    pieces.append(expression.after)
    return left


def _is_one_tuple(group: Group) -> bool:
    return group.before == "(" and len(group.items) == 1 and not group.is_call


def lines(
    prefix: str, expression: Expression, suffix: str = "", indent: int = _INDENT
) -> list[str]:
    """Return an expression laid out over lines.

    Args:
        prefix: What stands in front of it on its first line.
        expression: The expression.
        suffix: What follows it on its last line.
        indent: The indentation, in columns.

    Example:
        >>> lines("return ", call("f", [Atom("1")]))
        ['    return f(1)']
    """
    if isinstance(expression, Commented):
        found = lines(prefix, expression.value, suffix, indent)
        found[-1] += f"  # {expression.comment}"
        return found
    margin = " " * indent
    whole = flat(expression, WIDTH - indent - len(prefix) - len(suffix))
    if whole is not None:
        return [f"{margin}{prefix}{whole}{suffix}"]
    last = expression.parts[-1] if isinstance(expression, Chain) else None
    if isinstance(expression, Chain) and isinstance(last, Group):
        parts = expression.parts[:-1]
        head = "".join(each if isinstance(each, str) else flat(each) or "" for each in parts)
        return lines(prefix + head, last, suffix, indent)
    if not isinstance(expression, Group) or not expression.items:
        return [f"{margin}{prefix}{flat(expression)}{suffix}"]
    result = [f"{margin}{prefix}{expression.before}"]
    result.extend(_body(expression, indent + _INDENT))
    result.append(f"{margin}{expression.after}{suffix}")
    return result


def _body(group: Group, indent: int) -> list[str]:
    if group.is_call:  # the arguments of a call may share a line of their own
        shared = flat(Group("", group.items, ""), WIDTH - indent)
        if shared is not None:
            return [" " * indent + shared]
    is_noted = any(isinstance(item, Commented) for _, item in group.items)
    comma = "," if len(group.items) > 1 or _is_one_tuple(group) or is_noted else ""
    return [line for prefix, item in group.items for line in lines(prefix, item, comma, indent)]
