"""Run the same calls of the four programs, and write what they print to transcripts.md.

    python docs/examples/command_lines/transcripts.py PYTHON

PYTHON is one that has tyro, jsonargparse, hydra-zen and scikit-learn; this one has bytefig.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
CALLS = {
    "a run, with the defaults": {
        "bytefig": [],
        "tyro": [],
        "jsonargparse": [],
        "hydra_zen": [],
    },
    "a value in a nested default, of which the rest is kept": {
        "bytefig": ["model.steps=300", "split.seed=1"],
        "tyro": ["--split.seed", "1", "model:logistic", "--model.steps", "300"],
        "jsonargparse": ["--model.steps=300", "--split.seed=1"],
        "hydra_zen": ["model.steps=300", "split.seed=1"],
    },
    "a preset, and a value in it": {
        "bytefig": ["model=deep", "model.depth=4"],
        "tyro": ["model:deep", "--model.depth", "4"],
        "jsonargparse": ["--model=Forest", "--model=deep.yaml", "--model.depth=4"],
        "hydra_zen": ["model=deep", "model.depth=4"],
    },
    "a choice that is none": {
        "bytefig": ["model.solver=newton"],
        "tyro": ["model:logistic", "--model.solver", "newton"],
        "jsonargparse": ["--model.solver=newton"],
        "hydra_zen": ["model.solver=newton"],
    },
    "two mistakes at once": {
        "bytefig": ["model.stesp=3", "split.seed=x"],
        "tyro": ["--split.seed", "x", "model:logistic", "--model.stesp", "3"],
        "jsonargparse": ["--model.stesp=3", "--split.seed=x"],
        "hydra_zen": ["model.stesp=3", "split.seed=x"],
    },
    "help": {name: ["--help"] for name in ("bytefig", "tyro", "jsonargparse", "hydra_zen")},
}


def lines_of_code(name: str) -> int:
    """Count the lines of a program that are neither blank nor its docstrings."""
    text = (HERE / f"with_{name}.py").read_text()
    parts = text.split('"""')
    return sum(1 for line in "".join(parts[::2]).splitlines() if line.strip())


def transcript(python: str, name: str, words: list[str]) -> str:
    """Return a call as it is written, with what it prints, and the exit code if that is not 0."""
    program = [sys.executable if name == "bytefig" else python, f"with_{name}.py"]
    env = {**os.environ, "HYDRA_FULL_ERROR": "0", "COLUMNS": "100", "NO_COLOR": "1", "TERM": "dumb"}
    extra = [] if name != "hydra_zen" else ["hydra.run.dir=/tmp", "hydra.job.chdir=false"]
    extra = [] if "--help" in words else extra
    made = subprocess.run(
        [*program, *words, *extra],
        cwd=HERE,
        env=env,
        text=True,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    libraries = r"\S*/(?=site-packages/)"
    printed = re.sub(libraries, "", made.stdout.replace(str(HERE), "...")).rstrip()
    code = f"\n[exit code {made.returncode}]" if made.returncode else ""
    return f"$ python with_{name}.py {' '.join(words)}".rstrip() + f"\n{printed}{code}\n"


def main(python: str) -> None:
    """Write the page."""
    page = ["# One training, four command lines\n"]
    page.append("Written by `transcripts.py`; the programs are beside it.\n")
    page.append("| | lines of code |\n|---|---|")
    page += [f"| {name} | {lines_of_code(name)} |" for name in CALLS["help"]]
    for title, calls in CALLS.items():
        page.append(f"\n## {title.capitalize()}\n")
        for name, words in calls.items():
            page.append(f"```console\n{transcript(python, name, words)}```\n")
    text = "\n".join(line.rstrip() for line in "\n".join(page).splitlines())
    (HERE / "transcripts.md").write_text(f"{text}\n")


if __name__ == "__main__":
    main(sys.argv[1])
