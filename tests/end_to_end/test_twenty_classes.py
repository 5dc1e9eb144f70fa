"""The objects of the example, converted and rebuilt: one test for each."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from bytefig.configs import Buildable, build, dump_json, load_json

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "twenty_classes.py"
# Run once: its classes have to be the same in all tests.
page = SimpleNamespace(**runpy.run_path(str(EXAMPLE)))

ROUTES = {
    "Layer": "dataclass",
    "Data": "dataclass",
    "Optimizer": "attrs",
    "Schedule": "attrs",
    "Point": "a container",
    "Dense": "bytecode",
    "Dropout": "bytecode",
    "Stack": "bytecode",
    "Template": "bytecode",
    "TextWrapper": "bytecode",
    "partial": "partial",
    "Settings": "pydantic",
    "Message": "msgspec",
}


def check(obj):
    before = repr(obj)
    config = page.as_config(obj)
    assert isinstance(config, Buildable | tuple)
    built = build(config)
    assert built is not obj
    assert page.equal(built, obj)
    assert repr(obj) == before
    name = type(obj).__qualname__.rpartition(".")[2]
    assert page.route_of(obj) == ROUTES.get(name, "get_params")


@pytest.mark.parametrize(
    "obj", [*page.own_objects(), *page.partials()], ids=lambda obj: type(obj).__name__
)
def test_own_and_standard(obj):
    check(obj)


@pytest.mark.needs_scikit_learn
def test_libraries():
    pytest.importorskip("msgspec")
    pytest.importorskip("pydantic")
    pytest.importorskip("sklearn")
    objects = [*page.library_objects()]
    assert len(objects) + len([*page.own_objects()]) >= 20
    for obj in objects:
        check(obj)


def test_torch():
    torch = pytest.importorskip("torch")
    for obj in page.torch_modules():
        built = build(page.as_config(obj))
        assert page.equal(built, obj)
        assert page.route_of(obj) == "recorded"
    parts = [*build(page.as_config(obj)).parameters()]
    assert [part.shape for part in parts] == [torch.Size([4, 3]), torch.Size([4])]


@pytest.mark.needs_scikit_learn
def test_a_converted_estimator_survives_json_and_predicts_the_same():
    datasets = pytest.importorskip("sklearn.datasets")
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    steps = [("scale", StandardScaler()), ("classify", LogisticRegression(C=0.1))]
    model = Pipeline(steps)
    config = load_json(dump_json(page.as_config(model)), allow=["sklearn.*"])
    x, y = datasets.load_iris(return_X_y=True)
    assert (build(config).fit(x, y).predict(x) == model.fit(x, y).predict(x)).all()


@pytest.mark.needs_subprocess
@pytest.mark.needs_scikit_learn
def test_the_example_prints_the_table():
    run = subprocess.run([sys.executable, str(EXAMPLE)], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stdout.count("True") >= 20
    assert "False" not in run.stdout
