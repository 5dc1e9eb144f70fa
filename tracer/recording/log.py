"""Logging the decision about each call of a capture, as ``BYTEFIG_LOG=debug`` asks for it."""

from __future__ import annotations

import logging
from typing import Final

from ...configs.for_tracer import callable_name
from ..engine.frame import Frame
from ..engine.interception import DeferredMethod, InlineCache, PlainCalls
from ..engine.interceptor import with_names
from ..engine.native.sites import Diverted, Site
from ..engine.values import Args, Kwargs, Value, type_of
from .guard import place_of
from .recorder import CaptureOptions, Recorder

LOGGER: Final = logging.getLogger("bytefig.tracer")
_NOT_BUILT: Final = "defer or refuse it: it is of an object that is not built yet"


class LoggingRecorder(Recorder):
    """Logs each call that is decided about, with its place; no CALL takes a short way."""

    __slots__ = ()

    def __init__(self, options: CaptureOptions) -> None:
        super().__init__(options)
        self.plain = PlainCalls()  # stays empty, so each CALL asks

    def call_at(
        self,
        frame: Frame,
        cache: InlineCache,
        fn: object,
        values: list[Value],
        names: tuple[str, ...],
        /,
    ) -> Value:
        """Make a call as `call`; nothing is remembered."""
        return self.call(frame, cache.index, fn, *with_names(values, names))

    def call(self, frame: Frame, index: int, fn: Value, args: Args, kwargs: Kwargs, /) -> Value:
        """Log the call, and decide about it by the policy."""
        if type_of(fn) is DeferredMethod:
            self._log(frame, index, f".{fn.name}", _NOT_BUILT)
        elif type_of(fn) in self.guarded_types:
            self._log(frame, index, callable_name(fn), _NOT_BUILT)
        elif not self.runs_unasked(fn):
            self._log(frame, index, callable_name(fn), self.policy.explain(fn))
        return super().call(frame, index, fn, args, kwargs)

    def divert(self, site: Site, fn: object, /) -> Value:
        """Return a callable that asks `call`, also for one that runs."""
        return Diverted(site, fn)

    def _log(self, frame: Frame, index: int, name: str, decision: str) -> None:
        LOGGER.debug("%s: %s: %s", place_of(frame, index), name, decision)


def log_to_stderr() -> None:
    """Have the records shown, unless the program has handlers of its own."""
    LOGGER.setLevel(logging.DEBUG)
    if not LOGGER.hasHandlers():
        LOGGER.addHandler(logging.StreamHandler())
