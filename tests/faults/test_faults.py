"""`make faults` in a small form: some places, a few timers, kills and forks of each kind."""

from __future__ import annotations

import os

import files
import forks
import lines
import pytest
import signals
from mutations import mutations

posix = pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no processes to fork")

#: Operations with a few lines, before each of which there is an exception.
SHORT = {"setattr", "delattr", "set_items", "assign", "update_callable", "add_tag", "inline"}


@pytest.mark.parametrize("mutation", mutations(), ids=lambda mutation: mutation.name)
def test_an_edit_is_made_or_not(mutation):
    found = lines.try_lines(mutation, step=1 if mutation.name in SHORT else 61)
    assert found.broken == []
    assert found.before + found.after > 0


def test_that_a_half_made_edit_is_found():
    def careless(root):
        root.a.units = 100
        root.b[0].units = 100

    found = lines.try_lines(lines.Mutation("careless", careless))
    assert found.before > 0
    assert len(found.broken) > 10


@posix
@pytest.mark.needs_subprocess
def test_signals():
    results = signals.try_signals(240, 1)
    assert sum(each.hits for each in results) > 50
    assert signals.report(results) == 0


@posix
@pytest.mark.needs_subprocess
def test_files():
    pytest.importorskip("click")
    assert files.report(files.try_files(10, 1, files.SAVES[:1], step=6)) == 0


@posix
@pytest.mark.needs_subprocess
@pytest.mark.needs_threads
def test_forks():
    assert forks.report(forks.try_forks(3)) == 0
