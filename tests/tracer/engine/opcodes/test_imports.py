import sys
import types

import pytest


def imports():
    import math
    import os.path
    import xml.dom.minidom as dom
    from collections import OrderedDict, abc
    from math import pi as number

    return math.pi, os.path.sep, dom.__name__, OrderedDict, abc.__name__, number


def missing_module():
    import no_such_module_at_all  # noqa: F401


def missing_name():
    from math import no_such_name  # noqa: F401


def relative():
    from ...opcodes import something  # noqa: F401


@pytest.mark.parametrize("function", [imports, missing_module, relative])
def test_imports(same, function):
    same(function)


def test_a_missing_name(twin):
    def message(fn):
        with pytest.raises(ImportError) as caught:
            fn()
        return str(caught.value), caught.value.name, caught.value.path

    assert message(twin(missing_name)) == message(missing_name)


def test_a_submodule_that_is_not_an_attribute(twin, monkeypatch):
    package = types.ModuleType("fake_package")
    package.__path__ = []
    child = types.ModuleType("fake_package.child")
    monkeypatch.setitem(sys.modules, "fake_package", package)
    monkeypatch.setitem(sys.modules, "fake_package.child", child)

    def load():
        from fake_package import child

        return child

    assert load() is child
    assert twin(load)() is child


def test_the_import_hook_of_the_function_is_used(same):
    namespace = {"__builtins__": {"__import__": lambda *args: (args[0], args[2:])}}
    exec("def f():\n import a.b as c\n return c\ndef g():\n from ..x import y", namespace)
    namespace["__builtins__"]["__import__"] = lambda name, g, l, fromlist, level: (
        types.SimpleNamespace(b=(name, l, fromlist, level))
    )
    same(namespace["f"])
    bare = {"__builtins__": {}}
    exec("def f():\n import math", bare)
    same(bare["f"])
