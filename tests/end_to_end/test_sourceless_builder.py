"""The builder of `make demo`, captured from its bytecode where there is no scikit-learn."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from bytefig.configs import Config, build
from bytefig.tracer import auto_config, explain, verify

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "sourceless.py"


class Estimator:
    """Stands for a class of scikit-learn: it keeps what it is made with."""

    def __init__(self, *args, **kwargs):
        self.made_with = args, kwargs

    def __eq__(self, other):
        return type(self) is type(other) and self.made_with == other.made_with

    __hash__ = None


#: By module, what the example and its builder import.
STAND_INS = {
    "sklearn": [],
    "sklearn.compose": ["ColumnTransformer"],
    "sklearn.datasets": ["load_wine"],
    "sklearn.linear_model": ["LogisticRegression"],
    "sklearn.model_selection": ["train_test_split"],
    "sklearn.pipeline": ["Pipeline"],
    "sklearn.preprocessing": ["StandardScaler"],
}


@pytest.fixture
def demo(monkeypatch):
    for name, classes in STAND_INS.items():
        module = ModuleType(name)
        for each in classes:
            setattr(module, each, type(each, (Estimator,), {"__module__": name}))
        monkeypatch.setitem(sys.modules, name, module)
    spec = importlib.util.spec_from_file_location("sourceless", EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    # Another test may have imported it, with the real classes.
    monkeypatch.delitem(sys.modules, module.MODULE_NAME, raising=False)
    yield module
    sys.modules.pop(module.MODULE_NAME, None)


def test_the_builder_is_captured_edited_and_built(demo, tmp_path):
    build_pipeline = demo.import_without_source(tmp_path).build_pipeline
    assert [path.suffix for path in tmp_path.iterdir()] == [".pyc"]
    assert not demo.has_source(build_pipeline)
    config = auto_config(build_pipeline).as_buildable([0, 1, 2])
    (_, columns), (_, classify) = config.steps
    assert isinstance(config, Config)
    assert columns[0][0][2] == [0, 1, 2]
    assert (classify.C, classify.max_iter) == (1.0, 500)
    assert build(config) == build_pipeline([0, 1, 2])
    classify.C = 0.1
    assert build(config).made_with[1]["steps"][1][1].made_with == ((), {"C": 0.1, "max_iter": 500})
    assert [site.callee for site in explain(build_pipeline).sites] == [
        *("Pipeline", "ColumnTransformer", "StandardScaler", "LogisticRegression")
    ]
    verify(build_pipeline, [0, 1, 2])
