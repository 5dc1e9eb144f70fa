"""Run the comparison on every Python that has the peers, and write the tables and the plot.

Each version has an environment of its own in ``.venvs``, made of pinned versions. The figures are
written into ``benchmarks/results``. ``PYTHON_VERSIONS``, such as "3.11 3.12", restricts what is
run; the figures of the others stay. ``BENCH_ARGUMENTS`` are passed on to ``compare.py``. With
``BENCH_ARGUMENTS=--processes`` memory and growth are measured again, and the other figures stay.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import platform
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
RESULTS = HERE.parent / "results"
VERSIONS = ("3.11", "3.12", "3.13")
REQUIREMENTS = HERE / "requirements.txt"
#: Apart from the others, since it does not install everywhere.
NEMO_RUN = HERE / "requirements-nemo.txt"

sys.path.insert(0, str(ROOT / "tests"))
import every_version  # noqa: E402 - it is there only now


def environment(version: str, python: Path) -> Path:
    """Return the interpreter of the environment of a version, which is made if need be."""
    folder = ROOT / ".venvs" / f"bench-{version}"
    inside, stamp = folder / "bin" / "python", folder / ".up-to-date"
    parts = [path.read_bytes() for path in (REQUIREMENTS, NEMO_RUN, ROOT / "pyproject.toml")]
    wanted = hashlib.sha256(b"\0".join([*parts, os.fsencode(python)])).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return inside
    print(f"making the environment in {folder.relative_to(ROOT)}", flush=True)
    subprocess.run([python, "-m", "venv", "--clear", folder], check=True)
    install = [inside, "-m", "pip", "install", "--quiet"]
    subprocess.run([*install, "--editable", ROOT, "--requirement", REQUIREMENTS], check=True)
    if subprocess.run([*install, "--requirement", NEMO_RUN], check=False).returncode:
        print(f"NeMo Run does not install on {version}; its rows are left out", file=sys.stderr)
    stamp.write_text(wanted)
    return inside


def run(inside: Path, script: str, *arguments: str, tier: str = "auto") -> None:
    """Run one of the scripts beside this one."""
    variables = {**os.environ, "PYTHONPATH": str(HERE.parent), "BYTEFIG_TIER": tier}
    command = [inside, "-W", "ignore", HERE / script, *arguments]
    subprocess.run(command, check=True, env=variables)


def figures(version: str, python: Path, arguments: list[str]) -> dict[str, Any]:
    """Measure everything on one version."""
    inside = environment(version, python)
    started = time.monotonic()
    versions: dict[str, str] = {}
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as scratch:
        output = Path(scratch) / "output.json"
        for tier in ("auto", "interpret"):
            print(f"\n=== Python {version}, tier {tier} ===", flush=True)
            run(inside, "compare.py", "--output", str(output), *arguments, tier=tier)
            document = json.loads(output.read_text())
            versions = document["versions"]
            rows += document["rows"]
        if not arguments:
            rows += process_rows(inside)
    return {
        "python": full_version(inside),
        "versions": {**versions, **peer_versions(inside)},
        "machine": machine(),
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "minutes": round((time.monotonic() - started) / 60, 1),
        "rows": rows,
    }


def process_rows(inside: Path) -> list[dict[str, Any]]:
    """Measure memory and growth."""
    with tempfile.TemporaryDirectory() as scratch:
        output = Path(scratch) / "output.json"
        run(inside, "processes.py", str(output))
        return json.loads(output.read_text())


def with_process_rows(path: Path, inside: Path) -> dict[str, Any]:
    """Return the figures that a file holds, with memory and growth measured again."""
    document = json.loads(path.read_text())
    rows = process_rows(inside)
    again = {(row["what"], row["against"]) for row in rows}
    kept = [row for row in document["rows"] if (row["what"], row["against"]) not in again]
    return {**document, "rows": [*kept, *rows]}


def full_version(inside: Path) -> str:
    command = [inside, "-c", "import platform; print(platform.python_version())"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def peer_versions(inside: Path) -> dict[str, str]:
    """Return what is installed, as far as it is measured but not imported by `compare.py`."""
    command = [inside, "-m", "pip", "list", "--format", "json"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    wanted = ("attrs", "bytecode", "scikit-learn", "torch", "x-python", "xdis")
    return {each["name"]: each["version"] for each in json.loads(listed) if each["name"] in wanted}


def machine() -> dict[str, Any]:
    """Return what the figures depend on besides the versions."""
    model = platform.processor()
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                model = value.strip()
    return {"processor": model, "cores": os.cpu_count(), "system": platform.system()}


def main() -> int:
    wanted = os.environ.get("PYTHON_VERSIONS", "").split() or VERSIONS
    arguments = shlex.split(os.environ.get("BENCH_ARGUMENTS", ""))
    measured = [version for version in VERSIONS if version in wanted]
    inside = None
    for version in measured:
        found = every_version.find(version)
        if found is None:
            print(f"Python {version}: no interpreter found", file=sys.stderr)
            continue
        inside = environment(version, found[0])
        path = RESULTS / f"peers-{version}.json"
        if arguments == ["--processes"]:
            document = with_process_rows(path, inside)
        else:
            document = figures(version, found[0], arguments)
            if arguments:
                continue  # only a part of the rows: shown, not kept
        RESULTS.mkdir(exist_ok=True)
        path.write_text(json.dumps(document, indent=1) + "\n")
        run(inside, "report.py", str(RESULTS))
    return int(inside is None)


if __name__ == "__main__":
    sys.exit(main())
