"""Errors of the user's classes while a graph is built: as the user's, and where in the graph."""

from __future__ import annotations

from typing import Any

from ...configs import BuildError, ConfigError, build
from ...configs.for_tracer import shown_in_full
from ..engine.marks import is_library_s
from .exit_codes import BadUsageError


def build_for_user(graph: object) -> Any:
    """Build a graph; an error of a class of the user's is raised as it is, with a note."""
    try:
        return build(graph)
    except BuildError as error:
        cause = error.__cause__
        if cause is None:
            raise BadUsageError(str(error)) from None
        cause.add_note(f"while building {error.node_path}")
    except ConfigError:
        raise
    except Exception as error:  # its type has no subclasses
        cause = error
    if not shown_in_full():
        entry = cause.__traceback__
        while entry is not None and is_library_s(entry.tb_frame):
            entry = entry.tb_next
        cause.__traceback__ = entry
    raise cause  # out of the handler: the error's own context is to stay
