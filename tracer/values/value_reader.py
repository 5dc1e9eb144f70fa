"""From text to names, calls and literals: CPython compiles it, our own interpreter runs it.

The tokens are checked before (`source_text`), and here the instructions; neither trusts the other.
What is left has no jump and calls nothing: a name gives a `Name`, a CALL of one gives a `Call`.
"""

from __future__ import annotations

from types import CodeType
from typing import Final, NoReturn

from ...configs import Provenance
from ..code.instruction import CodeNames, read_instructions
from ..code.wordcode import COMMON_CONSTANTS, LIST_TO_TUPLE, Wordcode, number
from ..engine.decode import decode
from ..engine.frame import Frame
from ..engine.interception import FunctionParts
from ..engine.interceptor import Native
from ..engine.interpreter import execute
from ..engine.values import Args, Kwargs
from ..errors import ValueLanguageError
from .source_text import SourceText, check_characters, check_tokens
from .trees import Call, Name, Tree

#: What the compilers of all supported versions make of a value.
_ALLOWED: Final = frozenset(
    (
        *("BUILD_CONST_KEY_MAP", "BUILD_LIST", "BUILD_MAP", "BUILD_SET", "BUILD_TUPLE"),
        *("CALL", "CALL_FUNCTION_EX", "CALL_INTRINSIC_1", "CALL_KW", "NOP", "PUSH_NULL", "RESUME"),
        *("DICT_MERGE", "DICT_UPDATE", "LIST_APPEND", "LIST_EXTEND", "LIST_TO_TUPLE"),
        *("LOAD_ATTR", "LOAD_COMMON_CONSTANT", "LOAD_CONST", "LOAD_METHOD", "LOAD_NAME"),
        *("LOAD_SMALL_INT", "MAP_ADD", "RETURN_CONST", "RETURN_VALUE", "SET_ADD", "SET_UPDATE"),
        "UNARY_NEGATIVE",
    )
)
_LOAD_NAME: Final = number("LOAD_NAME")
_LOADED: Final = frozenset({"LOAD_ATTR", "LOAD_METHOD", "LOAD_NAME", "PUSH_NULL"})
_CONSTANTS: Final = (bool, bytes, complex, float, frozenset, int, str, tuple, type(None))


def read(source: SourceText) -> Tree:
    """Parse a text: literals and containers of them, with `Name` and `Call` inside.

    Raises:
        ValueLanguageError: It is not part of the value language.

    Example:
        >>> read(SourceText("[Adam(lr=0.1), sgd]", "--optimizer"))
        [Adam(...), sgd]
    """
    check_characters(source)
    if not source.text.strip():
        raise source.error(0, "there is no value", "write one, or '' for empty text")
    check_tokens(source)
    code = _compiled(source)
    _check_code(source, code)
    names = _Names(source, code)
    frame = Frame(decode(code), code, (), (), {"__builtins__": {}}, _Reader(source), names)
    try:
        return execute(frame)
    except ValueLanguageError as error:
        raise error.with_traceback(None) from None
    except TypeError as error:  # a list as a key, or in a set
        traceback = error.__traceback__
        at = 0 if traceback is None else _at(source, code, traceback.tb_lasti)
        raise source.error(at, f"this cannot be: {error}") from None


def _compiled(source: SourceText) -> CodeType:
    # Blanks in front would be an indentation; in brackets the columns stay what they are.
    blanks = len(source.text) - len(source.text.lstrip())
    text = f"{'(' * bool(blanks)}{source.text[1:] if blanks else source.text}"
    text += "\n)" if blanks else ""
    try:
        # A warning, such as about an escape that means nothing, is the user's own: there is no way
        # to leave it out in this thread only.
        return compile(text, f"<{source.label}>", "eval", dont_inherit=True)
    except SyntaxError as error:
        line, column = error.lineno or 1, max((error.offset or 1) - 1, 0)
        before = sum(map(len, source.text.splitlines(keepends=True)[: line - 1]))
        at = min(before + column, len(source.text) - 1)
        raise source.error(at, f"this is not a value: {error.msg}") from None
    except (ValueError, MemoryError, RecursionError, OverflowError) as error:
        raise source.error(0, f"this is not a value: {error}") from None


def _check_code(source: SourceText, code: CodeType) -> None:
    """Refuse instructions that no value needs.

    Raises:
        ValueLanguageError: There is one.
    """
    last = ""
    for instruction in read_instructions(code, CodeNames.of(code))[0]:
        name = instruction.name
        allowed = name in _ALLOWED
        if name in ("LOAD_ATTR", "LOAD_METHOD"):
            allowed = last in _LOADED
        elif name == "CALL_INTRINSIC_1":
            # A display of many items, and a call of many arguments, are made in steps.
            allowed = instruction.oparg == LIST_TO_TUPLE
        elif name == "LOAD_COMMON_CONSTANT":
            allowed = isinstance(COMMON_CONSTANTS[instruction.oparg], _CONSTANTS)
        elif name == "LOAD_CONST":
            allowed = isinstance(instruction.const, _CONSTANTS)
        if not allowed:
            at = _at(source, code, instruction.offset)
            raise source.error(at, "this is not part of a value")
        last = name


def _at(source: SourceText, code: CodeType, offset: int) -> int:
    """Return the offset in the text that belongs to an instruction at an offset in the code."""
    place = Provenance(code, offset)
    return source.offset(place.line, place.column or 0)


class _Names:
    """The namespace of a text. It runs straight through, so the names come in their order."""

    def __init__(self, source: SourceText, code: CodeType) -> None:
        self._source = source
        words = Wordcode(code)
        self._positions = (
            position
            for op, position in zip(words.ops, words.positions, strict=True)
            if op == _LOAD_NAME
        )

    def __getitem__(self, name: str) -> Name:
        line, _, column, _ = next(self._positions)
        return Name(self._source, (name,), self._source.offset(line or 1, column or 0))


class _Reader(Native):
    """Takes down the calls of a text instead of making them."""

    __slots__ = ("_source",)

    @property
    def goes_native(self) -> bool:
        """No text is run by CPython, whatever watches."""
        return False

    def __init__(self, source: SourceText) -> None:
        super().__init__()
        self.guarded_types = {Name, Call}
        self._source = source

    def call(self, frame: Frame, index: int, fn: object, args: Args, kwargs: Kwargs, /) -> Call:
        """Return the callee and its arguments."""
        place = Provenance(frame.code, frame.program.offsets[index])
        if type(fn) is not Name or fn.sign:
            at = _at(self._source, frame.code, place.offset)
            raise self._source.error(at, "only what a name stands for can be called")
        return Call(fn, args, dict(kwargs), place)

    def runs(self, fn: object, /) -> bool:
        """Nothing runs."""
        return False

    def make_function(self, frame: Frame, made: FunctionParts, /) -> NoReturn:
        """Refuse."""
        raise self._source.error(0, "a function is not part of a value")

    def load_attr(self, frame: Frame, index: int, obj: object, name: str, /) -> Name:
        """Return a name with one more part."""
        if type(obj) is not Name or obj.sign:
            at = _at(self._source, frame.code, frame.program.offsets[index])
            raise self._source.error(at, "attributes of a value are not part of the value language")
        return Name(obj.source, (*obj.parts, name), obj.at)
