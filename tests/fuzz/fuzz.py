"""Feed what coverage leads to into all that reads what others wrote, with atheris: ``make fuzz``.

    python tests/fuzz/fuzz.py documents|values|policies|pyc SECONDS [CORPUS]

It ends with an error, and the input, if anything but the error for wrong input comes out, if a
module outside the allow-list is imported, or if anything is opened, run or compiled meanwhile
that is not meant to be. Half of the documents are read as text, the others as edits of documents
that dumping made. A ``.pyc`` file is cut, and its head changed; marshal itself, which is CPython's,
is not safe against what could be in its middle.
"""

from __future__ import annotations

import collections
import copy
import importlib
import importlib.util
import inspect
import json
import marshal
import sys
import tempfile
import typing
from collections.abc import Callable
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from typing import Any

import atheris
import ruamel.yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "cases"))

KIND = sys.argv[1]
INSTRUMENTED = {
    "documents": ["bytefig.configs"],
    "values": ["bytefig.tracer.values", "bytefig.configs.permission"],
    "policies": [
        "bytefig.tracer.recording.policy_file",
        "bytefig.tracer.recording.globs",
        "tomllib",
    ],
    "pyc": ["bytefig.tracer.cli.targets"],
}

with atheris.instrument_imports(include=INSTRUMENTED[KIND]):
    import click

    import bytefig.configs as bf
    from bytefig.tracer import LATEST
    from bytefig.tracer.cli import targets
    from bytefig.tracer.errors import BadUsageError, PolicyFileError, ValueLanguageError
    from bytefig.tracer.values import Scope, parse_value

    for module in ("document_reader", "yaml_text"):  # else only imported when they are needed
        importlib.import_module(f"bytefig.configs.serialization.{module}")
import serialization_cases as cases  # noqa: E402

ALLOWED = "serialization_cases"
TEXT_SIGNATURES: Any = vars(inspect)["_signature_fromstr"]
HARMFUL = ("open", "exec", "compile", "os.", "subprocess.", "socket.", "shutil.", "ctypes.", "pty.")
watching = False
harm: list[tuple[str, str]] = []


def audit(event: str, args: tuple[object, ...]) -> None:
    if not watching or event.startswith(TARGETS[KIND].own):
        return
    if event == "open" and args[0] in ("<string>", "<the value>"):
        return  # CPython looks for the line of a syntax error, in a file that is none
    if event == "import" and args[0] != ALLOWED or event.startswith(HARMFUL):
        if event != "compile" or not reads_text_signature():
            harm.append((event, repr(args)[:200]))


def reads_text_signature() -> bool:
    """Tell whether `inspect` compiles what a builtin such as `list` says of its own parameters."""
    frame = sys._getframe(2)
    while frame is not None and frame.f_code is not TEXT_SIGNATURES.__code__:
        frame = frame.f_back
    return frame is not None


def sample() -> str:
    graph = bf.Config(cases.positional, 1, 2, {"k": (1, 2.5)}, kind=cases.Colour.RED)
    graph.laid = [collections.OrderedDict(a=1), collections.deque([2], 3), slice(1, None)]
    graph.more = [frozenset([1, b"x"]), cases.Pair(len, None), {1: list[int]}, 1j]
    graph.rights = cases.Permission.READ | cases.Permission.RUN
    bf.add_tag(graph, 0, cases.Width)
    graph.other = bf.Partial(cases.Layer, inner=bf.Config(cases.Layer.Derived.make))
    return bf.dump_json(graph, provenance=True, history=True)


SAMPLE = sample()
ATOMS: list[Any] = [
    *(None, True, 0, -1, 2**70, 0.5, "", "a", "0", "os:system", [], {}, {"ref": "x"}, [[]]),
    *("builtins:list", "builtins:sorted", "builtins:eval"),
    *("this:x", "serialization_cases:two", "serialization_cases:Layer", "tuple", "set", "alias"),
    *("namedtuple", "codec", "dict", "defaultdict", "functools.partial", {"symbol": "this:x"}),
    *({"constant": "Ellipsis"}, {"date": "2020-01-01"}, {"tzinfo": {"zone": "UTC"}}),
    *(
        {"enum": ["serialization_cases:Colour", "RED"]},
        {"range": [1, 2, 3]},
        {"path": ["Path", ""]},
    ),
]


