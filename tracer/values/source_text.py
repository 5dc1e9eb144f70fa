"""Limits of a text, so that compiling it costs no more than reading it.

CPython's compiler folds ``2**10**10`` and runs out of memory or stack on deep nesting. So the
tokens are looked at first, and what has no place in a value is refused at its own column.
"""

from __future__ import annotations

import bisect
import io
import keyword
import tokenize
import unicodedata
from itertools import accumulate
from typing import Final

import attrs

from ..errors import ValueLanguageError

LONGEST: Final = 65_536
DEEPEST: Final = 40
_MOST_PARTS: Final = 20
_LONGEST_NUMBER: Final = 1000
_LONGEST_NAME: Final = 200

WRITE: Final = "write literals, containers, and calls such as Adam(learning_rate=1e-4)"
_OPENING: Final = frozenset("([{")
_CLOSING: Final = frozenset(")]}")
_SEPARATORS: Final = frozenset(",:=")
#: What a value begins with, and what it ends with.
_BEGIN: Final = frozenset({"constant", "number", "open", "sign", "string", "word"})
_END: Final = frozenset({"close", "complex", "constant", "number", "string", "word"})
#: After these something else has to come.
_BEFORE_MORE: Final = frozenset("=:.+-")
#: After these a value begins.
_BEFORE_VALUE: Final = frozenset({"", *_OPENING, ",", "=", ":"})
_CONSTANTS: Final = frozenset({"False", "None", "True"})
_SKIPPED: Final = frozenset(
    (tokenize.NL, tokenize.NEWLINE, tokenize.ENDMARKER, tokenize.INDENT, tokenize.DEDENT)
)
_FORMATTED: Final = frozenset({"FSTRING_START", "TSTRING_START"})
#: What operators are called in the messages; any other is "the operator".
_REASONS: Final = {
    "*": "unpacking and multiplication are not part of a value",
    "**": "unpacking and powers are not part of a value",
    ":=": "assignment is not part of a value",
    "@": "a decorator is not part of a value",
    ";": "a value is one expression, not several statements",
}
#: What is wrong with a bracket where no value begins; any other "does not fit".
_MISPLACED: Final = {
    "[": "indexing is not part of a value",
    "(": "only what a name stands for can be called",
}


