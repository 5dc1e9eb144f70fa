"""Exceptions that stand for those of signal handlers, raised where one might come."""

from __future__ import annotations

import types

from bytefig.tracer.engine.marks import TRACER, is_hidden


class Bell:
    """Raises at the n-th event of the engine's own code, between `start` and `stop`.

    It is a profile function: those are called where a signal handler may be, too.

    Attributes:
        rung: Whether it has raised.
    """

    def __init__(self, left: int, alarm: type[BaseException]) -> None:
        self.left = left
        self.on = self.rung = False
        self._alarm = alarm

    def start(self) -> None:
        self.on = True

    def stop(self) -> None:
        self.on = False

    def __call__(self, frame: types.FrameType, event: str, _: object) -> None:
        if not self.on or event not in ("call", "c_return"):
            return
        if not (TRACER.hold(frame.f_globals) or is_hidden(frame.f_code)):
            return
        if self.left == 0:
            self.on, self.rung = False, True
            raise self._alarm
        self.left -= 1
