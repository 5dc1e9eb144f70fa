"""Tests of `bytefig.testing.plugin`: the text of a failed comparison, and what it costs others."""

import copy
import subprocess
import sys

import pytest

from bytefig.configs import Config
from bytefig.testing.plugin import pytest_assertrepr_compare

# Without the plugins of others, which take longer than the test.
QUICK = [f"-pno:{name}" for name in ("cacheprovider", "hypothesispytest", "benchmark", "xdist")]
TEST = """
from bytefig.configs import Config

def dense(units, rate=0.5): ...

def model(layers, head=None): ...

def test_model():
    graph = Config(model, [Config(dense, 64), Config(dense, 9)], head=1)
    assert graph == Config(model, [Config(dense, 64), Config(dense, 8, 0.5), Config(dense, 1)])
"""


def dense(units=1, rate=0.5): ...


def test_graphs_are_compared_path_by_path():
    right = Config(dict, layers=[Config(dense, 64), Config(dense, 8)])
    left = copy.deepcopy(right)
    left.layers.insert(0, 3)
    left.layers[2].units = 9
    assert pytest_assertrepr_compare("==", left, right) == [
        "Config[dict] == Config[dict]",
        "--- right",
        "+++ left",
        "+ <root>.layers[0] inserted: 3",
        "- <root>.layers[1].units = 8",
        "+ <root>.layers[1].units = 9",
    ]


@pytest.mark.parametrize(
    "op, left, right",
    [
        ("!=", Config(dense, 1), Config(dense, 1)),
        ("==", Config(dense, 1), 1),
        ("==", [1], [2]),
        ("==", Config(dense, float("nan")), Config(dense, float("nan"))),
    ],
)
def test_other_comparisons_are_left_to_pytest(op, left, right):
    assert pytest_assertrepr_compare(op, left, right) is None


@pytest.mark.needs_subprocess
def test_a_failed_assertion_shows_the_difference(tmp_path):
    text = run(tmp_path, TEST, "-vv")
    assert "assert Config[model] == Config[model]\n" in text
    for line in (
        "--- right",
        "+++ left",
        "+ <root>.head = 1",
        "- <root>.layers[2] = <Config[dense]>",
        "- <root>.layers[1].units = 8",
        "+ <root>.layers[1].units = 9",
    ):
        assert f"E         {line}\n" in text


@pytest.mark.needs_subprocess
def test_nothing_else_is_imported_until_nodes_are_compared(tmp_path):
    text = run(tmp_path, "import sys\ndef test(): assert [*sys.modules] == []", "-vv")
    loaded = {word.strip("',[]") for word in text.split() if word.startswith("'bytefig")}
    assert loaded == {"bytefig", "bytefig.testing", "bytefig.testing.plugin"}


def run(folder, source, *options):
    file = folder / "test_it.py"
    file.write_text(source)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "-c",
        "/dev/null",
        *options,
    ]
    done = subprocess.run([*command, file], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout
