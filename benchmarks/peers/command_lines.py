"""Give the same command lines to bytefig and to NeMo Run, and write the page that compares them.

    python benchmarks/peers/command_lines.py docs/examples/command_lines/beside_nemo_run.md

Run by ``make command-lines``, in an environment that has both.
"""

import copy
import importlib.metadata
import logging
import os
import platform
import re
import shlex
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import command_line_program as program
import nemo_run
from click.testing import CliRunner
from nemo_run.cli.cli_parser import parse_cli_args

from bytefig.tracer.cli.app import app

#: The kind, the words, and those of NeMo Run where it writes the same otherwise.
LINES: Final[list[tuple[str, str, str | None]]] = [
    ("values", "model=Model(width=3)", None),
    ("values", "model=Model", "model=Model()"),
    ("values", "epochs=3", None),
    ("values", "epochs=3.0", None),
    ("values", "epochs=abc", None),
    ("values", "lr=1e-3", None),
    ("values", "lr=3", None),
    ("values", "name=a=b", None),
    ("values", '"name=a b"', None),
    ("values", "name=123", None),
    ("values", "verbose=true", None),
    ("values", "verbose=yes", None),
    ("values", "verbose=2", None),
    ("choices", "precision=bf16-mixed", None),
    ("choices", "precision='bf16-mixed'", None),
    ("choices", "precision=bf17", None),
    ("choices", "act=TANH", None),
    ("choices", "act=2", None),
    ("choices", "act=TANG", None),
    ("choices", "rights=READ|WRITE", None),
    ("None", "maybe=None", None),
    ("None", "maybe=null", None),
    ("None", "maybe=none", None),
    ("None", "note=null", None),
    ("None", "note=None", None),
    ("containers", '"sizes=[3, 4]"', None),
    ("containers", "sizes=[3,x]", None),
    ("containers", "sizes[0]=9", None),
    ("containers", '"pair=(3, b)"', None),
    ("containers", "\"pair=(3, 'b')\"", None),
    ("containers", "pair=(3,)", None),
    ("containers", "\"table={'a': 1}\"", None),
    ("containers", "\"table={'a': 'x'}\"", None),
    ("containers", "\"table['a']=1\"", None),
    ("text", "path=/a/b-c.txt", None),
    ("callables", "fn=relu", None),
    ("callables", "fn=os.system", None),
    ("callables", "fn=nothing", None),
    ("paths", "model=Model model.width=256", "model=Model() model.width=256"),
    ("paths", "model.width=256", None),
    ("paths", "model=Model model.size.width=3", "model=Model() model.size.width=3"),
    ("paths", "optimizer.lr=1", None),
    ("paths", "optimizer.betas[0]=0.5", None),
    ("paths", "optimizer.lrr=1", None),
    ("paths", "layers[0].width=7", None),
    ("paths", "layers[5].width=7", None),
    ("paths", "epochs.x=7", None),
    ("paths", "--optimizer.lr=1", None),
    ("paths", "--epochs=3", None),
    ("paths", "--verbose", None),
    ("paths", "--no-verbose", None),
    ("paths", "--lr 0.5", None),
    ("signs", "epochs+=2", None),
    ("signs", "epochs-=2", None),
    ("signs", "lr*=2", None),
    ("signs", "epochs/=2", None),
    ("signs", "epochs/=3", None),
    ("signs", "sizes+=[3]", None),
    ("signs", "sizes+=3", None),
    ("signs", "rights|=WRITE", None),
    ("signs", "optimizer.lr*=10", None),
    ("signs", "epochs+=x", None),
    ("presets", "model=big", None),
    ("presets", "model=big(8)", None),
    ("presets", "model=big(n=8) model.depth=5", None),
    ("presets", "model=plain(8)", None),
    ("presets", "model=bigg", None),
    ("presets", "model=big(m=8)", None),
    ("by position", "Model 'Adam(lr=1)' 7", None),
    ("by position", "Model Adam 1 2 n yes 32 READ RELU [] \"(1,'a')\" {} 1 n p relu [] 9", None),
    ("files", "--config a.yaml", "@a.yaml"),
    ("files", "model=@m.yaml", None),
    ("files", "model=@none.yaml", None),
    ("files", "--config a.yaml --config b.yaml", "@a.yaml @b.yaml"),
    ("mistakes", "epoch=3", None),
    ("mistakes", "epochs=a lrr=3 optimizer.lr=x", None),
    ("mistakes", "model=Model epochs", "epochs"),
    ("mistakes", "=3", None),
    ("mistakes", "model=Modle()", None),
    ("mistakes", "model=Adam()", None),
    ("mistakes", "epochs=2**10**10", None),
    ("mistakes", "\"fn=__import__('os').system('echo ran')\"", None),
    ("files", "--config wrong.yaml", "@wrong.yaml"),
    ("files", "--config target.yaml", "@target.yaml"),
    ("files", "--config shared.yaml", "@shared.yaml"),
]
#: The same for the function `more`.
MORE: Final[list[tuple[str, str, str | None]]] = [
    ("annotations", "cell.value=3", None),
    ("annotations", "cell.value=x", None),
    ("annotations", "cell.value=1 cell.inner.value=2", None),
    ("annotations", "steps=3", None),
    ("annotations", "size.width=7", None),
    ("annotations", "stesp=3", None),
    ("annotations", "wait=2m", None),
    ("annotations", "wait=soon", None),
    ("choices", "device=cuda:0", None),
    ("choices", "device=lambda", None),
    ("choices", "device=cuda:1", None),
]

