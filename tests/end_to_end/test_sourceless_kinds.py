"""Every way a function can come without source: each is captured as if it had one."""

import functools
import importlib
import inspect
import py_compile
import subprocess
import sys
import types
import zipfile

import pytest

from bytefig.configs import Config, build
from bytefig.tracer import auto_config

MODULE = """
class Dense:
    def __init__(self, units, activation=None):
        self.units, self.activation = units, activation


def relu(x):
    return max(x, 0)


def build_layers(units):
    first = Dense(units, relu)
    return [first, Dense(activation=relu, *[units * 2])]
"""


class Dense:
    def __init__(self, units):
        self.units = units


def assert_captured(module):
    with pytest.raises(OSError, match="source|lineno"):
        inspect.getsource(module.build_layers)
    captured = auto_config(module.build_layers)
    config = captured.as_buildable(4)
    assert config == [
        Config(module.Dense, 4, module.relu),
        Config(module.Dense, 8, activation=module.relu),
    ]
    assert [layer.units for layer in build(config)] == [4, 8]
    assert [layer.units for layer in captured(4)] == [4, 8]


def imported(monkeypatch, name, entry):
    monkeypatch.syspath_prepend(str(entry))
    importlib.invalidate_caches()
    module = importlib.import_module(name)
    sys.modules.pop(name)
    return module


def test_a_pyc_only(tmp_path, monkeypatch):
    source = tmp_path / "only_pyc.py"
    source.write_text(MODULE)
    py_compile.compile(str(source), cfile=str(tmp_path / "only_pyc.pyc"), doraise=True)
    source.unlink()
    assert_captured(imported(monkeypatch, "only_pyc", tmp_path))


def test_a_zip_with_bytecode(tmp_path, monkeypatch):
    source = tmp_path / "in_zip.py"
    source.write_text(MODULE)
    compiled = py_compile.compile(str(source), cfile=str(tmp_path / "in_zip.pyc"), doraise=True)
    archive = tmp_path / "library.zip"
    with zipfile.ZipFile(archive, "w") as made:
        made.write(compiled, "in_zip.pyc")
    source.unlink()
    assert_captured(imported(monkeypatch, "in_zip", archive))


def test_exec():
    module = types.ModuleType("executed")
    exec(MODULE, vars(module))
    with pytest.raises((OSError, TypeError)):
        inspect.getsource(module.build_layers)
    assert auto_config(module.build_layers).as_buildable(1)[0] == Config(
        module.Dense, 1, module.relu
    )


def test_a_lambda_from_eval():
    function = eval("lambda units: Dense(units)", {"Dense": Dense})
    assert auto_config(function).as_buildable(3) == Config(Dense, 3)


def test_several_lambdas_on_one_line():
    one, two = auto_config(lambda: Dense(1)), auto_config(lambda: Dense(2))  # fmt: skip
    assert [one.as_buildable(), two.as_buildable()] == [Config(Dense, 1), Config(Dense, 2)]


def test_a_wrapped_function():
    namespace = {"functools": functools, "Dense": Dense}
    exec(
        """
def logged(fn):
    @functools.wraps(fn)
    def wrapper(*args, **kwargs):
        return fn(*args, **kwargs)
    return wrapper

@logged
def make(units):
    return Dense(units)
""",
        namespace,
    )
    assert auto_config(namespace["make"]).as_buildable(3) == Config(Dense, 3)


@pytest.mark.needs_subprocess
def test_cloudpickled_and_loaded_in_another_process(tmp_path):
    cloudpickle = pytest.importorskip("cloudpickle")
    module = types.ModuleType("__main__")
    exec(MODULE, vars(module))
    pickled = tmp_path / "function.pickle"
    pickled.write_bytes(cloudpickle.dumps(module.build_layers))
    program = f"""
import pickle
from bytefig.configs import build
from bytefig.tracer import auto_config
config = auto_config(pickle.load(open({str(pickled)!r}, "rb"))).as_buildable(5)
config[1].units += 1
print(config, [layer.units for layer in build(config)])
"""
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert run.stdout.count("<Config[Dense(units=") == 2
    assert run.stdout.endswith(" [5, 11]\n")


def test_a_notebook_cell_that_linecache_does_not_know():
    # As ipykernel names cells; the file does not exist.
    namespace = {"__name__": "__main__"}
    exec(compile(MODULE, "/tmp/ipykernel_4711/1234567890.py", "exec"), namespace)
    module = types.SimpleNamespace(**namespace)
    assert_captured(module)


def test_a_function_made_by_hand():
    code = compile("def f(units): return Dense(units, *rest)", "<generated>", "exec").co_consts[0]
    function = types.FunctionType(
        code.replace(co_name="made", co_names=("Dense", "rest")), {"Dense": Dense, "rest": ()}
    )
    function.__defaults__ = (9,)
    assert auto_config(function).as_buildable() == Config(Dense, 9)


def test_code_that_is_being_measured():
    function = auto_config(lambda units: [Dense(units), Dense(units=2)])
    lines = []

    def trace(frame, event, arg):
        lines.append((frame.f_code.co_name, event))
        return trace

    previous = sys.gettrace()
    sys.settrace(trace)
    try:
        function(1)
        config = function.as_buildable(1)
    finally:
        sys.settrace(previous)
    assert config == [Config(Dense, 1), Config(Dense, 2)]
    assert ("<lambda>", "line") in lines


@pytest.mark.skipif(sys.version_info < (3, 12), reason="sys.monitoring came with 3.12")
def test_code_that_is_instrumented():
    def build_layers(n):
        total = 0
        while total < n:
            total += 1
        return [Dense(total)]

    monitoring = sys.monitoring
    monitoring.use_tool_id(4, "test")
    monitoring.set_events(4, monitoring.events.INSTRUCTION | monitoring.events.LINE)
    try:
        for _ in range(100):
            build_layers(3)
        captured = auto_config(build_layers, experimental_allow_control_flow=True)
        config = captured.as_buildable(3)
    finally:
        monitoring.set_events(4, 0)
        monitoring.free_tool_id(4)
    assert config == [Config(Dense, 3)]
