"""The errors of the tracer. A message says the problem, its place in the user's code, the fix."""

from __future__ import annotations

from typing import Self


class UnsupportedInstructionError(Exception):
    """A binder's refusal; the decoder turns it into `UnsupportedCodeError` with a place."""


class TracerError(Exception):
    """The base of all errors of the tracer's own.

    Example:
        >>> from bytefig.tracer import TracerError, auto_config
        >>> try:
        ...     auto_config(len)
        ... except TracerError as error:
        ...     print(type(error).__name__)
        NotAFunctionError
    """

    @classmethod
    def of(cls, what: str, where: str, fix: str) -> Self:
        """Return an error that tells three things; see `describe`."""
        return cls(describe(what, where, fix))


class UnsupportedLanguageConstructError(TracerError, SyntaxError):
    """The function uses a construct that `auto_config` was not told to allow.

    As of every SyntaxError, ``filename``, ``lineno`` and ``offset`` say where; ``text`` is the
    line, if the file is there.
    """


class PolicyFileError(TracerError, ValueError):
    """A file of policy rules is wrong."""


class UnsupportedCodeError(TracerError, NotImplementedError):
    """A code object holds an instruction that cannot be traced."""


class NotAFunctionError(TracerError, TypeError, ValueError):
    """Something without Python bytecode was given where a function is needed.

    It is a TypeError because that is what it is, and a ValueError because that is what users of
    Fiddle's ``auto_config`` catch.
    """


class CaptureError(TracerError):
    """A capture could not go on."""


class UnbuiltNodeError(CaptureError, ValueError, TypeError):
    """The traced function used a config node as if it were the object it stands for.

    Its notes list the other places where the function does so, as far as these are known.
    """


class NoBuildableError(CaptureError, TypeError):
    """The traced function returned no buildable."""


class ArgumentBindingError(CaptureError, TypeError):
    """The arguments of a recorded call do not fit the callable."""


class InlineError(TracerError, ValueError):
    """A node cannot be inlined."""


class NoScriptError(TracerError, LookupError):
    """A module has no function that `script` marks, or several."""


class ValueLanguageError(TracerError, ValueError):
    """The text of a value is no value, or not one that fits where it goes.

    Attributes:
        text: The text.
        label: Where it was given, such as ``--model``.
        column: Where in the text the fault is, counted in characters from 0.

    Example:
        >>> print(ValueLanguageError("a + b", "--rate", 2, "there are no operators", "write 3"))
        there are no operators
          at --rate, column 3:
            a + b
              ^
          fix: write 3
    """

    _SHOWN = 60

    def __init__(self, text: str, label: str, column: int, what: str, fix: str) -> None:
        """Keep the parts; the text of the error is made of them when it is shown."""
        super().__init__(text, label, column, what, fix)
        self.text, self.label, self.column = text, label, column
        self._what, self._fix = what, fix

    def advised(self, fix: str) -> ValueLanguageError:
        """Return the same error with other advice."""
        return type(self)(self.text, self.label, self.column, self._what, fix)

    def __str__(self) -> str:
        """Return the problem, a caret below the column, and the fix."""
        start = self.text.rfind("\n", 0, self.column) + 1
        line = self.text[start:].partition("\n")[0]
        column = self.column - start
        first = max(0, column - self._SHOWN // 2)
        shown = line[first : first + self._SHOWN]
        # One character for each, so that the caret stays below its own.
        shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in shown)
        place = f"column {column + 1}"
        if "\n" in self.text:
            number = self.text.count("\n", 0, start) + 1
            place = f"line {number}, {place}"
        return (
            f"{self._what}\n  at {self.label}, {place}:\n    {shown}\n"
            f"    {' ' * (column - first)}^\n  fix: {self._fix}"
        )


class ConversionError(TracerError, TypeError):
    """An argument of an `autoconvert` function cannot be turned into a config.

    Attributes:
        path: Where, such as ``model.layers[0]``.
        type: The class of what cannot be converted.
        missing: The parameters of its constructor whose values were not found.
    """

    path: str = ""
    type: type = object
    missing: tuple[str, ...] = ()


class BadUsageError(Exception):
    """A wish of the user that cannot be granted; the message is all that is shown.

    Example:
        >>> print(BadUsageError("no module 'modle'", "did you mean 'model'?"))
        no module 'modle'
          fix: did you mean 'model'?
    """

    def __init__(self, what: str, fix: str = "") -> None:
        super().__init__(f"{what}\n  fix: {fix}" if fix else what)


def describe(what: str, where: str, fix: str) -> str:
    """Join the three things an error tells.

    Example:
        >>> print(describe("cannot add", "model.py:3 in build", "subtract"))
        cannot add
          at model.py:3 in build
          fix: subtract
    """
    return f"{what}\n  at {where}\n  fix: {fix}"
