"""What documents may name: see `opening_cases`. Each through the functions and the command."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys

import opening_cases as cases
import pytest

from bytefig.configs import (
    Config,
    SerializationError,
    build,
    call_method,
    dump_json,
    load_json,
)
from bytefig.configs.permission import CALLED_BUILTINS, NAMED_BUILTINS, Allowed, names_of
from bytefig.configs.serialization.verbs import needed_to_load


@pytest.fixture
def program(tmp_path, monkeypatch):
    """The program, imported; and gone again."""
    before = set(sys.modules)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.chdir(tmp_path)
    (tmp_path / "opening_program.py").write_text(cases.PROGRAM)
    (tmp_path / "opening_helpers.py").write_text(cases.HELPERS)
    (tmp_path / "opening_package").mkdir()
    for name, text in cases.PACKAGE.items():
        (tmp_path / name).write_text(text)
    importlib.invalidate_caches()
    yield importlib.import_module("opening_program")
    for name in set(sys.modules) - before:
        if name.startswith("opening_"):
            del sys.modules[name]


def allowed_for(program):
    import logging
    import os

    return Allowed([*names_of(program), os.PathLike, logging.Logger], program.__name__)


def as_text(*nodes, **more):
    return json.dumps(cases.document(*nodes, **more))


def named(symbol):
    return as_text(root={"symbol": symbol})


@pytest.mark.parametrize("symbol", cases.CLOSED)
def test_a_document_does_not_open(symbol, program):
    for text in (
        named(symbol),
        as_text(cases.config(symbol)),
        as_text({**cases.config("builtins:dict"), "tags": {"x": [symbol]}}),
        as_text(cases.config("builtins:dict", {"x": {"symbol": symbol}})),
    ):
        for allow in ((), allowed_for(program)):
            with pytest.raises(SerializationError):
                load_json(text, allow=allow)


@pytest.mark.parametrize("symbol", cases.OPEN)
def test_a_document_opens(symbol, program):
    found = load_json(named(symbol), allow=allowed_for(program))
    assert found.__name__ == symbol.rpartition(".")[2].rpartition(":")[2]
    if not symbol.startswith("builtins:"):
        with pytest.raises(SerializationError, match="not allowed"):
            load_json(named(symbol))


@pytest.mark.parametrize("symbol", [*cases.CLOSED, *cases.OPEN])
def test_the_command_opens_the_same(symbol, program, tmp_path, capsys):
    pytest.importorskip("click")
    from bytefig.tracer.cli.entry import main

    file = tmp_path / "opened.json"
    file.write_text(as_text(cases.config("opening_program:train", {"more": {"symbol": symbol}})))
    code = main(["run", "opening_program:train", f"--config={file}", "--dry-run"])
    out, err = capsys.readouterr()
    if symbol in cases.OPEN:
        assert (code, err) == (2, "") or "model" in err  # only the model is missing
        assert "cannot load" not in err
    else:
        assert code == 2
        assert "cannot load" in err
        assert out == ""


@pytest.mark.parametrize("symbol", [*cases.CLOSED, *cases.OPEN])
def test_values_open_the_same(symbol, program):
    from bytefig.tracer.errors import ValueLanguageError
    from bytefig.tracer.values import Scope, parse_value

    scope = Scope(program, fn=program.train)
    module, name = symbol.split(":")
    if symbol in cases.OPEN and module != "builtins":
        # By the name that the program has for it, if any.
        own = parse_value(name, None, scope)
        assert own is load_json(named(symbol), allow=scope.allowed) or "small" in name
    if symbol in cases.CLOSED:
        for text in (symbol.replace(":", "."), name):
            with pytest.raises(ValueLanguageError):
                parse_value(text, None, scope)


@pytest.mark.parametrize("name", cases.COSTLY)
def test_building_with_builtins_costs_no_more_than_the_document(name):
    text = json.dumps(cases.costly(name))
    # Building them would take more memory or time than there is.
    with pytest.raises(SerializationError, match="not allowed") as caught:
        load_json(text)
    assert "allow=[..., 'builtins:" in str(caught.value)
    symbol = str(caught.value).partition("allow=[..., '")[2].partition("'")[0]
    assert isinstance(load_json(text, allow=[symbol]), Config)


@pytest.mark.parametrize("name", cases.COSTLY)
def test_the_command_refuses_the_same_costs(name, program, tmp_path, capsys):
    pytest.importorskip("click")
    from bytefig.tracer.cli.entry import main

    file = tmp_path / "costly.json"
    file.write_text(json.dumps(cases.costly(name)))
    assert main(["run", "opening_program:train", f"--config={file}"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "add it: --allow-import builtins:" in err


def test_saving_says_what_loading_needs(program, tmp_path, capsys):
    pytest.importorskip("click")
    from bytefig.tracer.cli.entry import main

    file, target = tmp_path / "saved.json", "opening_program:train"
    model = "--model=Model(inner=opening_helpers.Other())"
    allow = "--allow-import=opening_helpers"
    assert main(["run", target, model, allow, f"--save={file}", "--dry-run"]) == 0
    needed = f"bytefig run {target} --config FILE --allow-import opening_helpers\n"
    assert capsys.readouterr().err == f"to load it: {needed}"
    assert main(["run", target, f"--config={file}", "--dry-run"]) == 2
    assert main(["run", target, f"--config={file}", allow, "--dry-run"]) == 0
    capsys.readouterr()
    # Nothing but the names of the target itself.
    assert main(["run", target, "--model=Model(2)", f"--save={file}", "--dry-run"]) == 0
    assert capsys.readouterr().err == ""
    assert main(["run", target, f"--config={file}", "--dry-run"]) == 0


def test_builtins_that_are_called():
    graph = Config(
        dict,
        list=Config(list, (1, 2)),
        pairs=Config(dict, [("a", 1)]),
        set=Config(set, [1, (2, 3)]),
        number=Config(int, "7"),
        of=Config(tuple, Config(list, range(10))),
    )
    assert build(load_json(dump_json(graph))) == build(graph)
    assert all(len(reason) > 5 for reason in {**CALLED_BUILTINS, **NAMED_BUILTINS}.values())


def test_copies_of_one_value_are_counted_together():
    # Each call is harmless, but not ten thousand of them with the same list.
    items = {"id": "items", "type": "list", "items": [0] * 5000}
    calls = [cases.config("builtins:list", {"0": {"ref": "items"}}, str(n)) for n in range(3000)]
    with pytest.raises(SerializationError, match="calling list with so much is not allowed"):
        load_json(as_text(items, *calls))
    assert load_json(as_text(items, *calls[:1000])) is not None


@pytest.mark.parametrize("module", ["opening_exits", "opening_quits"])
def test_a_module_that_ends_the_program_while_it_is_imported(module, program):
    with pytest.raises(SerializationError, match=f"cannot import '{module}'"):
        load_json(named(f"{module}:x"), allow=[module])


def test_an_interrupt_passes(program):
    with pytest.raises(KeyboardInterrupt):
        load_json(named("opening_interrupts:x"), allow=["opening_interrupts"])


def test_what_a_module_of_a_package_offers_from_another(program):
    for symbol in ("opening_package:Hidden", "opening_package:Exported"):
        with pytest.raises(SerializationError, match=r"is defined in 'opening_package.inside'"):
            load_json(named(symbol), allow=["opening_package"])
        assert load_json(named(symbol), allow=[symbol])
        for more in ("opening_package.inside", "opening_package.*"):
            assert load_json(named(symbol), allow=["opening_package", more])


def test_a_package_without_its_program(program):
    text = named("opening_package.__main__:x")
    with pytest.raises(SerializationError, match="not allowed"):
        load_json(text, allow=["opening_package.*"])
    with pytest.raises(SerializationError, match="AssertionError"):
        load_json(text, allow=["opening_package.__main__"])


def test_what_does_not_say_where_it_is_from_has_to_be_allowed_by_name(program):
    text = named("opening_program:append")
    with pytest.raises(SerializationError, match="does not say where it is defined"):
        load_json(text, allow=["opening_program"])
    assert load_json(text, allow=["opening_program:append"]) is program.append


def test_functions_classes_and_methods_by_name(program):
    import pathlib

    allow = ["opening_helpers:act", "pathlib:Path.unlink", program.Model]
    assert load_json(named("opening_helpers:act"), allow=allow).__name__ == "act"
    assert load_json(named("pathlib:Path.unlink"), allow=allow) is pathlib.Path.unlink
    assert load_json(named("opening_program:Model"), allow=allow) is program.Model
    for symbol in ("pathlib:Path", "pathlib:Path.rmdir", "opening_helpers:Other"):
        with pytest.raises(SerializationError, match="not allowed"):
            load_json(named(symbol), allow=allow)


@pytest.mark.parametrize("entry", ["a:", ":b", "a:b:c", "a:_b", "a:b.__c__", "a.*:b"])
def test_names_that_are_none(entry):
    with pytest.raises(ValueError, match="neither a name of a module"):
        load_json("1", allow=[entry])


def test_what_has_to_be_allowed_to_load_what_is_saved(program):
    graph = Config(program.Model, inner=[Config(program.Helper), cases.document], more=json.dumps)
    assert needed_to_load(graph, allowed_for(program)) == ["opening_cases", "json"]
    needed = needed_to_load(graph, Allowed([]))
    assert sorted(needed) == ["json", "opening_cases", "opening_helpers", "opening_program"]
    assert load_json(dump_json(graph), allow=needed) == graph


@pytest.mark.needs_subprocess
def test_methods_in_a_process_that_has_asked_for_none():
    text = dump_json(Config(call_method, Config(json.JSONDecoder), "decode", "[1]"))
    assert "bytefig.configs:call_method" in text
    program = (
        "import sys; from bytefig.configs import build, load_json; "
        "print(build(load_json(sys.argv[1], allow=['json.decoder'])))"
    )
    done = subprocess.run([sys.executable, "-c", program, text], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[1]\n", "")
