"""The wheel, the packages' names, and what importing them brings in."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from bytefig.configs import __version__

pytestmark = pytest.mark.needs_subprocess

ROOT = Path(__file__).parents[2]
PARTS = ("configs", "testing", "tracer")
USE = """
from bytefig.configs import build
from bytefig.tracer import auto_config

class Dense:
    def __init__(self, units):
        self.units = units

config = auto_config(lambda: Dense(units=1)).as_buildable()
config.units = 64
assert build(config).units == 64
"""


def run(*command: str | Path, cwd: Path | None = None) -> str:
    """Run a command without the settings that would let it import from the checkout."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env=environment,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    # From a copy: setuptools writes into the folder it builds, and would take up stale files.
    checkout = folder / "checkout"
    for name in PARTS:
        for source in (ROOT / name).rglob("*"):
            if source.is_file() and "__pycache__" not in source.parts:
                target = checkout / source.relative_to(ROOT)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(source.read_bytes())
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        (checkout / name).write_bytes((ROOT / name).read_bytes())
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, checkout)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_all_parts_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    folders = {name.split("/")[1] for name in names if name.startswith("bytefig/")}
    assert folders == {*PARTS}
    assert {name.split("/")[0].partition("-")[0] for name in names} == {"bytefig"}
    in_checkout = {
        f"bytefig/{path.relative_to(ROOT).as_posix()}"
        for half in PARTS
        for path in (ROOT / half).rglob("*.py")
    }
    assert in_checkout <= set(names), "a package is missing from [tool.setuptools] packages"
    assert not [name for name in names if "test_" in name]
    assert wheel.name.startswith(f"bytefig-{__version__}-")


def test_the_wheel_works_in_a_fresh_environment(wheel: Path, tmp_path: Path) -> None:
    fresh = tmp_path / "venv"
    run(sys.executable, "-m", "venv", "--without-pip", fresh)
    python = fresh / ("Scripts" if os.name == "nt" else "bin") / "python"
    run(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", wheel)
    found = run(
        python,
        "-c",
        USE
        + """
import sys
from importlib.resources import files
for half in ("bytefig.configs", "bytefig.tracer"):
    assert files(half).joinpath("py.typed").is_file(), half
    assert sys.modules[half].__file__.startswith(sys.prefix), sys.modules[half].__file__
print("works")
""",
        cwd=tmp_path,
    )
    assert found == "works\n"


@pytest.mark.parametrize("name", ["configs", "tracer"])
def test_a_project_may_have_a_package_of_our_folders_name(name: str, tmp_path: Path) -> None:
    package = tmp_path / name
    package.mkdir()
    (package / "__init__.py").write_text("whose = 'the project'\n")
    script = tmp_path / "main.py"  # its folder comes first on sys.path
    script.write_text(f"import {name}\n{USE}\nprint({name}.whose)\n")
    assert run(sys.executable, script) == "the project\n"


def test_importing_brings_in_attrs_only() -> None:
    found = run(
        sys.executable,
        "-c",
        """
import sys
before = set(sys.modules)
import bytefig.tracer
roots = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*sorted(roots - sys.stdlib_module_names))
""",
    )
    assert set(found.split()) - {"attrs"} == {"attr", "bytefig"}


LAZILY = """
import sys
from bytefig.tracer import auto_config

class Dense:
    def __init__(self, units):
        self.units = units

@auto_config
def model(units):
    return Dense(units)

def loaded(*rooms):
    return sorted(name for name in sys.modules if name.startswith(rooms))
"""


def test_decorating_brings_in_neither_interpreter_nor_graph() -> None:
    found = run(
        sys.executable,
        "-c",
        LAZILY
        + """
rooms = "bytefig.tracer.engine.opcodes", "bytefig.tracer.recording.r", "bytefig.configs.node."
assert model(3).units == 3
print(loaded(*rooms))
print(model.as_buildable(3), len(loaded(*rooms)) > 20)
""",
    )
    assert found == "[]\n<Config[Dense(units=3)]> True\n"


def test_many_threads_may_make_the_first_capture() -> None:
    found = run(
        sys.executable,
        "-c",
        LAZILY
        + """
import threading
together, found = threading.Barrier(8), []

def capture(units):
    together.wait()
    found.append(model.as_buildable(units).units)

threads = [threading.Thread(target=capture, args=(units,)) for units in range(8)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(sorted(found))
""",
    )
    assert found == "[0, 1, 2, 3, 4, 5, 6, 7]\n"


def test_interpreting_alone_tells_where_a_node_was_edited(tmp_path: Path) -> None:
    script = tmp_path / "edits.py"
    script.write_text("""from bytefig.configs import Config, history
from bytefig.tracer import interpret

def edit():
    node = Config(dict)
    node.units = 3
    return node

print(history(interpret(edit)())[-1].provenance)
""")
    assert "edits.py:6 in edit" in run(sys.executable, script)
