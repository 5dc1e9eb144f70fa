"""The trials of a sweep: what they set, what they share, what is wrong with them."""

import json
import random
import sys
import types
from dataclasses import dataclass, field

import pytest

from bytefig.configs import Config, dump_json, iter_nodes
from bytefig.tracer import ValueLanguageError, auto_config
from bytefig.tracer.sweep import SweepError, loguniform, sweep, uniform
from bytefig.tracer.sweep.axes import parse_axis
from bytefig.tracer.sweep.trials import Mode, Trials, points_in_file, points_of
from bytefig.tracer.values import Scope


@dataclass
class Layer:
    units: int = 8
    rate: float = 0.5


@dataclass
class Adam:
    lr: float = 0.1


@dataclass
class SGD:
    lr: float = 0.1
    decay: str = ""


@dataclass
class Model:
    layers: list[Layer] = field(default_factory=list)
    head: Layer | None = None
    sizes: dict[str, int] = field(default_factory=dict)


def main(model: Model, optimizer: Adam | SGD | None = None, seed: int = 0): ...


def base():
    shared = Config(Layer, 1)
    return Config(main, Config(Model, [shared, shared, Config(Layer, 2)], sizes={"a": 1}))


def trials(*words, mode=Mode.grid, count=0, seed=0, graph=None):
    points = points_of([*map(parse_axis, words)], mode, count, seed)
    return Trials(base() if graph is None else graph, points, Scope(sys.modules[__name__]))


def points(found):
    return [trial.point for trial in found]


def test_a_grid_has_each_value_with_each_other():
    found = trials("seed:=[1, 2]", "model.head.units:=[3, 4]")
    assert points(found) == [
        {"seed": 1, "model.head.units": 3},
        {"seed": 1, "model.head.units": 4},
        {"seed": 2, "model.head.units": 3},
        {"seed": 2, "model.head.units": 4},
    ]
    assert found[2].graph.model.head == Config(Layer, units=3)
    assert found[-1].point == found[3].point
    assert points(found[1:3]) == points(found)[1:3]
    with pytest.raises(IndexError):
        found[4]


def test_axes_that_are_zipped():
    found = trials("seed:=[1, 2]", "model.layers[2].units:=[3, 4]", mode=Mode.zip)
    assert [trial.graph.seed for trial in found] == [1, 2]
    assert [trial.graph.model.layers[2].units for trial in found] == [3, 4]
    with pytest.raises(ValueError, match="seed has 1, model.head has 2"):
        trials("seed:=[1]", "model.head:=[None, Layer]", mode=Mode.zip)


def test_a_sample_is_the_same_for_the_same_seed():
    words = "seed:=uniform(0, 1000)", "optimizer:=[Adam(), SGD()]", "optimizer.lr:=uniform(0, 1)"
    found = trials(*words, mode=Mode.sample, count=20, seed=5)
    assert points(found) == points(trials(*words, mode=Mode.sample, count=20, seed=5))
    assert points(found) != points(trials(*words, mode=Mode.sample, count=20, seed=6))
    assert found[7].point == points(found)[7]
    assert {type(trial.graph.seed) for trial in found} == {int}
    found.check()
    for words, mode, said in (
        (("seed:=uniform(0, 9)",), Mode.grid, "take a sample"),
        (("seed:=[1]",), Mode.sample, "needs a count"),
        (("seed:=[1]", "seed:=[2]"), Mode.grid, "seed has two axes"),
    ):
        with pytest.raises(ValueError, match=said):
            trials(*words, mode=mode)


