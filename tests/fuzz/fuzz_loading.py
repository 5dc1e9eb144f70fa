"""Feed documents that coverage leads to into the loaders, with atheris: ``make fuzz``.

    python tests/fuzz/fuzz_loading.py SECONDS [CORPUS]

It ends with an error, and the document, if anything but a `SerializationError` comes out, if a
module outside the allow-list is imported, or if anything is opened, run or compiled meanwhile.
Half of the inputs are read as text, the others as edits of documents that dumping made.
"""

from __future__ import annotations

import collections
import copy
import importlib
import inspect
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import atheris
import ruamel.yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "cases"))

with atheris.instrument_imports(include=["bytefig.configs"]):
    import bytefig.configs as bf

    for module in ("loading", "yaml_text"):  # else only imported when they are needed
        importlib.import_module(f"bytefig.configs.serialization.{module}")
import serialization_cases as cases

ALLOWED = "serialization_cases"
TEXT_SIGNATURES: Any = vars(inspect)["_signature_fromstr"]
HARMFUL = ("open", "exec", "compile", "os.", "subprocess.", "socket.", "shutil.", "ctypes.", "pty.")
watching = False
harm: list[tuple[str, str]] = []


def audit(event: str, args: tuple[object, ...]) -> None:
    if watching and (event == "import" and args[0] != ALLOWED or event.startswith(HARMFUL)):
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


def attempt(load: Any, text: str) -> None:
    global watching
    watching = True
    try:
        load(text, allow=[ALLOWED])
    except bf.SerializationError:
        pass
    finally:
        watching = False
    if harm:
        raise RuntimeError(f"{harm} while loading {text!r}")


def one_input(data: bytes) -> None:
    provider = atheris.FuzzedDataProvider(data)
    way = provider.ConsumeIntInRange(0, 3)
    text = edited(provider) if way < 2 else provider.ConsumeUnicode(sys.maxsize)
    attempt(bf.load_yaml if way in (1, 3) else bf.load_json, text)


def main() -> None:
    seconds = int(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(folder)
        corpus.mkdir(parents=True, exist_ok=True)
        # The provider reads numbers from the end: 2 and 3 choose the text as it is.
        for way in (b"\2", b"\3"):
            (corpus / f"sample-{way[0]}").write_bytes(SAMPLE.encode() + way)
        # What is imported at the first use is not the work of a document.
        attempt(bf.load_json, SAMPLE)
        attempt(bf.load_json, SAMPLE.replace('"inner"', '"innner"'))
        bf.load_yaml(bf.dump_yaml(1))
        # It looks into its own folder for plug-ins each time.
        ruamel.yaml.YAML.official_plug_ins = lambda _: []
        sys.addaudithook(audit)
        options = [f"-max_total_time={seconds}", "-max_len=8192", "-print_final_stats=1"]
        artifacts = f"-artifact_prefix={corpus.parent}/"
        atheris.Setup([sys.argv[0], *options, artifacts, str(corpus)], one_input)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
