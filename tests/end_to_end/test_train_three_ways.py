"""One training script, called with objects, with configs, and by the command."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.needs_scikit_learn, pytest.mark.needs_subprocess]

SCRIPT = Path(__file__).parents[2] / "docs" / "examples" / "train.py"


@pytest.fixture(scope="module")
def example():
    pytest.importorskip("sklearn")
    spec = importlib.util.spec_from_file_location("train_example", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules["train_example"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["train_example"]


def command(*words: str, program=("-m", "bytefig.tracer", "run", str(SCRIPT)), text=None) -> str:
    done = subprocess.run(
        [sys.executable, *program, *words], capture_output=True, encoding="utf-8", input=text
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_the_same_result_three_ways(example, tmp_path):
    from bytefig.configs import Config

    forest = example.RandomForestClassifier
    with_objects = example.train(
        forest(n_estimators=20, random_state=3), split=example.Split(test_size=0.5), digits=6
    )
    with_configs = example.train(
        Config(forest, n_estimators=20, random_state=3),
        split=Config(example.Split, test_size=0.5),
        digits=6,
    )
    words = (
        "--model=RandomForestClassifier(n_estimators=5, random_state=3)",
        "--split=Split(test_size=0.5)",
        "model.n_estimators=20",
        "digits=6",
    )
    saved = str(tmp_path / "digits.json")
    by_command = command(*words, f"--save={saved}")
    by_the_script_itself = command(*words, program=(str(SCRIPT),))
    by_file = command(f"--config={saved}")
    by_child = command("--config=-", text=Path(saved).read_text("utf-8"))
    assert 0.9 < with_objects < 1.0
    assert with_configs == with_objects
    assert by_command == by_the_script_itself == by_file == by_child == f"{with_objects!r}\n"
    # Another configuration gives another result, so that the equality says something.
    assert example.train(forest(n_estimators=2, random_state=3), digits=6) != with_objects
    assert len(json.loads(Path(saved).read_text("utf-8"))["nodes"]) == 3


def test_a_pipeline_with_a_list_of_steps(example):
    objects = example.train(
        example.Pipeline(
            [
                ("scale", example.StandardScaler()),
                ("fit", example.LogisticRegression(C=0.5, max_iter=300)),
            ]
        ),
        digits=3,
    )
    steps = "[('scale', StandardScaler()), ('fit', LogisticRegression(C=0.1, max_iter=300))]"
    out = command(f"--model=Pipeline(steps={steps})", "model.steps[1][1].C=0.5", "--digits=3")
    assert out == f"{objects!r}\n"
