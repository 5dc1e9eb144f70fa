"""What traced code may not do with a node: use it as the object that it stands for.

The plain function would compare, format or iterate the real object; a capture that let the node
answer instead would quietly take another path. The nodes' special methods tell `configs.watch` of
such a use, and it is refused if traced code made it, which the frames above tell. So a capture
pays nothing for the guard, and native code that works on nodes is left alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import FrameType
from typing import Any, Final, NoReturn, cast

from ..configs import Buildable, Provenance, operations
from ..configs.edits import set_locator
from .call_sites import CallSite
from .errors import UnbuiltNodeError, describe
from .frame import Frame
from .tracebacks import frame_above, in_opcodes

_EXEMPT_IT: Final = (
    "move this into a function that gets the object, and exempt() that function's caller or let a "
    "policy STEP_INTO it; or build() the node first; guard='off' gives the node's own answer"
)
_CONFIGS: Final = Buildable.__module__.rpartition(".")[0] + "."
#: Whose frames call natively in the name of traced code.
_CALLING: Final = frozenset({"bytefig.tracer.interceptor"})


def place_of(frame: Frame, index: int) -> str:
    """Return file, line, column and function of a step, for messages."""
    place = Provenance(frame.code, frame.program.offsets[index])
    column = "" if place.column is None else f":{place.column + 1}"
    return f"{place.filename}:{place.line}{column} in {place.function}"


def refuse(frame: Frame, index: int, action: str, node: Any, fix: str = _EXEMPT_IT) -> NoReturn:
    """Raise the error about the use of a node.

    Args:
        frame: The frame that uses it.
        index: Where.
        action: A verb phrase that the node completes.
        node: The node.
        fix: What to do instead.

    Raises:
        UnbuiltNodeError: Always.
    """
    raise UnbuiltNodeError(
        describe(
            f"cannot {action} {node!r} inside capture: it is the config of an object that is not "
            "built yet",
            place_of(frame, index),
            fix,
        )
    )


def _watch(node: Any, action: str) -> None:
    frame: FrameType | None = frame_above(1)
    while frame is not None and frame.f_globals.get("__name__", "").startswith(_CONFIGS):
        frame = frame.f_back
    if frame is None:
        return
    by_opcode = in_opcodes(frame)
    if not by_opcode and (action in _TEXT or not _calls_for_user(frame)):
        return
    while frame is not None:
        names = frame.f_locals
        traced, index = names.get("frame"), names.get("index")
        if isinstance(traced, Frame) and isinstance(index, int):
            if getattr(traced.interceptor, "guards", False):
                refuse(traced, index, action, node)
            return
        frame = frame.f_back


#: Refused for opcodes only: printing and logging a node does no harm.
_TEXT: Final = frozenset({"make text of"})


def _calls_for_user(frame: FrameType) -> bool:
    consts = frame.f_code.co_consts
    return frame.f_globals.get("__name__") in _CALLING or (
        bool(consts) and isinstance(consts[-1], CallSite)
    )


def _locate(frame: FrameType) -> Provenance | None:
    """Return where the traced code is that an opcode, or a call in its name, works for."""
    if not in_opcodes(frame) and not _calls_for_user(frame):
        return None
    above: FrameType | None = frame
    while above is not None:
        traced, index = above.f_locals.get("frame"), above.f_locals.get("index")
        if isinstance(traced, Frame) and isinstance(index, int):
            return Provenance(traced.code, traced.program.offsets[index])
        above = above.f_back
    return None


operations.watch(_watch)
set_locator(_locate)

#: Builtins whose answer about a node is not the one about the object, by `id`.
ASKING: Final[dict[int, str]] = {
    id(fn): verb
    for verb, fns in {
        "ask the type of": (isinstance, type, callable),
        "ask the attributes of": (vars, dir, hasattr),
        "ask the length of": (len,),
        "convert": (str, repr, ascii, int, float, complex, bytes, bytearray),
        "compute with": (abs, round, divmod, pow),
        "iterate": (iter, next, reversed),
    }.items()
    for fn in fns
}

#: Builtins that do what an opcode does, by `id`: the name of the recorder's method.
ATTRIBUTES: Final[dict[int, str]] = {
    id(getattr): "load_attr",
    id(setattr): "store_attr",
    id(delattr): "delete_attr",
}


def asks_for_config(args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> bool:
    """Tell whether ``isinstance`` is asked about node types: that can be answered."""
    asked: Any = args[1] if len(args) == 2 and not kwargs else ()
    kinds = cast("tuple[Any, ...]", asked if isinstance(asked, tuple) else (asked,))
    return bool(kinds) and all(
        isinstance(kind, type) and issubclass(kind, Buildable) for kind in kinds
    )
