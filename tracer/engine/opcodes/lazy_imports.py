"""Lazy imports (PEP 810, from 3.15 on): a module is imported when its name is first read.

Only the code of a module can put an import off. CPython does that, and imports later, in small
pieces of code that have the user's place.
"""

from __future__ import annotations

import types
from collections.abc import Iterable
from functools import lru_cache
from types import CodeType, FunctionType
from typing import Any, Final

from ...code.handwritten import assemble
from ...code.line_table import encode_lines
from ..call_sites import call_from
from ..frame import Frame
from ..marks import Hidden
from ..tracebacks import line_at
from ..values import Value

#: The type of what stands for a module or its attribute until then; before 3.15, of nothing.
LazyImport: Final[Value] = getattr(types, "LazyImportType", Hidden)

_MARK: Final = Hidden()


def imported(frame: Frame, index: int, name: str, namespace: object = None) -> Any:
    """Return the value of a name that a lazy import stands for, which CPython replaces by it.

    Args:
        frame: The frame that reads the name.
        index: The index of the instruction.
        name: The name.
        namespace: What it is looked up in before the globals, if anything.
    """
    if namespace is None:
        return call_from(frame, index, FunctionType(_reading(name), frame.globals), (), {})
    return call_from(frame, index, eval, (_text(name), frame.globals, namespace), {})


@lru_cache(maxsize=256)
def _reading(name: str) -> CodeType:
    made = compile(f"lambda: {name}", __file__, "eval", dont_inherit=True)
    return _hidden(made.co_consts[0])


@lru_cache(maxsize=256)
def _text(name: str) -> CodeType:
    return _hidden(compile(name, __file__, "eval", dont_inherit=True))


def _hidden(code: CodeType) -> CodeType:
    return code.replace(co_consts=(*code.co_consts, _MARK))


def in_module(
    frame: Frame,
    index: int,
    units: Iterable[tuple[str, int]],
    name: str,
    consts: tuple[object, ...],
) -> Value:
    """Run some opcodes where a module's code is, and return the value that they leave.

    Args:
        frame: That of the module's code.
        index: The index of the instruction they are run for.
        units: Their names and opargs.
        name: The one name that they use.
        consts: Their constants.
    """
    raw = assemble(("RESUME", 0), *units, ("RETURN_VALUE", 0))
    line = line_at(frame.code, frame.program.offsets[index]) or frame.code.co_firstlineno
    code = _TEMPLATE.replace(
        co_code=raw,
        co_consts=(*consts, _MARK),
        co_names=(name,),
        co_filename=frame.code.co_filename,
        co_name=frame.code.co_name,
        co_qualname=frame.code.co_qualname,
        co_firstlineno=line,
        co_linetable=encode_lines([line] * (len(raw) // 2), line),
        co_stacksize=4,
    )
    return eval(code, frame.globals, frame.namespace)


_TEMPLATE: Final = compile("0", __file__, "eval", dont_inherit=True)
