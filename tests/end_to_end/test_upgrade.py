"""What 0.1 wrote, and programs written for it, still work: see `upgrade_cases`."""

import importlib
import json
import pickle
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
import upgrade_cases
from upgrade_cases import Training, builder, graph

from bytefig import configs, tracer
from bytefig.configs import build, diffing, load_json, load_yaml, node_history
from bytefig.configs.core.moved import MovedModule
from bytefig.tracer import LATEST, Decision, auto_config, values

WRITTEN = Path(__file__).with_name("written_by_0_1")
ALLOWED = ["upgrade_cases"]


def text(name: str) -> str:
    return (WRITTEN / name).read_text(encoding="utf-8")


def unpickled(name: str):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return pickle.loads((WRITTEN / name).read_bytes())


@pytest.fixture
def forgetful():
    """Modules that have moved, as if none had been imported yet."""

    def forget(name: str):
        module = importlib.import_module(name)
        assert type(module) is MovedModule
        module._warned = False
        return module

    return forget


@pytest.mark.parametrize(
    "load",
    [
        lambda: load_json(text("graph.json"), allow=ALLOWED),
        lambda: load_yaml(text("graph.yaml"), allow=ALLOWED),
        lambda: unpickled("graph.pickle"),
    ],
    ids=["JSON", "YAML", "pickle"],
)
def test_a_graph_loads_with_all_that_it_had(load):
    loaded = load()
    assert loaded == graph()
    assert loaded.model[0] is loaded.model[1]
    assert configs.get_tags(loaded.model, "name") == {upgrade_cases.Width}
    assert configs.get_tags(loaded.optimizer, "rate") == {upgrade_cases.Rate}
    loaded.optimizer.rate = 0.25
    built = build(loaded)
    assert isinstance(built, Training) and built.optimizer() == ("adam", 0.25, [0.8, 0.9])
    assert built.model.layers[0] is built.model.layers[1]


@pytest.mark.parametrize(
    "load",
    [
        lambda: load_json(text("captured.json"), allow=ALLOWED),
        lambda: unpickled("captured.pickle"),
    ],
    ids=["JSON", "pickle"],
)
def test_a_captured_graph_loads(load):
    loaded = load()
    assert loaded == auto_config(builder).as_buildable()
    assert build(loaded).model.options == {"shape": (2, 3)}
    assert pickle.loads(pickle.dumps(loaded)) == loaded


def test_a_pickle_has_its_places_and_edits():
    place = unpickled("captured.pickle").model.__provenance__
    assert Path(place.filename).name == "upgrade_cases.py" and place.function == "builder"
    edits = node_history(unpickled("graph.pickle").model, "name")
    assert edits[-1].after == "'edited'"


def test_a_diff_applies():
    diff = diffing.diff_from_data(json.loads(text("diff.json")), allow=ALLOWED)
    changed = graph()
    diffing.apply_diff(diff, changed)
    assert changed.model.name == "other" and changed.model[1].units == 16


def test_policies_decide_as_they_did():
    table = LATEST.extend_from(WRITTEN / "policy.toml")
    assert table.decide(upgrade_cases.adam).reason == "it is quick"
    assert table.decide(upgrade_cases.Dense).decision is Decision.RECORD


@pytest.mark.parametrize(
    "module, name, now",
    [
        ("bytefig.configs.nodes", "Config", configs.Config),
        ("bytefig.configs.drawing.page", "to_html", configs.to_html),
        ("bytefig.configs.diffing.applying", "apply_diff", diffing.apply_diff),
        ("bytefig.configs.serialization.loading", "load_json", load_json),
        ("bytefig.configs.sentinels", "NO_VALUE", configs.NO_VALUE),
        ("bytefig.tracer.compiled.tier", "tier_of", tracer.tier_of),
        ("bytefig.tracer.policy", "PolicyTable", tracer.PolicyTable),
        ("bytefig.tracer.values.parsing", "parse_value", values.parse_value),
        ("bytefig.tracer.verifying.verification", "verify", tracer.verify),
    ],
)
def test_an_import_from_where_something_was_warns_once(forgetful, module, name, now):
    forgetful(module)
    program = f"from {module} import {name} as found"
    names: dict = {"__name__": "program"}
    with pytest.warns(DeprecationWarning, match=f"{module} has moved: import its names") as caught:
        exec(program, names)
    assert names["found"] is now
    assert [each.filename for each in caught] == ["<string>"]  # the program's line, not ours
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        exec(program, names)


def test_what_has_moved_has_no_other_names(forgetful):
    moved = forgetful("bytefig.configs.nodes")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not hasattr(moved, "nothing_of_that_name") and not hasattr(moved, "__file__")
        with pytest.raises(ImportError, match="nothing_of_that_name"):
            from bytefig.configs.nodes import nothing_of_that_name  # noqa: F401


@pytest.mark.needs_subprocess
def test_an_import_from_a_package_that_is_not_imported_yet():
    program = (
        "import sys, bytefig.tracer\n"
        "assert not [name for name, each in sys.modules.items() if 'interop' in name]\n"
        "from bytefig.configs.interop.converting import to_fiddle\n"
        "from bytefig.tracer.values.parsing import parse_value\n"
    )
    command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", program]
    subprocess.run(command, check=True)


def test_no_module_that_has_moved_hides_one_that_is_there():
    """A package is imported with its modules that are gone; no file has the name of one."""
    for package in (configs, tracer):
        gone = [name for name, each in sys.modules.items() if type(each) is MovedModule]
        files = [name.removeprefix(package.__name__).replace(".", "/") for name in gone]
        folder = Path(package.__file__).parent
        assert not [file for file in files if (folder / f"./{file}.py").exists()]
        assert len(gone) > 30
