"""``MODULE:FN``: modules, files and compiled files, and errors about what is not there."""

from __future__ import annotations

import py_compile
import sys

import pytest

click = pytest.importorskip("click")

from bytefig.tracer.cli.exit_codes import BadUsageError  # noqa: E402
from bytefig.tracer.cli.targets import Target, resolve_target  # noqa: E402

SOURCE = """
class Model:
    def fit(self): ...

def build_model(): return Model()

SIZE = 3
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of modules, which is the working folder; all that is imported is forgotten later."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", sys.path.copy())
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def refused(text: str) -> str:
    with pytest.raises(BadUsageError) as caught:
        resolve_target(text)
    return str(caught.value)


def test_a_module(folder):
    (folder / "first_models.py").write_text(SOURCE)
    target = resolve_target("first_models:build_model")
    assert isinstance(target, Target)
    assert (target.name, target.module.__name__) == ("build_model", "first_models")
    assert target.callable is sys.modules["first_models"].build_model
    assert str(target) == "first_models:build_model"


def test_what_is_in_a_class(folder):
    (folder / "first_models.py").write_text(SOURCE)
    target = resolve_target("first_models:Model.fit")
    assert target.callable is target.module.Model.fit


def test_a_file_elsewhere(folder):
    place = folder / "there" / "second_models.py"
    place.parent.mkdir()
    place.write_text(SOURCE)
    target = resolve_target("there/second_models.py:build_model")
    assert target.module.__name__ == "second_models"
    assert resolve_target(f"{place}:build_model").module is target.module
    __import__("second_models")  # other modules there can import it by this name
    assert sys.modules["second_models"] is target.module


def test_a_file_in_a_package_can_import_from_it(folder):
    package = folder / "third_package" / "inner"
    package.mkdir(parents=True)
    (folder / "third_package" / "__init__.py").touch()
    (package / "__init__.py").touch()
    (package / "sizes.py").write_text("SIZE = 4")
    (package / "models.py").write_text("from .sizes import SIZE\ndef build(): return SIZE")
    target = resolve_target("third_package/inner/models.py:build")
    assert target.module.__name__ == "third_package.inner.models"
    assert target.callable() == 4


@pytest.mark.parametrize("compiled", ["fourth.pyc", "__pycache__/fourth.cpython-399.pyc"])
def test_a_compiled_file_without_its_source(folder, compiled):
    source = folder / "fourth.py"
    source.write_text(SOURCE)
    (folder / compiled).parent.mkdir(exist_ok=True)
    py_compile.compile(str(source), str(folder / compiled), doraise=True)
    source.unlink()
    target = resolve_target(f"{compiled}:build_model")
    assert target.module.__name__ == "fourth"
    assert target.callable.__name__ == "build_model"


def test_a_file_named_like_a_module_of_the_standard_library(folder):
    (folder / "json.py").write_text(SOURCE)
    import json

    target = resolve_target("./json.py:build_model")
    assert target.module is not json
    assert sys.modules["json"] is json
    again = resolve_target("./json.py:Model")
    assert again.module is target.module
    assert again.callable.__module__ == "json_file"


def test_what_is_no_target(folder):
    (folder / "first_models.py").write_text(SOURCE)
    for text in ("first_models", "first_models:", ":build_model", ""):
        assert "does not name a function\n  fix: name a function as MODULE:FN" in refused(text)
    assert "'fir-st' is neither the name of a module" in refused("fir-st:build")
    assert "SIZE in first_models is an int, not a function" in refused("first_models:SIZE")


def test_near_matches(folder):
    (folder / "first_models.py").write_text(SOURCE)
    assert refused("first_model:build_model").endswith("fix: did you mean first_models?")
    assert refused("first_models:biuld_model") == (
        "there is no 'biuld_model' in first_models\n  fix: did you mean first_models:build_model?"
    )
    assert refused("first_models:Model.fti").endswith("did you mean first_models:Model.fit?")
    assert refused("first_models:quite_other").endswith("first_models has Model, build_model")
    assert refused("./first_modles.py:build_model") == (
        "there is no file ./first_modles.py\n  fix: did you mean first_models.py?"
    )


def test_a_folder_or_another_kind_of_file(folder):
    (folder / "notes.txt").touch()
    assert "is not a .py or .pyc file" in refused("./notes.txt:x")
    assert "there is no file ./" in refused("./:x")


def test_a_module_that_fails(folder, capsys):
    (folder / "fifth.py").write_text("def no():\n    raise KeyError('vocab')\nno()\n")
    with pytest.raises(click.exceptions.Exit) as caught:
        resolve_target("fifth:build")
    assert caught.value.exit_code == 1
    shown = capsys.readouterr().err
    assert shown.startswith("Traceback (most recent call last):\n")
    assert 'fifth.py", line 3, in <module>' in shown
    assert shown.endswith("KeyError: 'vocab'\n")
    assert "importlib" not in shown
    assert "tracer/cli" not in shown
    with pytest.raises(click.exceptions.Exit):
        resolve_target("./fifth.py:build")
    assert "fifth" not in sys.modules
    assert capsys.readouterr().err == shown


def test_a_module_that_imports_what_is_not_there(folder, capsys):
    (folder / "sixth.py").write_text("import absent_library\n")
    with pytest.raises(click.exceptions.Exit):
        resolve_target("sixth:build")
    assert "ModuleNotFoundError: No module named 'absent_library'" in capsys.readouterr().err


def test_a_file_compiled_by_another_version(folder):
    (folder / "seventh.pyc").write_bytes(b"\0" * 32)
    assert "compiled by another version of Python than this one" in refused("seventh.pyc:build")
