"""`parse_value`: the text of an argument as a value of its annotation."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final, get_args, get_origin

from ...configs.for_tracer import ANY, UNIONS, plain_hint
from ..errors import ValueLanguageError
from .converting import Converter
from .reading import read
from .scalars import is_textual, text_last
from .scope import Scope
from .text import Source, check_characters

#: Text without quotes, where not only text is expected: one word.
_WORD: Final = re.compile(r"[\w./:@%+~-]+")
_QUOTED: Final = re.compile(r"[rRuU]?(['\"]).*\1", re.DOTALL)
_CALLED: Final = re.compile(r"\s*[^\W\d][\w.]*\(.*\)\s*", re.DOTALL)
_NONE: Final = "None"


def parse_value(
    text: str, hint: Any = None, scope: Scope | None = None, label: str = "the value"
) -> Any:
    """Return the value that a text stands for; nothing that it names is called.

    Literals and containers are written as in Python. What looks like a call becomes a `Config`.
    A word without quotes is a name, unless the annotation expects something else that it can be:
    text, a ``Literal``, a member of an enum, ``true``. Where nothing but text is expected, or a
    path, date, time, UUID or exact number, the text is taken as it is, unless it is in quotes.

    Args:
        text: The text.
        hint: The annotation of where the value goes; None if there is none.
        scope: What the names in it stand for.
        label: Where it was given, for messages.

    Raises:
        ValueLanguageError: It is not part of the value language, names what is not there or not
            allowed, or does not fit the annotation.

    Example:
        >>> parse_value("[1, 2]", tuple[int, ...]), parse_value("adam", str)
        ((1, 2), 'adam')
        >>> parse_value("adam")
        Traceback (most recent call last):
        ValueLanguageError: there is nothing called adam
          at the value, column 1:
            adam
            ^
          fix: for text, write quotes: 'adam'; or allow a module with --allow-import
    """
    source = Source(text, label)
    scope = Scope() if scope is None else scope
    check_characters(source)
    converter = Converter(source, scope)
    options = [*_options(hint)]
    texts = [option for option in options if is_textual(option)]
    if texts and all(option in texts or option is type(None) for option in options):
        return _text(source, converter, hint, options, texts)
    try:
        tree = read(source)
    except ValueLanguageError:
        if not texts or not _WORD.fullmatch(text):
            raise
        return _as_text(source, converter, texts, hint)
    return converter.convert(tree, hint)


def _text(
    source: Source, converter: Converter, hint: Any, options: list[Any], texts: list[Any]
) -> Any:
    text = source.text
    if text.strip() == _NONE and type(None) in options:
        return None
    is_call = str not in options and _CALLED.fullmatch(text)
    if is_call or _QUOTED.fullmatch(text):
        try:
            tree = read(source)
        except ValueLanguageError:
            if is_call:
                raise
            tree = None
        if is_call or isinstance(tree, str):
            return converter.convert(tree, hint)
    return _as_text(source, converter, texts, hint)


def _as_text(source: Source, converter: Converter, texts: list[Any], hint: Any) -> Any:
    """Convert a text that is not quoted: to ``str`` only if it is nothing more special."""
    for option in sorted(texts, key=text_last)[:-1]:
        try:
            return converter.convert(source.text, option)
        except ValueLanguageError:
            continue
    return converter.convert(source.text, max(texts, key=text_last) if texts else hint)


def _options(hint: Any) -> Iterable[Any]:
    """Yield what an annotation allows, each without what does not matter for a value."""
    hint = ANY if hint is None else plain_hint(hint)
    if get_origin(hint) in UNIONS:
        for option in get_args(hint):
            yield from _options(option)
    else:
        yield hint