def places(document: Any) -> list[tuple[Any, Any]]:
    found, pending = [], [document]
    while pending:
        inside = pending.pop()
        for key, value in inside.items() if isinstance(inside, dict) else enumerate(inside):
            found.append((inside, key))
            if isinstance(value, dict | list):
                pending.append(value)
    return found


def edited(provider: atheris.FuzzedDataProvider) -> str:
    document = json.loads(SAMPLE)
    for _ in range(provider.ConsumeIntInRange(1, 5)):
        known = places(document)
        if not known:
            break
        inside, key = known[provider.ConsumeIntInRange(0, len(known) - 1)]
        action = provider.ConsumeIntInRange(0, 4)
        if action == 0:
            del inside[key]
        elif action == 1:
            atom = ATOMS[provider.ConsumeIntInRange(0, len(ATOMS) - 1)]
            inside[key] = copy.deepcopy(atom)  # a later edit may change it
        elif action == 2:
            other, place = known[provider.ConsumeIntInRange(0, len(known) - 1)]
            inside[key] = json.loads(json.dumps(other[place]))
        elif action == 3 and isinstance(inside, dict):
            inside[provider.ConsumeUnicode(12)] = inside.pop(key)
        else:
            inside[key] = provider.ConsumeUnicode(40)
    return json.dumps(document)


def watched(work: Callable[[], object], expected: tuple[type[BaseException], ...]) -> None:
    """Do something; only some errors may come out, and no harm may be done meanwhile."""
    global watching
    watching = True
    try:
        work()
    except expected:
        pass
    finally:
        watching = False
    if harm:
        raise RuntimeError(f"{harm}")


def attempt(load: Any, text: str) -> None:
    watched(lambda: load(text, allow=[ALLOWED]), (bf.SerializationError,))


def one_document(data: bytes) -> None:
    provider = atheris.FuzzedDataProvider(data)
    way = provider.ConsumeIntInRange(0, 3)
    text = edited(provider) if way < 2 else provider.ConsumeUnicode(sys.maxsize)
    attempt(bf.load_yaml if way in (1, 3) else bf.load_json, text)


HINTS: list[Any] = [
    *(None, int, float, bool, str, bytes, Path, list[int], dict[str, int], tuple[int, str]),
    *(typing.Literal["a", 1], int | str | None, set[int], cases.Colour, cases.Layer, type),
    *(cases.Point, cases.Typed, typing.Callable, object, list[cases.Layer], cases.Permission),
]
PIECES = [
    *("Layer", "two", "Colour.RED", "Layer.Nested.make", "instance", "number", "_hidden", "x"),
    *("os", "os.system", "__import__", "eval", "Config", "Partial", "None", "True", "inf", "nan"),
    *("(", ")", "[", "]", "{", "}", ",", ":", "=", ".", "-", "*", "**", "'", '"', "b'", "f'"),
    *("1", "0x", "1e9", "1j", "_", " ", "\\", "\n", "#", "lambda", "for", "in", "if", ":=", "\0"),
]
SCOPE = Scope(cases, fn=cases.Layer)


def one_value(data: bytes) -> None:
    provider = atheris.FuzzedDataProvider(data)
    hint = HINTS[provider.ConsumeIntInRange(0, len(HINTS) - 1)]
    if provider.ConsumeBool():
        count = provider.ConsumeIntInRange(1, 30)
        indices = provider.ConsumeIntListInRange(count, 0, len(PIECES) - 1)
        text = "".join(PIECES[index] for index in indices)
    else:
        text = provider.ConsumeUnicode(sys.maxsize)
    watched(lambda: parse_value(text, hint, SCOPE), (ValueLanguageError,))


