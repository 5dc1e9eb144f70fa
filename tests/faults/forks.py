"""Processes forked beside threads that build, copy, capture and edit."""

from __future__ import annotations

import copy
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

from mutations import graph, mutations, state
from signals import model, units

from bytefig.configs import build

#: Seconds after which a child is taken to hang.
PATIENCE = 120


class Forks(NamedTuple):
    """How many children there were, and how many of them failed or hung."""

    children: int
    failed: int
    hung: int


def _everything() -> bool:
    """Build, copy, capture and edit; return whether all of it is right."""
    captured = model.as_buildable(12)
    copied = copy.deepcopy(captured)
    edit = mutations()[6]
    one, other = graph(), graph()
    edit.change(one)
    edit.change(other)
    return (
        units(build(captured)) == units(build(copied)) == list(range(11, -1, -1))
        and copied == captured
        and state(one) == state(other)
    )


def _in_threads(count: int) -> bool:
    """Do everything in this thread and, at the same time, in others; they get new ids."""
    outcomes: list[bool] = []
    threads = [
        threading.Thread(target=lambda: outcomes.append(_everything())) for _ in range(count)
    ]
    for each in threads:
        each.start()
    own = _everything()
    for each in threads:
        each.join()
    return own and outcomes == [True] * count


def try_forks(children: int) -> Forks:
    """Fork so many children, one after the other, beside threads that are busy."""
    done = threading.Event()
    subject = model.as_buildable(12)

    def repeat(action: Callable[[], Any]) -> None:
        while not done.is_set():
            action()

    edits = mutations()
    busy: list[Callable[[], Any]] = [
        lambda: build(subject),
        lambda: copy.deepcopy(subject),
        lambda: model.as_buildable(12),
        lambda: edits[6].change(graph()),
    ]
    threads = [threading.Thread(target=repeat, args=(action,), daemon=True) for action in busy]
    for each in threads:
        each.start()
    failed = hung = 0
    try:
        for _ in range(children):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # that is what is tried
                child = os.fork()
            if not child:
                code = 1
                with suppress(BaseException):
                    signal.signal(signal.SIGALRM, signal.SIG_DFL)
                    signal.alarm(PATIENCE)
                    code = 0 if _in_threads(2) else 1
                os._exit(code)
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            hung += code == -signal.SIGALRM
            failed += code not in (0, -signal.SIGALRM)
    finally:
        done.set()
        for each in threads:
            each.join()
    return Forks(children, failed, hung)


def report(result: Forks) -> int:
    """Print what became of the children; return how many were broken."""
    version = ".".join(map(str, sys.version_info[:3]))
    print(
        f"  CPython {version}: {result.children} children of a process with 4 busy threads,"
        f" {result.failed} failed, {result.hung} hung",
        flush=True,
    )
    return result.failed + result.hung