def test_points_of_a_file(tmp_path):
    file = tmp_path / "points.jsonl"
    lines = [
        {"seed": 1, "model.head": {"_target_": "Layer", "units": 3}},
        {"optimizer": {"_target_": "SGD", "decay": "7"}},
        {"model": {"_target_": "Model", "sizes": {"é": 1}}},
    ]
    file.write_text("\n\n".join(map(json.dumps, lines)) + "\n", encoding="utf-8")
    found = Trials(base(), points_in_file(file), Scope(sys.modules[__name__]))
    assert len(found) == 3
    assert found[2].graph.model == Config(Model, sizes={"é": 1})
    assert [trial.graph.seed for trial in found] == [1, 0, 0]
    assert found[0].graph.model.head == Config(Layer, units=3)
    assert found[1].graph.optimizer == Config(SGD, decay="7")
    assert found[1].point == {"optimizer": {"_target_": "SGD", "decay": "7"}}
    found.check()
    file.write_text('{"seed": 1}\n[2]\n{"seed": "a"}\nnot JSON\n', encoding="utf-8")
    with pytest.raises(ValueLanguageError, match=r"(?s)no object of JSON.*, line 2, column 1:"):
        points(Trials(base(), points_in_file(file)))


def test_an_empty_list_of_points_has_none():
    assert len(sweep(base(), [])) == len(sweep(base(), iter(()))) == 0
    assert [trial.point for trial in sweep(base())] == [{}]
    assert [trial.point for trial in sweep(base(), {})] == [{}]


def test_values_inside_of_other_values():
    found = trials("optimizer:=[Adam, SGD(decay='x')]", "optimizer.lr:=[1, 2]")
    assert [trial.graph.optimizer for trial in found] == [
        Config(Adam, lr=1.0),
        Config(Adam, lr=2.0),
        Config(SGD, lr=1.0, decay="x"),
        Config(SGD, lr=2.0, decay="x"),
    ]
    adam = Config(Adam)
    found = sweep(base(), {"optimizer": [adam], "optimizer.lr": [1.0, 2.0]})
    assert [trial.graph.optimizer.lr for trial in found] == [1.0, 2.0]
    assert adam == Config(Adam)


def test_what_no_axis_reaches_is_the_same_object_in_all_trials():
    graph = base()
    found = [*trials("model.layers[2].units:=[1, 2]", graph=graph)]
    for trial in found:
        layers = trial.graph.model.layers
        assert layers[0] is graph.model.layers[0] is layers[1]
        assert layers is not graph.model.layers and layers[2] is not graph.model.layers[2]
    changed = [*trials("model.layers[0].units:=[5]", graph=graph)][0].graph.model.layers
    assert changed[0] is changed[1] and changed[1].units == 5
    assert graph == base()


def test_the_id_is_that_of_the_graph_and_the_text_is_its_canonical_one():
    words = ["seed:=[1, 2]", "model.layers[0].rate:=[0.1, 1]", "optimizer:=[None, Adam, SGD(lr=9)]"]
    words += ["model.sizes['a']:=[1, 2]", "model.head:=[None, Layer]"]
    found = [*trials(*words)]
    assert all(trial.document == dump_json(trial.graph) for trial in found)
    assert len({trial.id for trial in found}) == len(found) == 48
    again = sweep(base(), {"seed": [2, 1]})
    assert again[1].id == trials("seed:=[1]")[0].id == trials("seed:=choice(1)")[0].id


def test_texts_of_random_sweeps_are_canonical():
    chance = random.Random(7)
    values = {
        "seed": ["1", "-5", "9007199254740993"],
        "optimizer": ["None", "Adam", "SGD(lr=3)", "SGD"],
        "optimizer.lr": ["0.25", "1e300", "3"],
        "model.head": ["Layer", "Layer(units=3)"],
        "model.head.units": ["1", "2"],
        "model.layers[1].units": ["3", "4"],
        "model.layers[0].units": ["5", "6"],  # the same node
        "model.sizes": ["{'a': 1}", "{}"],
    }
    for _ in range(30):
        paths = chance.sample(sorted(values), 3)
        if "optimizer.lr" in paths and "optimizer" not in paths:
            continue
        paths.sort(key=len)
        words = [f"{path}:=[{', '.join(values[path])}]" for path in paths]
        for trial in trials(*words):
            if "optimizer.lr" in paths and trial.point["optimizer"] is None:
                continue
            assert trial.document == dump_json(trial.graph), trial.point


