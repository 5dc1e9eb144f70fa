"""Globals and ``__builtins__`` that are subclasses of dict: CPython asks some of their methods."""

import builtins
import collections
import sys
import textwrap
import types

import pytest

from bytefig.tracer import interpret

seen = []


def lazily(name):
    values = {
        "lazy": "lazy",
        "lazy_function": lambda x: x * 2,
        "lazy_type": int,
        "lazy_error": KeyError,
        "lazy_number": 2,
    }
    if name not in values:
        raise KeyError(name)
    return values[name]


class Missing(dict):
    def __missing__(self, name):
        seen.append(name)
        return lazily(name)


class GetItem(dict):
    def __getitem__(self, name):
        seen.append(name)
        return super().__getitem__(name) if name in self else lazily(name)


class OtherMethods(dict):
    """Methods that CPython does not ask."""

    def get(self, name, default=None):
        return "wrong"

    def __contains__(self, name):
        return False

    def __setitem__(self, name, value):
        seen.append(("set", name))

    def __delitem__(self, name):
        seen.append(("delete", name))

    def pop(self, name, *default):
        seen.append(("pop", name))

    def setdefault(self, name, value=None):
        seen.append(("setdefault", name))


class Fails(dict):
    def __missing__(self, name):
        raise OSError(name)


class Default(collections.defaultdict):
    def __init__(self, *args):
        super().__init__(lambda: 3, *args)


BODIES = {
    "load": "return lazy",
    "load builtin": "return len([1])",
    "call": "return lazy_function(3)",
    "loop": "total = 0\nfor _ in range(5): total += lazy_number\nreturn total",
    "store": "global stored\nstored = 1\nreturn dict.get(globals(), 'stored')",
    "delete": "global stored\nstored = 1\ndel stored\nreturn 'stored' in dict.keys(globals())",
    "delete missing": "global stored\ndel stored",
    "undefined": "return nothing_here",
    "undefined context": "try: nothing_here\nexcept NameError as error: return error.__context__",
    "class": "class Made: value = lazy\nreturn Made.value",
    "class builtin": "class Made: value = len([1])\nreturn Made.value",
    "class global": "class Made:\n global made\n made = 2\n value = made\nreturn Made.value",
    "annotations": "class Made: x: lazy_type = 1\nreturn Made.__annotations__",
    "method": "class Made:\n def value(self): return lazy\nreturn Made().value()",
    "super": (
        "class Base:\n def value(self): return 1\n"
        "class Made(Base):\n def value(self): return super().value()\nreturn Made().value()"
    ),
    "import": "import math\nreturn math.pi",
    "import from": "from math import pi\nreturn pi",
    "nested": "def inner(): return lazy\nreturn inner()",
    "lambda": "return (lambda: lazy)()",
    "comprehension": "return [lazy for _ in range(2)]",
    "generator": "return list(lazy for _ in range(2))",
    "except": "try: {}[1]\nexcept lazy_error as error: return error.args",
    "assert": "assert lazy == 'lazy'\nreturn 1",
    "decorator": "@lazy_function\ndef inner(): pass\nreturn inner",
    "default": "def inner(x=lazy): return x\nreturn inner()",
    "exec": "exec('x = lazy')",
    "eval": "return eval('lazy')",
    "exec elsewhere": "d = {}\nexec('x = 1', d)\nreturn type(d['__builtins__']).__name__",
    "exec overridden": "d = {'__builtins__': {}}\neval('1', d)\nreturn d",
    "globals": "return type(globals()).__name__",
    "of nested": "def inner(): pass\nreturn type(inner.__builtins__).__name__",
}
if sys.version_info >= (3, 12):
    BODIES["alias"] = "type Alias = lazy\nreturn Alias.__value__"
    BODIES["alias in class"] = (
        "class Made:\n type A = lazy\n type B = len\nreturn Made.A.__value__, Made.B.__value__"
    )
    BODIES["bound"] = (
        "class Made:\n def m[T: lazy](self): pass\nreturn Made.m.__type_params__[0].__bound__"
    )

KINDS = {
    "globals with __missing__": (Missing, None),
    "globals with __getitem__": (GetItem, None),
    "globals with other methods": (OtherMethods, None),
    "defaultdict": (Default, None),
    "globals that fail": (Fails, None),
    "builtins with __missing__": (dict, Missing),
    "builtins with __getitem__": (dict, GetItem),
    "builtins with other methods": (dict, OtherMethods),
    "builtins that fail": (dict, Fails),
    "both": (GetItem, GetItem),
    "no builtins": (Missing, type(None)),
}


def function_in(body, kind):
    """Return a function whose globals and builtins are of the kind."""
    source = "def function():\n" + textwrap.indent(body, " ")
    made = {}
    exec(compile(source, "<namespaces>", "exec", dont_inherit=True), made)
    globals_type, builtins_type = kind
    names = globals_type()
    if builtins_type is None:
        found = builtins
    elif builtins_type is type(None):
        found = {}
    else:
        found = builtins_type()
        dict.update(found, vars(builtins))
    dict.update(names, {"__name__": "namespaces", "__builtins__": found})
    return types.FunctionType(made["function"].__code__, names)


def outcome(function):
    seen.clear()
    try:
        found = function()
    except BaseException as error:
        found = (type(error), str(error))
    return found, list(seen)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("body", BODIES)
def test_namespaces_are_asked_as_natively(body, kind):
    function = function_in(BODIES[body], KINDS[kind])
    native = outcome(function)
    assert outcome(interpret(function_in(BODIES[body], KINDS[kind]))) == native


def test_tracebacks_leave_globals_alone():
    def fails():
        x = 1
        raise KeyError(x)

    names = {"x": "global", "KeyError": KeyError, "kept": 1}
    function = types.FunctionType(fails.__code__, names)
    with pytest.raises(KeyError) as caught:
        interpret(function)()
    assert [dict(entry.frame.f_locals) for entry in caught.traceback]
    assert names == {"x": "global", "KeyError": KeyError, "kept": 1}


@pytest.mark.parametrize("statement", ["load", "store", "del"])
def test_names_without_a_namespace(statement):
    source = {"load": "x", "store": "x = 1", "del": "del x"}[statement]
    code = compile(source, "<example>", "exec")
    function = types.FunctionType(code.replace(co_flags=code.co_flags | 3), {"x": 1})
    assert outcome(interpret(function)) == outcome(function)
    assert outcome(function)[0][0] is SystemError
