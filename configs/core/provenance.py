"""Where in the user's program a node was made."""

from __future__ import annotations

import sys
from itertools import islice
from types import CodeType

import attrs

from .sentinels import Immutable

# CPython: code units are two bytes wide, and `co_positions` yields one entry for each.
_CODE_UNIT = 2


def shown_file(filename: str) -> str:
    """Return how to call a file: a notebook's cell by its number, not by where its code was put.

    Example:
        >>> shown_file("model.py")
        'model.py'
    """
    ipython: object = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    named = None if shell is None else shell.compile.format_code_name(filename)
    if named is None:
        return filename
    _, cell = named  # such as "In[3]", which is not what stands beside the cell
    return cell.replace("[", " [")


@attrs.frozen
class SavedProvenance:
    """A provenance that no longer has its code object, as it comes out of a pickle.

    Attributes:
        filename: The file, as the code object named it.
        line: The line, counted from 1.
        column: The column as a count of UTF-8 bytes from 0, or None when unknown.
        function: The qualified name of the function.

    Example:
        >>> str(SavedProvenance("model.py", 12, 4, "build_model"))
        'model.py:12 in build_model'
    """

    filename: str
    line: int
    column: int | None
    function: str

    def __str__(self) -> str:
        """Return ``file.py:12 in fn``."""
        return f"{shown_file(self.filename)}:{self.line} in {self.function}"


@attrs.frozen(init=False)
class Provenance(Immutable):
    """The instruction that made a node; line and column are worked out only when asked for.

    A code object cannot be pickled, so pickling turns this into a `SavedProvenance`; copying, which
    would do the same, does not.

    Attributes:
        code: The code object that held the instruction.
        offset: Offset of the instruction, in bytes into ``code.co_code``.

    Example:
        >>> def make(): pass
        >>> Provenance(make.__code__, 0).function
        'make'
    """

    code: CodeType
    offset: int

    def __init__(self, code: CodeType, offset: int) -> None:
        """Set the fields; faster than attrs does, and every recorded call makes one."""
        _set_code(self, code)
        _set_offset(self, offset)

    @property
    def filename(self) -> str:
        """The file, as the code object names it."""
        return self.code.co_filename

    @property
    def function(self) -> str:
        """The qualified name of the function."""
        return self.code.co_qualname

    @property
    def line(self) -> int:
        """The line, counted from 1; the function's first line when the position is unknown."""
        line = self._position()[0]
        return self.code.co_firstlineno if line is None else line

    @property
    def column(self) -> int | None:
        """The column as a count of UTF-8 bytes from 0, or None when unknown."""
        return self._position()[1]

    def _position(self) -> tuple[int | None, int | None]:
        unit = self.offset // _CODE_UNIT
        for line, _, column, _ in islice(self.code.co_positions(), unit, unit + 1):
            return line, column
        return None, None

    def __str__(self) -> str:
        """Return ``file.py:12 in fn``."""
        return f"{shown_file(self.filename)}:{self.line} in {self.function}"

    def __reduce__(self) -> tuple[type[SavedProvenance], tuple[str, int, int | None, str]]:
        """Pickle as a `SavedProvenance`."""
        return SavedProvenance, (self.filename, self.line, self.column, self.function)


_set_code = Provenance.__dict__["code"].__set__
_set_offset = Provenance.__dict__["offset"].__set__