#: The files that some of the words name.
FILES: Final = {
    "a.yaml": "model: {width: 77}\nepochs: 4\n",
    "b.yaml": "epochs: 5\n",
    "m.yaml": "_target_: command_line_program.Model\nwidth: 12\n",
    "wrong.yaml": "model:\n  width: 3\n  dept: 4\n",
    "target.yaml": "model: {_target_: command_line_program.big, n: 5}\n",
    "shared.yaml": "model: {size: &s {width: 7}}\nlayers: [*s, *s]\n",
}
#: Command lines that only NeMo Run takes, and why that is right.
REASONS: Final = {
    "note=null": "where text would fit as well, bytefig asks which is meant",
    "epochs/=3": "it makes a fraction of an int",
}
_SHOWN: Final = 120


class Answer(NamedTuple):
    """Whether words were taken, and what was made of them or said about them."""

    taken: bool
    text: str


def ours(function: str, words: list[str]) -> Answer:
    """Return the answer of ``bytefig run --dry-run``."""
    name, value = _REQUIRED[function]
    added = [] if _gives(words, name) else [f"--{name}={value}"]
    words = [*words, *added]
    done = CliRunner().invoke(app, ["run", f"{program.__name__}:{function}", *words, "--dry-run"])
    lines = done.output.splitlines()
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    if done.exit_code:
        several = re.match(r"bytefig: (?!1 )\d+ \w+ cannot be made", lines[0])
        counted = re.search(r"\d+ \w+ (cannot be made|do(es)? not fit)$", lines[0])
        said = lines[:2] if several else lines[1:2] if counted else lines[:1]
        return Answer(False, " / ".join(line.strip().removeprefix("bytefig: ") for line in said))
    shown = [line.lstrip("│├└─ ") for line in lines[1:]]
    hidden = ("model: <Config[Model]>", "cell: <Config[Cell]>", "value = 1") if added else ()
    return Answer(True, "; ".join(each for each in shown if each not in hidden))


#: What bytefig demands: NeMo Run makes a graph without it.
_REQUIRED: Final = {"train": ("model", "Model"), "more": ("cell", "Cell(1)")}