def test_all_that_is_wrong_is_said_at_once_with_its_points():
    found = trials("seed:=[1, x]", "optimizer:=[Adam, Layer, SGD(lrr=1)]", "model.heat:=[1]")
    with pytest.raises(SweepError) as raised:
        found.check()
    said = str(raised.value)
    assert said.startswith("6 points cannot be run")
    assert "seed=x: x: expected int" in said
    assert "SGD has no parameter 'lrr'; did you mean 'lr'?" in said
    assert "Model has no parameter 'heat'" in said
    assert "3 points, the first of them seed=x optimizer=Adam" in said
    assert len(raised.value.problems) == 4


def test_objects_are_checked_like_texts():
    found = sweep(base(), {"seed": [1, "x"], "optimizer": [Config(Layer)]})
    with pytest.raises(SweepError) as raised:
        found.check()
    said = str(raised.value)
    assert "2 points cannot be run" in said
    assert "<root>.seed = 'x': expected int" in said
    assert "<root>.optimizer = <Config[Layer()]>" in said


def test_a_base_that_is_wrong_is_found():
    graph = Config(main, Config(Model, [Config(Layer, "many")]))
    with pytest.raises(SweepError, match=r"model.layers\[0\].units = 'many'"):
        trials("seed:=[1, 2]", graph=graph).check()
    with pytest.raises(SweepError, match="model is not set"):
        trials("seed:=[1, 2]", graph=Config(main)).check()


def test_what_cannot_be_written_is_found(monkeypatch):
    graph = Config(main, Config(Model), seed=0)
    graph.optimizer = Config(lambda: None)
    with pytest.raises(SweepError, match="defined inside a function"):
        trials("seed:=[1, 2]", graph=graph).check()
    # Without cloudpickle, the error says what would help.
    monkeypatch.setattr("bytefig.tracer.sweep.trials.can_pickle", lambda: False)
    with pytest.raises(SweepError, match="install cloudpickle"):
        sweep(graph, {"seed": [1]}).check()


def test_functions_by_value():
    pytest.importorskip("cloudpickle")
    found = sweep(Config(lambda seed: seed, 0), {"seed": [1, 2]})
    found.check()
    assert all(isinstance(trial.document, bytes) for trial in found)
    assert len({trial.id for trial in found}) == 2
    assert found.needed == {"pickle"}


def test_what_a_notebook_defines_goes_by_value(monkeypatch):
    pytest.importorskip("cloudpickle")
    notebook = types.ModuleType("__main__")
    exec("def train(seed: int): return seed", vars(notebook))
    monkeypatch.setitem(sys.modules, "__main__", notebook)
    found = sweep(notebook.train, {"seed": [1]})
    found.check()
    assert isinstance(found[0].document, bytes)
    with pytest.raises(SweepError, match="__main__"):
        Trials(found.base, found.points).check()


def test_what_a_function_stands_for():
    @auto_config
    def built():
        return Layer(units=3)

    def by_hand() -> Config[Layer]:
        return Config(Layer, 4)

    for target, units in ((built, 3), (by_hand, 4), (Config(Layer, 5), 5)):
        (trial,) = sweep(target)
        assert trial.graph.units == units and trial.point == {}
    assert sweep(main, {"seed": [1]})[0].graph == Config(main, seed=1)


def test_a_list_of_points():
    found = sweep(base(), [{"seed": 1}, {"seed": 2, "optimizer": None}, {}])
    assert points(found) == [{"seed": 1}, {"seed": 2, "optimizer": None}, {}]
    found.check()


def test_drawn_values_in_python():
    space = {
        "optimizer": [Config(Adam)],
        "optimizer.lr": loguniform(1e-3, 1),
        "seed": uniform(1, 9),
    }
    found = sweep(base(), space, "sample", count=5, seed=1)
    assert len({trial.id for trial in found}) == 5
    found.check()


def test_many_trials_take_no_more_memory():
    import tracemalloc

    words = "model.layers[0].rate:=log(1e-3, 1, 30)", "seed:=range(30)", "optimizer:=[Adam, SGD]"
    found = trials(*words)
    found.check()
    found[0]
    tracemalloc.start()
    try:
        for _ in found:
            pass
        now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(found) == 1800
    assert peak < 1_000_000, (now, peak)
    assert len([*iter_nodes(found[0].graph)]) == 5
