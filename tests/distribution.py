"""Build what is released, and try it as users will install it.

    python tests/distribution.py FOLDER

The sdist is made from the files that git knows, and the wheel from the sdist. Both are checked by
twine, then installed by pip in a fresh environment of each CPython from 3.11 to 3.13 that is found,
and the wheel by uv and pipx on this one. What passes is left in the folder. The exit code is not
zero if something fails.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

from every_version import find  # beside this script

ROOT = Path(__file__).resolve().parents[1]
VERSIONS = ("3.11", "3.12", "3.13")
BIN = Path(sys.executable).parent
USE = """
import sys
from importlib.metadata import version
from importlib.resources import files
from bytefig.configs import __version__, build, to_html
from bytefig.tracer import auto_config

class Dense:
    def __init__(self, units):
        self.units = units

graph = auto_config(lambda: Dense(units=1)).as_buildable()
graph.units = 64
assert build(graph).units == 64
assert version("bytefig") == __version__, (version("bytefig"), __version__)
assert "Dense" in to_html(graph)
for half in ("bytefig.configs", "bytefig.tracer"):
    assert files(half).joinpath("py.typed").is_file(), half
    assert sys.modules[half].__file__.startswith(sys.prefix), sys.modules[half].__file__
print("works on", sys.version.split()[0])
"""


def run(*command: str | Path, cwd: Path, **more: str) -> str:
    """Run a command outside of the checkout, and return its output; leave if it fails."""
    settings = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env={**settings, **more},
    )
    if done.returncode:
        sys.exit(f"FAILED: {' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


def say(what: str, result: str) -> None:
    print(f"{what:32} {result}", flush=True)


def build(scratch: Path) -> tuple[Path, Path]:
    """Return the sdist and the wheel."""
    checkout, built = scratch / "checkout", scratch / "built"
    # Nothing that is not committed, or at least added, can get into it.
    for name in run("git", "ls-files", "-z", cwd=ROOT).strip("\0").split("\0"):
        target = checkout / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)
    run(sys.executable, "-m", "build", "--outdir", built, checkout, cwd=scratch)
    (sdist,), (wheel,) = built.glob("*.tar.gz"), built.glob("*.whl")
    with tarfile.open(sdist) as archive, zipfile.ZipFile(wheel) as other:
        say(sdist.name, f"{len(archive.getnames())} files, {sdist.stat().st_size:,} bytes")
        say(wheel.name, f"{len(other.namelist())} files, {wheel.stat().st_size:,} bytes")
    return sdist, wheel


def try_pip(version: str, files: tuple[Path, Path], scratch: Path) -> None:
    found = find(version)
    if found is None:
        say(f"Python {version}", "skipped: not found")
        return
    for file in files:
        folder = Path(tempfile.mkdtemp(dir=scratch))
        run(found[0], "-m", "venv", folder, cwd=scratch)
        python = folder / "bin" / "python"
        run(python, "-m", "pip", "install", "--quiet", f"{file}[cli]", cwd=folder)
        run(python, "-m", "pip", "check", cwd=folder)
        result = run(python, "-c", USE, cwd=folder)
        command = run(folder / "bin" / "bytefig", "--version", cwd=folder)
        kind = "wheel" if file.suffix == ".whl" else "sdist"
        say(f"pip install, {kind}, {version}", f"{result}; {command}")


def try_uv(wheel: Path, scratch: Path) -> None:
    # uv does not know pip's settings, so pip fetches what it is to install.
    wheels = scratch / "wheels"
    run(
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "-d",
        wheels,
        f"{wheel}[cli]",
        cwd=scratch,
    )
    offline = ("--no-index", "--find-links", wheels, "--python", sys.executable, "--no-config")
    settings = {"UV_CACHE_DIR": str(scratch / "uv-cache"), "UV_PYTHON_DOWNLOADS": "never"}
    environment = scratch / "uv"
    run(
        BIN / "uv",
        "venv",
        "--quiet",
        "--python",
        sys.executable,
        environment,
        cwd=scratch,
        **settings,
    )
    python = environment / "bin" / "python"
    install = (BIN / "uv", "pip", "install", "--quiet", *offline[:3], "--python", python)
    run(*install, f"{wheel}[cli]", cwd=scratch, **settings)
    say("uv pip install", run(python, "-c", USE, cwd=scratch))
    tool = (BIN / "uv", "tool", "run", "--quiet", *offline, "--from", f"bytefig[cli] @ {wheel}")
    say("uv tool run", run(*tool, "bytefig", "--version", cwd=scratch, **settings))


def try_pipx(wheel: Path, scratch: Path) -> None:
    home = {"PIPX_HOME": str(scratch / "pipx"), "PIPX_BIN_DIR": str(scratch / "pipx-bin")}
    install = (BIN / "pipx", "install", "--quiet", "--python", sys.executable, f"{wheel}[cli]")
    run(*install, cwd=scratch, **home)
    say("pipx install", run(scratch / "pipx-bin" / "bytefig", "--version", cwd=scratch))


def main(folder: Path) -> None:
    """Build, check and try; then move the files into a folder."""
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        sdist, wheel = build(scratch)
        checked = run(BIN / "twine", "--no-color", "check", "--strict", sdist, wheel, cwd=scratch)
        say("twine check --strict", " ".join(checked.split()[-1:]))
        for version in VERSIONS:
            try_pip(version, (wheel, sdist), scratch)
        try_uv(wheel, scratch)
        try_pipx(wheel, scratch)
        folder.mkdir(parents=True, exist_ok=True)
        for file in (sdist, wheel):
            shutil.copy2(file, folder / file.name)
            print(folder / file.name)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
