"""`parse_value`: the text of an argument as a value of its annotation."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any, Final

from ...configs.for_tracer import options_of
from ..errors import ValueLanguageError
from . import late
from .hint_conversion import Converter
from .scalars import NONES, NOTHING, is_choice, is_textual, raw_value, text_last
from .scope import Scope, classes_in
from .source_text import SourceText, check_characters

#: Text without quotes, where not only text is expected: one word.
_WORD: Final = re.compile(r"[\w./:@%+~-]+")
_QUOTED: Final = re.compile(r"[rRuU]?(['\"]).*\1", re.DOTALL)
_CALLED: Final = re.compile(r"\s*[^\W\d][\w.]*\(.*\)\s*", re.DOTALL)
_NONE: Final = "None"
_QUOTE: Final = "write quotes around text that is no single word: ['top k', 'a-b']"


def parse_value(
    text: str, hint: object = None, scope: Scope | None = None, label: str = "the value"
) -> Any:
    """Return the value that a text stands for; nothing that it names is called.

    Literals and containers are written as in Python. What looks like a call becomes a `Config`.
    A text that is one of the choices of a ``Literal`` or an enum is that choice, whatever it looks
    like. A word without quotes is a name, unless the annotation expects something else that it can
    be: text, ``true``. Where nothing but text is expected, or a
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
    source = SourceText(text, label)
    scope = Scope() if scope is None else scope
    check_characters(source)
    converter = Converter(source, scope)
    options = [*options_of(hint)]
    found = raw_value(text.strip(), options)
    if found is not NOTHING:
        return found
    texts = [option for option in options if is_textual(option)]
    if type(None) in options and text.strip().lower() in NONES and text.strip() != _NONE:
        return _none(source, converter, texts)
    if texts and all(option in texts or option is type(None) for option in options):
        return _text(source, converter, hint, options, texts)
    try:
        tree = late.read(source)
    except ValueLanguageError as error:
        if texts and _WORD.fullmatch(text):
            return _as_text(source, converter, texts)
        if options and all(is_choice(option) or option is type(None) for option in options):
            return converter.convert(text.strip(), hint)  # which lists the choices
        raise (error.advised(_QUOTE) if str in classes_in(hint, builtin=True) else error) from None
    return converter.convert(tree, hint)


def _none(source: SourceText, converter: Converter, texts: list[object]) -> None:
    """Return None for ``null`` or ``none``, unless that may be meant as text.

    Raises:
        ValueLanguageError: It may.
    """
    text = source.text.strip()
    for option in texts:
        try:
            converter.convert(text, option)
        except ValueLanguageError:
            continue
        fix = f"write None, or '{text}' in quotes for the text"
        raise source.error(0, f"{text} may be None or text", fix)


def _text(
    source: SourceText,
    converter: Converter,
    hint: object,
    options: list[object],
    texts: list[object],
) -> object:
    text = source.text
    if text.strip() == _NONE and type(None) in options:
        return None
    is_call = str not in options and _CALLED.fullmatch(text)
    if is_call or _QUOTED.fullmatch(text):
        try:
            tree = late.read(source)
        except ValueLanguageError:
            if is_call:
                raise
            tree = None
        if is_call or isinstance(tree, str):
            return converter.convert(tree, hint)
    return _as_text(source, converter, texts)


def _as_text(source: SourceText, converter: Converter, texts: list[object]) -> object:
    """Convert a text that is not quoted: to ``str`` only if it is nothing more special."""
    *others, last = sorted(texts, key=text_last)
    for option in others:
        with suppress(ValueLanguageError):
            return converter.convert(source.text, option)
    return converter.convert(source.text, last)
