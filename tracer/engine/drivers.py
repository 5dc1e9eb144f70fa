"""Native generators and coroutines that drive a suspendable frame.

They are real ones, so native code (``list``, ``asyncio``) consumes them, and CPython itself
keeps their protocol: closing, "generator ignored GeneratorExit", the conversion of StopIteration.
What the frame delegates to (``yield from``, ``await``), its driver delegates to in the same way.

A driver is source text: a function whose calls make generators is one itself (see
``functions.py``), so that CPython gives them its name and ``types.coroutine`` can mark it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterator
from types import CodeType, FunctionType, coroutine
from typing import Final

from ..code.backward_jumps import without_interruptions
from ..code.flags import CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR, SUSPENDABLE
from ..code.line_table import encode_lines
from .frame import YIELDED, Frame
from .interpreter import execute, run
from .marks import Hidden
from .opcodes.asynchronous import is_coroutine
from .opcodes.generators import RECEIVERS
from .tracebacks import reraise, strip
from .values import Value, type_of

#: In the text: the constant to replace by an instance of `Support`.
SUPPORT: Final = "bytefig support"

#: What is raised in here while the frame is suspended is raised where that is.
_LOOP: Final = f"""
while True:
    try:
        if not {{support}}.go_on(frame):
            break
        if frame.delegate is None:
            frame.result = yield {{support}}.taken(frame)
        else:
            frame.result = {{delegate}}(frame)
    except BaseException as error:
        if frame.signal != {YIELDED}:
            raise
        frame.thrown = error
"""
_AWAIT_ONLY: Final = f"""
while True:
    try:
        if not {{support}}.go_on(frame):
            break
        frame.result = {{delegate}}(frame)
    except BaseException as error:
        if frame.signal != {YIELDED}:
            raise
        frame.thrown = error
"""
_RETURN: Final = "return {support}.taken(frame)\n"


def _text(template: str, delegate: str) -> str:
    return template.format(support=repr(SUPPORT), delegate=delegate.format(repr(SUPPORT)))


#: How a driver's definition begins, and what it does with ``frame``, by the kind of the code.
DRIVERS: Final[dict[int, tuple[str, str]]] = {
    CO_GENERATOR: ("def", _text(_LOOP + _RETURN, "yield from {}.iterated")),
    CO_COROUTINE: ("async def", _text(_AWAIT_ONLY + _RETURN, "await {}.awaited")),
    CO_ASYNC_GENERATOR: ("async def", _text(_LOOP, "await {}.awaited")),
}


class _Delegate:
    """Gives an iterator to ``yield from`` or ``await`` as it is."""

    __slots__ = ("_iterator",)

    def __init__(self, iterator: Value) -> None:
        self._iterator = iterator

    def __iter__(self) -> Iterator[object]:
        return self._iterator

    __await__ = __iter__


def _delegating(
    handled: list[BaseException], receiver: object
) -> Generator[object, object, object]:
    """Delegate to the receiver as from inside the handlers of these exceptions."""
    delegate: Generator[object, object, object]
    if not handled:
        delegate = _iterable(receiver)
        return (yield from delegate)
    error, *inner = handled
    traceback = error.__traceback__
    try:
        reraise(error)
    except BaseException as active:
        if active is not error:
            raise
        error.__traceback__ = traceback
        delegate = _within(inner, receiver)
        return (yield from delegate)


#: A generator that can be awaited, too.
_within: Final[Value] = coroutine(_delegating)


def _iterable(receiver: Value) -> Value:
    # ``yield from`` takes the ones it knows without calling __iter__.
    return receiver if type_of(receiver) in RECEIVERS else _Delegate(receiver)


class Support(Hidden):
    """The names that the text of a driver uses; a constant of its code."""

    __slots__ = ()

    @staticmethod
    def go_on(frame: Frame) -> bool:
        """Run the frame until it is suspended, or return false when it has returned."""
        if frame.signal != YIELDED:
            index = 1
        elif frame.thrown is not None:
            index = frame.yielded_at
        else:
            sent, frame.result = frame.result, None
            finish, frame.delegate = frame.delegate, None
            if finish is None:
                frame.stack.append(sent)
                index = frame.resume
            else:
                index = finish(frame, sent)
        run(frame, index)
        return frame.signal == YIELDED

    @staticmethod
    def taken(frame: Frame) -> Value:
        """Return the value that the frame yields or returns; the frame does not keep it."""
        result, frame.result = frame.result, None
        return result

    @staticmethod
    def iterated(frame: Frame) -> Value:
        """Return the iterable to ``yield from``."""
        receiver = frame.stack[-1]
        return _within(frame.handled, receiver) if frame.handled else _iterable(receiver)

    @staticmethod
    def awaited(frame: Frame) -> Value:
        """Return the awaitable to ``await``."""
        receiver = frame.stack[-1]
        if frame.handled:
            return _within(frame.handled, receiver)
        return receiver if is_coroutine(receiver) else _Delegate(receiver)

    @staticmethod
    def hide() -> None:
        """Take the driver and the run loop out of the traceback of the active exception."""
        error = sys.exc_info()[1]
        assert error is not None
        error.__traceback__ = strip(error.__traceback__)


def compiled(head: str, body: str, free: int = 0) -> CodeType:
    """Compile a function that hides itself in tracebacks; all of it is on its first line.

    A bare ``raise`` adds no entry of its own, once the first one has been taken out.

    Args:
        head: Its definition, up to the colon.
        body: Its statements.
        free: How many free variables it has. It has no use for them, but what looks at the
            locals of its frame expects cells.
    """
    names = [f"c{i}" for i in range(free)]
    closure = "".join(f"{name} = " for name in names) + "None"
    use = f"if 0: {', '.join(names)}" if names else ""
    indented = "".join(f"   {line}\n" for line in body.splitlines())
    source = (
        f"def outer():\n {closure}\n {head}:\n"
        f"  {use}\n  try:\n{indented}  except:\n   {SUPPORT!r}.hide()\n   raise\n"
    )
    outer = compile(source, __file__, "exec", dont_inherit=True).co_consts[0]
    (code,) = (const for const in outer.co_consts if isinstance(const, CodeType))
    first = code.co_firstlineno
    table = encode_lines([first] * (len(code.co_code) // 2), first)
    return without_interruptions(code.replace(co_linetable=table))


def supported(code: CodeType, support: Support) -> CodeType:
    """Return the code with the names that its text uses."""
    consts = tuple(support if const == SUPPORT else const for const in code.co_consts)
    return code.replace(co_consts=consts)


def _driver(kind: int) -> Callable[[Frame], Value]:
    definition, body = DRIVERS[kind]
    code = compiled(f"{definition} driver(frame)", body)
    return FunctionType(supported(code, Support()), globals())


_MAKE: Final = {kind: _driver(kind) for kind in DRIVERS}


def start(frame: Frame) -> Value:
    """Call the frame's code: run it, or make its generator or coroutine.

    Source: CPython ``inspect.CO_*``; at most one of the three flags is set.
    """
    flags = frame.program.flags & SUSPENDABLE
    if not flags:
        return execute(frame)
    if frame.program.made_at:
        run(frame, 1)
    driver = _MAKE[flags](frame)
    driver.__name__ = frame.code.co_name
    driver.__qualname__ = frame.code.co_qualname
    return driver
