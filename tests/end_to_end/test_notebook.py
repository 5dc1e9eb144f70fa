"""A notebook, run by nbclient as Jupyter runs it."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = [pytest.mark.needs_subprocess, pytest.mark.needs_threads]

MODEL = """\
from bytefig.configs import Config, build, diffing
from bytefig.tracer import auto_config, capture, explain, profile, verify

class Dense:
    "A layer of units."
    def __init__(self, units, rate=0.5):
        if units < 0:
            raise ValueError("negative")

@auto_config
def model(width):
    return [Dense(width), Dense(1)]

model"""
CELLS = {
    "model": MODEL,
    "node": "graph = model.as_buildable(8)\nnode = graph[0]\nnode",
    "edited": "node.units = 9\nnode",
    "diff": "diffing.build_diff(model.as_buildable(8), graph)",
    "explain": "explain(model)",
    "verify": "verify(model, 3)",
    "profile": "profile(lambda: Dense(1))",
    "help": "print(get_ipython().object_inspect_text('node'))",  # as of node?
    "magic": "%load_ext bytefig.tracer",
    "graph": "%%graph net\nlayers = [Dense(units) for units in (1, 2)]\n{'layers': layers}",
    "builder": "net.as_buildable()['layers'][1].__provenance__.line",
    "build fails": "node.units = -1\nbuild(node)",
    "construct": "@auto_config\ndef loop():\n    for _ in []: pass",
    "capture fails": "%%graph net\nDense(1, 2, 3)",
    "no builder": "%%graph\n1",
    "no value": "%%graph net\nx = 1",
}


# Where the frames of these errors would be.
OURS = ("builder", "own_code", "auto_config", "notebooks", "recorder", "interpreter")


@pytest.fixture(scope="module")
def outputs() -> dict[str, Any]:
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS.values()]
    notebook = nbformat.v4.new_notebook(cells=cells)
    nbclient.NotebookClient(notebook, timeout=300, allow_errors=True).execute()
    return {
        name: cell.outputs[-1] if cell.outputs else None
        for name, cell in zip(CELLS, notebook.cells, strict=True)
    }


def html(output: Any) -> str:
    assert output is not None and output.output_type == "execute_result", output
    return output.data["text/html"]


def test_what_is_shown_of_a_builder(outputs: dict[str, Any]) -> None:
    assert "AutoConfig model(width)" in html(outputs["model"])
    assert "In [1]:10" in html(outputs["model"])


def test_provenance_says_the_cell(outputs: dict[str, Any]) -> None:
    assert "made at In [1]:12 in model" in html(outputs["node"])
    assert "units edited at In [3]:1 in &lt;module&gt;, was 8" in html(outputs["edited"])


def test_a_diff_has_colours(outputs: dict[str, Any]) -> None:
    text = html(outputs["diff"])
    assert ">- &lt;root&gt;[0].units = 8</span>" in text
    assert ">+ &lt;root&gt;[0].units = 9</span>" in text


@pytest.mark.parametrize(
    "name, parts",
    [
        (
            "explain",
            ["calls in model, In [1]", "<td>Dense</td>", "make a config node of it</span>"],
        ),
        ("verify", ["gives what the call gives: the results are the same</span>"]),
        ("profile", ["capture", "call sites", "<th>callee</th>"]),
    ],
)
def test_what_is_shown_of_a_look_into_a_capture(
    outputs: dict[str, Any], name: str, parts: list[str]
) -> None:
    assert [part for part in parts if part not in html(outputs[name])] == []


def test_help_on_a_node_is_that_of_its_callable(outputs: dict[str, Any]) -> None:
    text = outputs["help"]["text"]
    assert "Config of Dense(units, rate=0.5)" in text
    assert "A layer of units." in text


def test_a_cell_as_a_builder(outputs: dict[str, Any]) -> None:
    graph = outputs["graph"]["data"]["text/plain"]
    assert "Dense(units=2)" in graph
    assert outputs["builder"]["data"]["text/plain"] == "2"


@pytest.mark.parametrize(
    "name, last",
    [
        ("build fails", "cannot build Dense at <root>: ValueError: negative"),
        ("construct", "at In [13]:3:"),
        ("capture fails", "at In [14]:2:"),
    ],
)
def test_errors_show_the_cell_and_none_of_our_frames(
    outputs: dict[str, Any], name: str, last: str
) -> None:
    output = outputs[name]
    assert output.output_type == "error", output
    text = "\n".join(output.traceback)
    assert last in text
    assert not [file for file in OURS if f"{file}.py" in text]


def test_wrong_use_of_the_magic(outputs: dict[str, Any]) -> None:
    assert "%%graph needs a name for the builder" in outputs["no builder"]["text"]
    assert "the last line has to be what is to be built" in outputs["no value"]["text"]