@attrs.frozen(eq=False)
class SourceText:
    """A text, where it was given, and where in it the names of arguments are.

    Attributes:
        text: The text.
        label: Where it was given.
        keywords: The offsets of the names before a ``=``, in order.
    """

    text: str
    label: str
    keywords: dict[str, list[int]] = attrs.field(factory=dict[str, list[int]])
    #: Kept, since there may be thousands of places to find.
    _lines: list[tuple[int, str]] = attrs.field(
        init=False, default=attrs.Factory(lambda self: _lines_of(self.text), takes_self=True)
    )

    def error(self, at: int, what: str, fix: str = WRITE) -> ValueLanguageError:
        """Return the error about an offset in the text."""
        return ValueLanguageError(self.text, self.label, at, what, fix)

    def keyword_at(self, name: str, after: int) -> int:
        """Return the offset of the first argument of a name after an offset, else that offset."""
        places = self.keywords.get(name, [])
        index = bisect.bisect_left(places, after)
        return places[index] if index < len(places) else after

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a place: the line counted from 1, the column in UTF-8 bytes."""
        # A compiler may point behind the end.
        start, text = self._lines[min(line, len(self._lines)) - 1]
        if not text.isascii():
            column = len(text.encode("utf-8", "surrogatepass")[:column].decode("utf-8", "ignore"))
        return min(start + column, max(len(self.text) - 1, 0))


def _lines_of(text: str) -> list[tuple[int, str]]:
    """Return the lines of a text, each with its offset."""
    lines = text.splitlines(keepends=True) or [""]
    return list(zip(accumulate(map(len, lines), initial=0), lines, strict=False))


def check_characters(source: SourceText) -> None:
    """Refuse a text that is too long or holds characters that no compiler takes.

    Raises:
        ValueLanguageError: It is.
    """
    if len(source.text) > LONGEST:
        raise source.error(
            LONGEST,
            f"the text has {len(source.text):,} characters; {LONGEST:,} are allowed",
            "put it in a file, and load that with --config",
        )
    for at, char in enumerate(source.text):
        if char in "\0\f\r" or "\ud800" <= char <= "\udfff":
            raise source.error(at, f"the character {char!r} is not allowed", "leave it out")


def check_tokens(source: SourceText) -> None:
    """Refuse tokens that are not part of a value, and note where the names of arguments are.

    Raises:
        ValueLanguageError: It is not; the column is that of the first such token.
    """
    lines = io.StringIO(source.text).readline
    checker = _Checker(source)
    try:
        for token in tokenize.generate_tokens(lines):
            checker.see(token)
    except tokenize.TokenError as error:
        message, where = error.args
        raise checker.unfinished(where, str(message)) from None
    except SyntaxError as error:  # 3.11 and 3.12 raise it for some of them
        raise checker.unfinished((error.lineno or 1, (error.offset or 1) - 1), error.msg) from None


class _Checker:
    """Sees one token after the other, of which it keeps the last two."""

    def __init__(self, source: SourceText) -> None:
        self._source = source
        self._starts = [*accumulate(map(len, io.StringIO(source.text)), initial=0)]
        self._open: list[int] = []
        self._named: list[set[str]] = []
        self._parts = 0
        self._last = ""
        self._last_kind = ""
        self._last_at = 0

    def see(self, token: tokenize.TokenInfo) -> None:
        if token.type in _SKIPPED and not token.string.strip():
            if token.type == tokenize.ENDMARKER and self._last in _BEFORE_MORE:
                raise self._source.error(self._last_at, f"nothing follows the {self._last!r}")
            return
        at = min(self._starts[token.start[0] - 1] + token.start[1], len(self._source.text))
        kind = self._kind(token, at)
        if kind == "word" and self._last != ".":
            self._parts = 0
        if self._last_kind == "sign" and kind not in ("number", "word"):
            raise self._source.error(at, "a sign stands before a number only")
        if self._last_kind == "plus" and not (kind == "number" and token.string[-1] in "jJ"):
            raise self._source.error(self._last_at, "arithmetic is not part of a value")
        if self._last_kind == "plus":
            kind = "complex"
        if self._last == "." and kind != "word":
            raise self._source.error(at, "a dot stands between names only")
        self._check_order(kind, token.string, at)
        self._last, self._last_kind, self._last_at = token.string, kind, at

    def _check_order(self, kind: str, text: str, at: int) -> None:
        begins = kind in _BEGIN
        if begins and self._last_kind in _END and self._last != ".":
            called = (text, self._last_kind) == ("(", "word")
            if not called and (kind, self._last_kind) != ("string", "string"):
                raise self._source.error(at, "a comma is missing before this")
        if self._last in ("=", ":") and not begins:
            raise self._source.error(at, f"a value is missing after the {self._last!r}")

    def unfinished(self, where: tuple[int, int], reason: str) -> ValueLanguageError:
        """Return the error about a text that ends too early."""
        if self._open:
            at = self._open[-1]
            what = f"the bracket {self._source.text[at]!r} is never closed"
            return self._source.error(at, what, "close it")
        row = min(max(where[0], 1), len(self._starts)) - 1
        at = min(self._starts[row] + where[1], max(len(self._source.text) - 1, 0))
        return self._source.error(at, f"this is not a value: {reason}")

    def _kind(self, token: tokenize.TokenInfo, at: int) -> str:
        text = token.string
        if token.type == tokenize.NAME:
            return self._word(text, at)
        if token.type == tokenize.NUMBER:
            if len(text) > _LONGEST_NUMBER:
                raise self._source.error(at, f"a number of more than {_LONGEST_NUMBER} characters")
            return "number"
        if token.type == tokenize.STRING:
            prefix = text[: min(text.find(quote) % len(text) for quote in "'\"")]
            if "f" not in prefix.lower():
                return "string"
        if token.type == tokenize.STRING or tokenize.tok_name[token.type] in _FORMATTED:
            raise self._source.error(at, "a formatted string is not part of a value")
        if token.type == tokenize.COMMENT:
            raise self._source.error(at, "a comment is not part of a value", "quote the '#'")
        if token.type == tokenize.OP:
            return self._operator(text, at)
        raise self._source.error(at, f"{text[:20]!r} is not part of a value")

    def _word(self, text: str, at: int) -> str:
        if text in _CONSTANTS:
            return "constant"
        if keyword.iskeyword(text):
            raise self._source.error(at, f"{text!r} is not part of a value")
        # The compiler normalises names, so that other letters may turn into an underscore.
        if unicodedata.normalize("NFKC", text).startswith("_"):
            what = f"{text!r} begins with an underscore"
            raise self._source.error(at, what, "use public names only")
        if len(text) > _LONGEST_NAME:
            raise self._source.error(at, f"a name of more than {_LONGEST_NAME} characters")
        self._parts += 1
        if self._parts > _MOST_PARTS:
            raise self._source.error(at, f"a name of more than {_MOST_PARTS} parts")
        return "word"

    def _operator(self, text: str, at: int) -> str:
        source = self._source
        if text in _OPENING:
            if self._last not in _BEFORE_VALUE and (text, self._last_kind) != ("(", "word"):
                raise source.error(at, _MISPLACED.get(text, f"{text!r} does not fit here"))
            self._open.append(at)
            self._named.append(set())
            if len(self._open) > DEEPEST:
                raise source.error(at, f"nested more than {DEEPEST} deep", "build it in steps")
            return "open"
        if text in _CLOSING:
            if self._open:
                self._open.pop()
                self._named.pop()
            return "close"
        if text in _SEPARATORS:
            if text == "=" and self._last_kind == "word":
                self._note_keyword()
            return "separator"
        if text == ".":
            if self._last_kind != "word":
                raise source.error(at, "attributes of a value are not part of the value language")
            return "dot"
        if text in ("+", "-"):
            if self._last in _BEFORE_VALUE:
                return "sign"
            if self._last_kind == "number":  # ``1-2j``, the two parts of a complex number
                return "plus"
            raise source.error(at, "arithmetic is not part of a value")
        raise source.error(at, _REASONS.get(text, f"the operator {text!r} is not part of a value"))

    def _note_keyword(self) -> None:
        names = self._named[-1] if self._named else set[str]()
        if self._last in names:
            what = f"the argument {self._last} is given twice"
            raise self._source.error(self._last_at, what, "leave one out")
        names.add(self._last)
        self._source.keywords.setdefault(self._last, []).append(self._last_at)
