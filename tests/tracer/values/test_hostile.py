"""Nothing in a text runs, whatever it says, and the error points at the character."""

from __future__ import annotations

import random
import sys
import tokenize
from types import ModuleType

import pytest
from hostile_value_cases import BOMBS, HOSTILE, LOOSE
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bytefig.configs import Buildable, iterate
from bytefig.tracer.errors import ValueLanguageError
from bytefig.tracer.values import Scope, parse_value

#: A module as a user might have one, of which everything that runs leaves a trace in FIRED.
SOURCE = """
import enum, importlib, os, pickle, shutil, socket, subprocess, sys, types
from importlib import import_module
from os import system
from pathlib import Path
from pickle import load
from shutil import rmtree
from subprocess import Popen
from subprocess import run as spawn
import functools, builtins

FIRED = []
LAYERS = [1, 2]

class Meta(type):
    def __call__(cls, *args, **kwargs):
        FIRED.append("Meta.__call__")
    def __getattr__(cls, name):
        if not name.startswith("_"):  # `inspect.signature` asks for some
            FIRED.append(f"Meta.__getattr__ {name}")
        raise AttributeError(name)
    @property
    def computed(cls):
        FIRED.append("Meta.computed")

class Trap:
    def __get__(self, instance, owner):
        FIRED.append("Trap.__get__")
    def __call__(self):
        FIRED.append("Trap.__call__")

class Model(metaclass=Meta):
    trap = Trap()
    slot = property(lambda self: FIRED.append("slot"))
    def __init__(self, *args, **kwargs):
        FIRED.append("Model.__init__")
    def __class_getitem__(cls, item):
        FIRED.append("Model.__class_getitem__")
    def method(self):
        FIRED.append("method")
    def _secret(self):
        FIRED.append("secret")

class Exiting(SystemExit):
    pass

Exiting.__module__ = "builtins"
late = functools.partial(FIRED.append, "late")

class Color(enum.Enum):
    RED = 1

def relu(x=0):
    FIRED.append("relu")

def _hidden():
    FIRED.append("_hidden")

helpers = types.ModuleType("helpers")
helpers.os = os
helpers.act = lambda: FIRED.append("act")
def __getattr__(name):
    FIRED.append(f"module getattr {name}")
    raise AttributeError(name)
"""


@pytest.fixture(scope="module")
def app():
    module = ModuleType("app_under_attack")
    sys.modules[module.__name__] = module
    exec(SOURCE, vars(module))
    yield module
    del sys.modules[module.__name__]


#: Events of ours: the text is compiled, and tracebacks are made.
OWN_EVENTS = {"builtins.id", "compile", "exec", "code.__new__", "sys._getframe"}


class Audit:
    """Collects what happens in the interpreter while it is on; a hook cannot be removed again."""

    def __init__(self):
        self.on = False
        self.events: list[str] = []
        sys.addaudithook(self)

    def __call__(self, event, args):
        if event == "open" and args[0] in ("<string>", "<the value>"):
            return  # CPython looks for the line of a syntax error, in a file that is none
        if self.on and event not in OWN_EVENTS and not event.startswith(("gc.", "object.")):
            self.events.append(f"{event} {args}")


AUDIT = Audit()


def attempt(text: str, app: ModuleType) -> object:
    """Parse a text, and make sure that nothing ran."""
    scope = Scope(app)
    app.FIRED.clear()
    AUDIT.events.clear()
    AUDIT.on = True
    try:
        return parse_value(text, None, scope)
    finally:
        AUDIT.on = False
        assert app.FIRED == []
        assert AUDIT.events == []


@pytest.fixture(scope="module", autouse=True)
def warm(app):
    """Import what is imported late."""
    for text in ("nothing", "Model()", "1 1", "f'{1}'"):
        try:
            parse_value(text, None, Scope(app))
        except ValueLanguageError as error:
            str(error)


def test_there_are_more_than_two_hundred():
    assert len({text.replace("¦", "") for text in HOSTILE}) > 250
    assert len(BOMBS) >= 30


@pytest.mark.parametrize("marked", HOSTILE, ids=lambda text: ascii(text)[:40])
def test_hostile_text_is_refused_at_its_column(marked: str, app):
    text = marked.replace("¦", "")
    with pytest.raises(ValueLanguageError) as caught:
        attempt(text, app)
    assert caught.value.column == marked.index("¦")
    assert caught.value.text == text
    lines = str(caught.value).split("\n")
    caret = next(index for index, line in enumerate(lines) if line.strip() == "^")
    shown = lines[caret - 1]
    at = lines[caret].index("^")
    start = text.rfind("\n", 0, caught.value.column) + 1
    line = text[start:].split("\n")[0]
    column = caught.value.column - start
    expected = line[column : column + 1]
    assert shown[at : at + 1] == (
        expected if expected.isprintable() else "\N{REPLACEMENT CHARACTER}"
    )
    assert lines[-1].startswith("  fix: ")