def theirs(function: str, words: list[str]) -> Answer:
    """Return the answer of NeMo Run's parser."""
    called = getattr(program, function)
    defaults = copy.deepcopy(called.__defaults__)
    try:
        made = parse_cli_args(called, words)
    except BaseException as error:  # it exits, too
        text = str(error).replace("Failed to parse 'Error parsing argument: ", "")
        return Answer(False, f"{type(error).__name__}: {text}".splitlines()[0])
    finally:
        called.__defaults__ = defaults  # ``+=`` changes the default itself
    arguments: dict[str, Any] = made.__arguments__
    return Answer(True, "; ".join(f"{name}={value!r}" for name, value in arguments.items()))


def _gives(words: list[str], name: str) -> bool:
    """Tell whether words have an argument of the name, be it by position."""
    first = words[0] if words else ""
    by_position = not re.match(r"-|=|@|[\w.\[\]']+[-+*/|]?=", first)
    return by_position or any(re.match(rf"--config|(--)?{name}\b", word) for word in words)


def rows() -> Iterator[tuple[str, str, Answer, Answer]]:
    """Yield the kind of each command line, how it is written, and both answers."""
    for function, lines in (("train", LINES), ("more", MORE)):
        for kind, words, others in lines:
            written = f"`{words}`" + (f" (NeMo Run: `{others}`)" if others else "")
            answers = (
                ours(function, shlex.split(words)),
                theirs(function, shlex.split(others or words)),
            )
            yield kind, written, *answers


def cell(answer: Answer) -> str:
    """Return an answer as the text of a cell of a table."""
    text = re.sub(
        r" at 0x[0-9a-f]+", "", answer.text if answer.taken else f"refused: {answer.text}"
    )
    text = text.replace(f"{program.__name__}.", "")
    if len(text) > _SHOWN:
        text = f"{text[: _SHOWN - 3]}..."
    return text.replace("<", "&lt;").replace("|", "\\|").replace("`", "'")


def page() -> str:
    """Return the page, as Markdown.

    Raises:
        SystemExit: NeMo Run takes a command line that bytefig refuses without a reason.
    """
    found = list(rows())
    taken = [written for _, written, mine, other in found if other.taken and not mine.taken]
    wrong = [each for each in taken if each.strip("`") not in REASONS]
    if wrong:
        raise SystemExit(f"only NeMo Run takes, without a reason: {', '.join(wrong)}")
    only_ours = sum(mine.taken and not other.taken for _, _, mine, other in found)
    version = importlib.metadata.version("nemo-run").partition("+")[0]
    reasons = "\n".join(f"- {each}: {REASONS[each.strip('`')]}." for each in taken)
    table = "\n".join(
        f"| {kind} | {written.replace('|', chr(92) + '|')} | {cell(mine)} | {cell(other)} |"
        for kind, written, mine, other in found
    )
    return f"""# Beside NeMo Run

{len(found)} command lines for the same functions, answered by bytefig and by NeMo Run {version}
(its `parse_cli_args`, on Python {platform.python_version()}). The functions are in
`benchmarks/peers/command_line_program.py`; `big(n: int = 64)` is a preset, a registered factory for
NeMo Run. What is shown is what the arguments are; where the words say nothing of the model,
`--model=Model` was added for bytefig, which demands one, and `--cell=Cell(1)` likewise.
`make command-lines` writes this page.

{only_ours} are taken by bytefig only, {len(taken)} by NeMo Run only:

{reasons}

| kind | words | bytefig | NeMo Run {version} |
|---|---|---|---|
{table}
"""


def main(target: Path) -> None:
    """Write the page."""
    logging.disable()  # NeMo Run logs what it raises, too
    nemo_run.cli.factory(_factory)
    with tempfile.TemporaryDirectory() as folder:
        for name, text in FILES.items():
            Path(folder, name).write_text(text)
        here = Path.cwd()
        os.chdir(folder)
        try:
            text = page()
        finally:
            os.chdir(here)
    target.write_text(text)


def _factory(n: int = 64) -> nemo_run.Config[program.Model]:
    return nemo_run.Config(program.Model, width=n)


_factory.__name__ = "big"

if __name__ == "__main__":
    main(Path(sys.argv[1]))