POLICY = (
    '[[rule]]\nmatch = "json.load*"\ndecision = "record"\nreason = "a reason"\n\n'
    "[[rule]]\nmatch = '*.[a-f]?'\ndecision = \"exempt\"\n"
)
SCRATCH = Path(tempfile.mkdtemp())


def one_policy(data: bytes) -> None:
    file = SCRATCH / "policy.toml"
    file.write_bytes(data)
    watched(lambda: LATEST.extend_from(file), (PolicyFileError,))


COMPILED = marshal.dumps(compile("def build():\n    return dict(a=1)\n", "built.py", "exec"))
HEAD = importlib.util.MAGIC_NUMBER + bytes(12)


def one_pyc(data: bytes) -> None:
    provider = atheris.FuzzedDataProvider(data)
    way = provider.ConsumeIntInRange(0, 3)
    head = provider.ConsumeBytes(16) if way == 0 else HEAD
    body = COMPILED[: provider.ConsumeIntInRange(0, len(COMPILED))]
    if way == 2:
        body = marshal.dumps(provider.ConsumeUnicode(100))
    elif way == 3:
        body = COMPILED + provider.ConsumeBytes(100)
    file = SCRATCH / "built.pyc"
    file.write_bytes(head + body)
    sys.modules.pop("built", None)
    # The traceback of a module that fails is printed.
    with redirect_stderr(StringIO()):
        watched(
            lambda: targets.resolve_target(f"{file}:build"), (BadUsageError, click.exceptions.Exit)
        )


class Target(typing.NamedTuple):
    """What is fuzzed.

    Attributes:
        run: Takes one input.
        seeds: Inputs to begin with, by their names.
        own: The events that are its own work.
    """

    run: Callable[[bytes], None]
    seeds: dict[str, bytes]
    own: tuple[str, ...]


TARGETS: dict[str, Target] = {
    # The provider reads numbers from the end: 2 and 3 choose the text as it is.
    "documents": Target(
        one_document, {f"sample-{way}": SAMPLE.encode() + bytes([way]) for way in (2, 3)}, ()
    ),
    "values": Target(one_value, {"value": b"Layer(8, inner=[two(x=1)])"}, ("compile", "exec")),
    "policies": Target(one_policy, {"policy": POLICY.encode()}, ("open",)),
    "pyc": Target(
        one_pyc, {"pyc": b"\1"}, ("open", "exec", "compile", "os.", "import", "marshal.")
    ),
}


def warm_up() -> None:
    """Import what is imported at the first use, which is not the work of an input."""
    if KIND == "documents":
        attempt(bf.load_json, SAMPLE)
        attempt(bf.load_json, SAMPLE.replace('"inner"', '"innner"'))
        bf.load_yaml(bf.dump_yaml(1))
        # It looks into its own folder for plug-ins each time.
        ruamel.yaml.YAML.official_plug_ins = lambda _: []
        return
    for text in ("Layer(8, nothing=1)", "nothing", "f'{1}'", "1 1", "'"):
        watched(lambda text=text: parse_value(text, None, SCOPE), (ValueLanguageError,))
    for data in TARGETS[KIND].seeds.values():
        TARGETS[KIND].run(data)


def main() -> None:
    target = TARGETS[KIND]
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(sys.argv[3]) if len(sys.argv) > 3 else Path(folder)
        corpus.mkdir(parents=True, exist_ok=True)
        for name, data in target.seeds.items():
            (corpus / name).write_bytes(data)
        warm_up()
        sys.addaudithook(audit)
        options = [f"-max_total_time={sys.argv[2]}", "-max_len=8192", "-print_final_stats=1"]
        artifacts = f"-artifact_prefix={corpus.parent}/"
        atheris.Setup([sys.argv[0], *options, artifacts, str(corpus)], target.run)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
