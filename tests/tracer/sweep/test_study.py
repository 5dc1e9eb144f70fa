"""A search that learns, with a study of our own and with one of Optuna's."""

import sys
import types

import pytest

from bytefig.configs import Config
from bytefig.tracer.sweep import loguniform, sweep, uniform
from bytefig.tracer.sweep.journal import attempts_of

SPACE = {
    "model.hidden": uniform(1, 9),
    "optimizer.lr": loguniform(1e-3, 1.0),
    "seed": [1, 2],
    "act": ["", "raise"],
}


class Asked:
    """A trial as Optuna's: what is suggested for it is said before."""

    def __init__(self, **values):
        self.values = values
        self.asked = {}

    def suggest_int(self, name, low, high, log):
        self.asked[name] = (low, high, log)
        return self.values[name]

    suggest_float = suggest_int

    def suggest_categorical(self, name, choices):
        self.asked[name] = choices
        return self.values[name]


class Study:
    def __init__(self, *trials):
        self.left = list(trials)
        self.told = []

    def ask(self):
        return self.left.pop(0)

    def tell(self, trial, value=None, state=None):
        self.told.append((trial, value, state))


@pytest.fixture
def optuna(monkeypatch):
    fake = types.ModuleType("optuna.trial")
    fake.TrialState = types.SimpleNamespace(FAIL="fail")
    monkeypatch.setitem(sys.modules, "optuna", types.ModuleType("optuna"))
    monkeypatch.setitem(sys.modules, "optuna.trial", fake)


def values(hidden, lr, seed, act):
    return Asked(**{"model.hidden": hidden, "optimizer.lr": lr, "seed": seed, "act": act})


@pytest.mark.needs_subprocess
@pytest.mark.needs_threads
def test_what_is_asked_and_told(swept, tmp_path, optuna):
    graph = Config(swept.main, Config(swept.Model), Config(swept.Adam))
    trials = [values(2, 0.5, 0, 0), values(3, 0.5, 1, 1), values(2, 0.5, 0, 0)]
    study = Study(*trials)
    results = sweep(graph).study(study, SPACE, "loss", count=3, at_once=2, out=tmp_path / "a")
    assert [(value, state) for _, value, state in study.told] == [
        (1.0, None),
        (None, "fail"),
        (1.0, None),
    ]
    assert trials[0].asked == {
        "model.hidden": (1, 9, False),
        "optimizer.lr": (1e-3, 1.0, True),
        "seed": [0, 1],
        "act": [0, 1],
    }
    assert len(results) == 2  # the third is the first, and has not run again
    assert [len(attempts_of(results.folder.trial(each.id))) for each in results] == [1, 1]
    assert results[0].point == {"model.hidden": 2, "optimizer.lr": 0.5, "seed": 1, "act": ""}


def test_without_optuna(swept, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna.trial", None)
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(ModuleNotFoundError):
        sweep(Config(swept.main)).study(Study(), {"seed": [1]})


@pytest.mark.needs_subprocess
@pytest.mark.needs_threads
def test_a_study_of_optuna(swept, tmp_path):
    optuna = pytest.importorskip("optuna")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=1))
    graph = Config(swept.main, Config(swept.Model), Config(swept.Adam))
    space = {"model.hidden": uniform(1, 9), "act": ["", "raise"]}
    results = sweep(graph).study(study, space, "loss", count=4, at_once=2, out=tmp_path / "a")
    states = sorted(trial.state.name for trial in study.trials)
    assert len(states) == 4 and set(states) <= {"COMPLETE", "FAIL"}
    assert states.count("COMPLETE") >= 1
    assert study.best_value == results.best("loss").value["loss"]
