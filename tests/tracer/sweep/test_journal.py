"""What the journals of a sweep say together."""

import itertools
import json

import pytest

from bytefig.tracer.sweep import State, atomic_files
from bytefig.tracer.sweep.journal import Event, Journal, Ledger, LedgerEntry, rebuild_journals
from bytefig.tracer.sweep.returned import Returned

EVENTS = [
    (Event.made, {"point": {"a": 1}}),
    (Event.began, {"attempt": 1}),
    (Event.failed, {"attempt": 1, "reason": "unlucky"}),
    (Event.again, {"attempt": 1}),
    (Event.began, {"attempt": 2}),
    (Event.stopped, {"attempt": 2, "reason": "stopped"}),
    (Event.began, {"attempt": 3}),
    (Event.done, {"attempt": 3, "result": {"value": 5}}),
]
STATES = ["waiting", "running", "failed", "waiting", "running", "waiting", "running", "done"]


def test_the_state_does_not_hang_on_the_order_of_what_is_read():
    for count, state in enumerate(STATES, 1):
        for shuffled in itertools.islice(itertools.permutations(EVENTS[:count]), 200):
            entry = LedgerEntry("a")
            for event, said in shuffled:
                entry.apply(event, said)
            assert (entry.state, entry.point) == (state, {"a": 1})


def write(folder, worker, *events):
    journal = Journal(folder, worker)
    for event, trial, said in events:
        journal.write(event, trial, **said)
    journal.close()


def test_journals_are_read_on_from_where_they_were(tmp_path):
    write(tmp_path, "one", (Event.made, "a", {"point": {}}), (Event.made, "b", {"point": {}}))
    ledger = Ledger(tmp_path)
    ledger.refresh()
    assert ledger.counts()[State.waiting] == 2
    write(tmp_path, "two", (Event.began, "a", {"attempt": 1}))
    file = tmp_path / "journal" / "one.jsonl"
    with file.open("a") as more:
        more.write('{"event": "done", "id": "b", "attempt": 1}\nnonsense\n{"event": "nope"}\n{"ev')
    ledger.refresh()
    assert ledger.counts() == {"waiting": 0, "running": 1, "done": 1, "failed": 0}
    with file.open("a") as more:
        more.write('ent": "made", "id": "c", "point": {}}\n')
    ledger.refresh()
    assert list(ledger.entries) == ["a", "b", "c"]


def test_journals_are_made_again_from_the_files(tmp_path):
    for name in ("a", "b", "c", "d", "e", ".half.tmp"):
        place = tmp_path / "trials" / name
        place.mkdir(parents=True)
        (place / "point.json").write_text(json.dumps({"x": name}))
    trials = tmp_path / "trials"
    atomic_files.replace(trials / "a" / "attempt-1.json", '{"outcome": "failed", "reason": "bad"}')
    atomic_files.replace(trials / "b" / "attempt-1.json", '{"outcome": "failed", "again": true}')
    atomic_files.replace(trials / "b" / "attempt-2.json", '{"outcome": "done"}')
    atomic_files.replace(trials / "b" / "result.json", Returned.of(3).to_json())
    atomic_files.replace(trials / "c" / "attempt-1.json", '{"worker": "w"}')
    atomic_files.replace(trials / "c" / "attempt-x.json", "{}")
    atomic_files.replace(
        trials / "e" / "attempt-1.json", '{"outcome": "done"}'
    )  # its result was deleted
    ledger = Ledger(tmp_path)
    ledger.refresh()
    found = {name: (entry.state, entry.point) for name, entry in ledger.entries.items()}
    assert found == {
        "a": ("failed", {"x": "a"}),
        "b": ("done", {"x": "b"}),
        "c": ("running", {"x": "c"}),
        "d": ("waiting", {"x": "d"}),
        "e": ("waiting", {"x": "e"}),
    }
    assert ledger.entries["a"].reason == "bad" and ledger.entries["b"].result == Returned(3)
    rebuild_journals(tmp_path)  # another one says the same
    again = Ledger(tmp_path)
    again.refresh()
    assert again.counts() == ledger.counts()


def test_a_worker_that_died_before_it_said_so(tmp_path):
    place = tmp_path / "trials" / "a"
    place.mkdir(parents=True)
    events = [(Event.made, "a", {"point": {}}), (Event.began, "a", {"attempt": 1})]
    write(tmp_path, "w", *events)
    atomic_files.replace(place / "attempt-1.json", '{"worker": "w"}')
    ledger = Ledger(tmp_path)
    ledger.refresh()
    ledger.settle(lambda name: name == "w")
    assert ledger.entries["a"].state is State.running
    ledger.settle(lambda name: False)
    assert ledger.entries["a"].state is State.waiting
    ledger = Ledger(tmp_path)
    ledger.refresh()
    atomic_files.replace(place / "result.json", Returned.of({"loss": 1}).to_json())
    ledger.settle(lambda name: False)
    assert ledger.entries["a"].state is State.done


def test_a_long_result_is_not_in_the_journal(tmp_path):
    from bytefig.tracer.sweep.journal import done_said

    assert done_said(Returned.of("x" * 10_000)) == {}
    assert done_said(Returned.of(None)) == {"result": {"value": None}}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_why_an_attempt_ended_is_told_by_who_knows(order):
    entry, said = (
        LedgerEntry("a"),
        [{"attempt": 1, "reason": ""}, {"attempt": 1, "reason": "cancelled"}],
    )
    for at in order:
        entry.apply(Event.stopped, said[at])
    assert entry.reason == "cancelled"