@pytest.mark.parametrize("text", LOOSE, ids=ascii)
def test_broken_text_is_refused(text: str, app):
    with pytest.raises(ValueLanguageError) as caught:
        attempt(text, app)
    assert 0 <= caught.value.column <= len(text)
    assert "fix: " in str(caught.value)


@pytest.mark.parametrize("text", BOMBS, ids=lambda text: ascii(text)[:20])
def test_a_bomb_is_refused(text: str, app):
    with pytest.raises(ValueLanguageError) as caught:
        attempt(text, app)
    assert len(str(caught.value)) < 1000
    assert 0 <= caught.value.column <= len(text)


def test_what_looks_like_a_call_of_the_module_is_recorded_and_not_called(app):
    node = attempt("Model(1, Model(x=relu(x=2)), [Model], callback=relu)", app)
    nodes = [place.value for place in iterate(node) if isinstance(place.value, Buildable)]
    assert [found.__fn_or_cls__ for found in nodes] == [app.Model, app.Model, app.relu]


PIECES = [
    *("Model", "relu", "os", "system", "__import__", "_x", "eval", "x", "Color.RED", "helpers"),
    *("(", ")", "[", "]", "{", "}", ",", ":", "=", ".", "-", "+", "*", "**", "@", "%", ";"),
    *("'a'", '"', "'", "f'", "b'", "1", "1j", "0x", "1e9", " ", "\n", "\\", "\0", "#"),
    *("lambda", "for", "in", "if", "else", "await", "yield", "not", "None", "True", ":=", "..."),
]


@settings(max_examples=300)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
@example("(\\\n")
@example("1\\")
@example("'\\")
def test_fuzzed_pieces_do_nothing(text: str):
    check_harmless(text)


@settings(max_examples=200)
@given(st.text(max_size=40))
def test_fuzzed_text_does_nothing(text: str):
    check_harmless(text)


def check_harmless(text: str) -> None:
    module = sys.modules["app_under_attack"]
    error = None
    value = None
    try:
        value = attempt(text, module)
    except ValueLanguageError as found:
        error = found
    if error is not None:
        assert 0 <= error.column <= len(text)
        assert "fix: " in str(error)
    else:
        used = [place.value for place in iterate(value) if callable(place.value)]
        used += [node.__fn_or_cls__ for node in used if isinstance(node, Buildable)]
        assert all(found not in (module.system, module.os, eval, __import__) for found in used)


def test_mutations_of_hostile_texts_do_nothing():
    rng = random.Random(20)
    cases = [text.replace("¦", "") for text in HOSTILE]
    for _ in range(400):
        left, right = rng.choice(cases), rng.choice(cases)
        check_harmless(left[: rng.randint(0, len(left))] + right[rng.randint(0, len(right)) :])


def test_instructions_are_checked_even_if_the_tokens_let_them_pass(app, monkeypatch):
    # The second line of defence, without the first.
    from bytefig.tracer.values import value_reader

    monkeypatch.setattr(value_reader, "check_tokens", lambda source: None)
    for text in (
        "lambda: 0",
        "[x for x in (1, 2)]",
        "f'{Model}'",
        "Model.__init__",
        "1 if Model else 2",
        "Model[0]",
        "Model + 1",
        "Model()()",
        "'a'.join(Model)",
        "(x := 1)",
        "Model() is None",
        "not Model",
        "~Model",
        "Model().x",
    ):
        with pytest.raises(ValueLanguageError):
            attempt(text, app)


@pytest.mark.skipif(sys.platform == "emscripten", reason="its stack is small")
def test_the_compiler_may_give_up_even_if_the_tokens_let_a_text_pass(app, monkeypatch):
    from bytefig.tracer.values import value_reader

    monkeypatch.setattr(value_reader, "check_tokens", lambda source: None)
    for text in ("-" * 20_000 + "1", "(" * 300, "9" * 5_000, "1" + "+1" * 20_000):
        with pytest.raises(ValueLanguageError, match="this is not a value"):
            attempt(text, app)


def test_no_private_name_is_looked_up_even_if_the_tokens_let_it_pass(app):
    from bytefig.tracer.values.source_text import SourceText
    from bytefig.tracer.values.trees import Name

    for parts in (("_hidden",), ("Model", "_secret"), ("Model", "__init__"), ("__builtins__",)):
        with pytest.raises(ValueLanguageError):
            Scope(app).lookup(Name(SourceText(".".join(parts), "x"), parts, 0))


def test_tokenize_agrees_with_the_compiler_about_what_ends_a_string():
    # What `check_tokens` takes for a string is one for the compiler.
    for text in (r"'\''", r'"\\"', "'''a'b'''", r"r'\''", "'a' \"b\"", r"'\\\''"):
        (token, *_) = tokenize.generate_tokens(iter([text]).__next__)
        assert text.startswith(token.string)
        assert parse_value(text) == eval(text)
