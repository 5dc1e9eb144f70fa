"""What debuggers, coverage tools and profilers see of an interpreted function."""

import cProfile
import json
import opcode
import pstats
import re
import subprocess
import sys
import textwrap
import types
from pathlib import Path

import pytest

from bytefig.tracer import auto_config, interpret
from bytefig.tracer.engine.tiers import TIERS

pytestmark = [pytest.mark.observed, pytest.mark.needs_native_code]
THIS = __file__


def straight(x):
    y = x + 1
    z = [y,
         x]  # fmt: skip
    return (y,
            z)  # fmt: skip


def branches(x):
    if x > 5:
        return "many"
    elif x:
        y = 1
    else:
        y = 2
    while y < 4: y += 1  # fmt: skip # noqa: E701 - on purpose
    return y if x else -y


def loops(x):
    found = []
    for i in range(x):
        if i == 1:
            continue
        for j in "ab":
            found.append((i, j))
        else:
            pass
        if i == 3:
            break
    while True:
        x += 1
        if x > 6:
            break
    return found


def with_nops(x):
    try:
        pass
    finally:
        x += 1
    while True:
        break
    if x:
        pass
    return x


def comprehends(x):
    return [
        a
        for a in range(x)
        if a
    ]  # fmt: skip


def matches(x):
    match x:
        case 0:
            return "none"
        case [a, b]:
            return b, a
        case _:
            y = 1
    return y


def makes_a_class(x):
    class Made:
        value = x

        def method(self):
            return self.value

    return Made().method()


def handles(x):
    try:
        y = 1 / x
    except ZeroDivisionError:
        y = 0
    else:
        y += 1
    finally:
        x = 5
    return x, y


def raises(x):
    if x == 0:
        raise LookupError(x)
    return x


def line_events(function, *args):
    """The lines of this file that a trace function gets, but those of ``def``, and the locals."""
    events = []

    def trace(frame, event, arg):
        code = frame.f_code
        if code.co_filename != THIS:
            return None
        if event == "line" and frame.f_lineno != code.co_firstlineno:
            shown = {name: value for name, value in frame.f_locals.items() if name in "xyzij"}
            events.append((code.co_name, frame.f_lineno, repr(shown)))
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        function(*args)
    except LookupError:
        pass
    finally:
        sys.settrace(before)
    return events


@pytest.mark.parametrize("x", [0, 2, 7])
@pytest.mark.parametrize(
    "function", [straight, branches, loops, with_nops, comprehends, matches, raises]
)
def test_lines_and_locals(function, x):
    native = line_events(function, x)
    assert native
    assert line_events(interpret(function), x) == native


@pytest.mark.parametrize("x", [0, 2])
@pytest.mark.parametrize("function", [handles, makes_a_class])
def test_lines_in_nested_frames(function, x):
    def lines(found):
        return [line for _, line, _ in found]

    assert lines(line_events(interpret(function), x)) == lines(line_events(function, x))


def test_lines_of_generators():
    def generates(x):
        yield x
        for i in range(x):
            yield i
        return x

    def lines(function):
        return line_events(lambda: list(function(3)))

    native = lines(generates)
    ours = interpret(generates)
    lines(ours)  # from its second call on it has no other frame
    assert lines(ours) == native


def returns(function, *args):
    found = []

    def trace(frame, event, arg):
        if event == "return" and frame.f_code.co_filename == THIS:
            found.append((frame.f_code.co_name, frame.f_lineno, arg))
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        function(*args)
    finally:
        sys.settrace(before)
    return found


def test_what_is_seen_to_return():
    native = returns(straight, 1)
    assert [value for *_, value in native] == [(2, [2, 1])]
    ours = interpret(straight)
    returns(ours, 1)  # from its second call on it has no other frame
    assert returns(ours, 1) == native


def test_a_trace_function_that_wants_no_lines():
    def trace(frame, event, arg):
        seen.append(frame.f_code.co_name)

    def helper():
        return 1

    def uses():
        y = helper()
        return y

    seen = []
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        result = interpret(uses)()
    finally:
        sys.settrace(before)
    assert result == 1
    assert "uses" in seen and "helper" in seen


def test_variables_can_be_set():
    def uses(x):
        y = x
        z = x + y
        return z, sorted(locals())

    def trace(frame, event, arg):
        if frame.f_code.co_filename == THIS and frame.f_code.co_name == "uses":
            if event == "line" and "y" in frame.f_locals:
                frame.f_locals["x"] = 10
            return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        result = interpret(uses)(1)
    finally:
        sys.settrace(before)
    assert result == (11, ["x", "y", "z"])


@pytest.mark.parametrize("tier", ["auto", "interpret", "compile"])
def test_a_program_that_traces_itself_sees_its_own_frames(tier, using):
    def program():
        def trace(frame, event, arg):
            line = frame.f_lineno - frame.f_code.co_firstlineno
            # On the first one is what stands for the function when it is called at first.
            if frame.f_code.co_name == "uses" and event == "line" and line:
                lines.append(line)
                if line == 2:
                    frame.f_locals["x"] = 99
            return trace

        def uses():
            x = 1
            y = x
            return y

        lines = []
        before = sys.gettrace()
        sys.settrace(trace)
        try:
            found = uses()
        finally:
            sys.settrace(before)
        return lines, found

    with using(tier):
        assert interpret(program)() == program() == ([1, 2, 3], 99)
        assert TIERS.own_trace is None


def test_an_observer_that_a_program_puts_in_place_again_is_none_of_its_own(using):
    def program(trace):
        before = sys.gettrace()
        sys.settrace(trace)
        sys.settrace(before)
        return before

    observer = lambda *_: None  # noqa: E731 - who they are is what counts
    before = sys.gettrace()
    with using("interpret"):
        sys.settrace(observer)
        try:
            assert interpret(program)(lambda *_: None) is observer
            assert not TIERS.from_the_start()
        finally:
            sys.settrace(before)


def test_where_all_is_interpreted_an_observer_sees_the_interpreter(using):
    def uses(x):
        return x

    seen = []
    before = sys.gettrace()
    with using("interpret"):
        function = interpret(uses)
        sys.settrace(lambda frame, *_: seen.append(frame.f_code.co_name))
        try:
            function(1)
        finally:
            sys.settrace(before)
    assert "run" in seen


def test_globals_without_builtins_are_left_alone():
    names = {}
    exec("def adds(x):\n y = x\n return y", names)
    function = interpret(names["adds"])
    del names["__builtins__"]
    before = sys.gettrace()
    sys.settrace(lambda *_: None)
    try:
        assert function(2) == 2
    finally:
        sys.settrace(before)
    assert "__builtins__" not in names


@pytest.mark.needs_subprocess
@pytest.mark.skipif("ENTER_EXECUTOR" not in opcode.opmap, reason="it came with 3.13")
def test_inline_caches_of_watched_code_are_not_taken_for_opcodes():
    """What stands for an opcode there does not tell how many caches follow it."""
    # In a process of its own: CPython gives versions to so many classes only.
    command = [
        sys.executable,
        "-c",
        f"from {__name__} import interpret_watched; interpret_watched()",
    ]
    subprocess.run(command, check=True, cwd=Path(__file__).parents[3], timeout=60)


def interpret_watched():
    monitoring = sys.monitoring
    tool = monitoring.OPTIMIZER_ID
    monitoring.use_tool_id(tool, "test")
    found = [_hot_and_watched(tool) for _ in range(300)]
    refused = opcode.opmap["ENTER_EXECUTOR"]
    assert any(refused in read.__code__._co_code_adaptive[::2] for read, _ in found)
    for read, obj in found:
        assert interpret(read)(obj) == 1


def _hot_and_watched(tool):
    """Return a function of one class, whose version is in the cache of its LOAD_ATTR."""

    class Made:
        __slots__ = ("x",)

    read = types.FunctionType(_reads.__code__.replace(co_name="reads"), globals())
    obj = Made()
    obj.x = 1
    for _ in range(20):
        read(obj)
    sys.monitoring.set_local_events(tool, read.__code__, sys.monitoring.events.LINE)
    read(obj)
    return read, obj


def _reads(obj):
    return (
        obj
        .x
    )  # fmt: skip


@pytest.mark.skipif(sys.version_info < (3, 12), reason="sys.monitoring came with 3.12")
def test_a_tool_of_sys_monitoring():
    monitoring = sys.monitoring
    lines = []

    def line(code, number):
        if code.co_filename == THIS and number != code.co_firstlineno:
            lines.append(number)

    def measured(function):
        lines.clear()
        tool = monitoring.DEBUGGER_ID
        monitoring.use_tool_id(tool, "test")
        try:
            monitoring.register_callback(tool, monitoring.events.LINE, line)
            monitoring.set_events(tool, monitoring.events.LINE)
            function(2)
        finally:
            monitoring.set_events(tool, 0)
            monitoring.register_callback(tool, monitoring.events.LINE, None)
            monitoring.free_tool_id(tool)
        return set(lines)

    if monitoring.get_tool(monitoring.DEBUGGER_ID) is not None:
        pytest.skip("a debugger is running")
    native = measured(loops)
    assert native
    assert measured(interpret(loops)) == native


def test_breakpoint_hook(monkeypatch):
    """The frame above the debugger is the user's, with the function's variables."""

    def hook(*args, **kwargs):
        frame = sys._getframe(1)
        names = dict(frame.f_locals)
        found.append((frame.f_code.co_name, frame.f_lineno, names["x"], args, kwargs))
        return "result"

    def stops(x):
        y = [x, breakpoint("a", b=1), x]
        return y

    def stops_in_a_handler(x):
        try:
            raise KeyError
        except KeyError:
            y = breakpoint()
        return x, y

    found = []
    monkeypatch.setattr(sys, "breakpointhook", hook)
    line = stops.__code__.co_firstlineno + 1
    assert interpret(stops)(1) == [1, "result", 1]
    assert found == [("stops", line, 1, ("a",), {"b": 1})]
    assert interpret(stops_in_a_handler)(1) == (1, "result")
    assert found[1][:3] == ("stops_in_a_handler", line + 7, 1)


@pytest.mark.parametrize("trace", [None, lambda *_: None])
def test_breakpoint_without_builtins(monkeypatch, trace):
    names = {"stop": breakpoint}
    exec("def stops(x):\n y = stop(), stop()\n return x, y", names)
    function = interpret(names["stops"])
    del names["__builtins__"]
    monkeypatch.setattr(sys, "breakpointhook", lambda: "result")
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        result = function(2)
    finally:
        sys.settrace(before)
    assert result == (2, ("result", "result"))


def test_profiler():
    class Thing:
        def __init__(self, x):
            pass

    def helper(x):
        return x

    def model(x):
        return Thing([helper(i) for i in range(x)])

    def work(x):
        return [helper(i) for i in range(x)]

    profile = cProfile.Profile()
    wrapped = auto_config(model, experimental_allow_control_flow=True)
    profile.runcall(lambda: (wrapped.as_buildable(2), interpret(work)(3)))
    stats = {key: value for key, value in pstats.Stats(profile).stats.items() if key[0] == THIS}
    for function in (model, work):
        calls, _, own, total = stats[THIS, function.__code__.co_firstlineno, function.__name__][:4]
        assert calls == 1
        assert total >= own
    assert stats[THIS, helper.__code__.co_firstlineno, "helper"][0] == 3


def run(script, *command, stdin="", arguments=()):
    made = subprocess.run(
        [sys.executable, *command, str(script), *arguments],
        input=stdin, text=True, capture_output=True, cwd=script.parent, timeout=120,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    return made.stdout


SCRIPT = """
import sys
from bytefig.tracer import auto_config, interpret

class Layer:
    def __init__(self, units):
        self.units = units

def model(n):
    try:
        n += 1
    except TypeError:
        n = 0
    for i in range(n):
        if i > 100:
            n = None
    breakpoint_here = n
    return Layer(
        [n,
         i],
    )

if "native" in sys.argv[-1]:
    model(3)
else:
    interpret(model)(3)
    auto_config(model, experimental_allow_control_flow="all").as_buildable(3)
"""


@pytest.mark.needs_subprocess
@pytest.mark.parametrize("branch", [[], ["--branch"]])
@pytest.mark.parametrize("core", ["ctrace", "pytrace", "sysmon"])
def test_coverage(tmp_path, monkeypatch, core, branch):
    if core == "sysmon" and (sys.version_info < (3, 12) or branch):
        pytest.skip("coverage does not measure that with sys.monitoring on this version")
    monkeypatch.setenv("COVERAGE_CORE", core)
    monkeypatch.delenv("COVERAGE_PROCESS_START", raising=False)
    executed = {}
    for kind in ("native", "interpreted"):
        script = tmp_path / f"{kind}.py"
        script.write_text(SCRIPT)
        only = f"--include={script}"
        run(script, "-m", "coverage", "run", *branch, only, f"--data-file={kind}.data")
        report = tmp_path / f"{kind}.json"
        subprocess.run(
            [sys.executable, "-m", "coverage", "json", "-q", "-o", str(report)]
            + [f"--data-file={kind}.data"],
            cwd=tmp_path, check=True,
        )  # fmt: skip
        (measured,) = json.loads(report.read_text())["files"].values()
        executed[kind] = set(measured["executed_lines"]) & set(range(9, 22))
        executed[kind, "missing"] = [
            arc for arc in measured.get("missing_branches", ()) if 9 <= arc[0] <= 21
        ]
    assert executed["interpreted"] == executed["native"]
    assert executed["interpreted", "missing"] == executed["native", "missing"]
    assert executed["native"] == {9, 10, 11, 14, 15, 17, 18}


@pytest.mark.needs_subprocess
@pytest.mark.parametrize("verb", ["interpret(model)(3)", "auto_config(model).as_buildable(3)"])
def test_stepping_with_pdb(tmp_path, verb):
    script = tmp_path / "stepped.py"
    script.write_text(
        textwrap.dedent(
            """
            import sys
            from bytefig.tracer import auto_config, interpret

            class Layer:
                def __init__(self, units):
                    self.units = units

            def model(n):
                units = n + 1
                breakpoint()
                doubled = units * 2
                return Layer(doubled)

            made = eval(sys.argv[1])
            print("made", made.units)
            """
        )
    )
    commands = ["p units", "next", "p units", "next", "p doubled", "continue"]

    def stepped(verb):
        made = subprocess.run(
            [sys.executable, str(script), verb],
            input="\n".join(commands) + "\n", text=True, capture_output=True, timeout=120,
        )  # fmt: skip
        assert made.returncode == 0, made.stderr
        return re.sub(r"->?<.*", "", made.stdout)  # what is returned is another object

    native = stepped("model(3)")
    assert "model()" in native and "(Pdb) 8" in native and "made 8" in native
    assert stepped(verb) == native


@pytest.mark.needs_subprocess
def test_breakpoints_of_pdb(tmp_path):
    script = tmp_path / "broken.py"
    script.write_text(
        "from bytefig.tracer import interpret\n"
        "@interpret\n"
        "def model(n):\n"
        "    total = 0\n"
        "    for i in range(n):\n"
        "        total += i\n"
        "    return total\n"
        "print('total', model(3))\n"
    )
    commands = "b 6\nc\np i, total\nc\np i, total\nc\np i, total\ncl 1\nc\nq\n"
    shown = run(script, "-m", "pdb", stdin=commands)
    for answer in ("(0, 0)", "(1, 0)", "(2, 1)", "total 3"):
        assert answer in shown


@pytest.mark.needs_subprocess
def test_a_session_of_pdb(tmp_path):
    script = tmp_path / "session.py"
    script.write_text(
        textwrap.dedent(
            """
            import sys
            from bytefig.tracer import interpret

            def model(n):
                def helper(x):
                    y = x + 1
                    return y

                n += 1
                units = helper(n)
                doubled = units * 2
                return [doubled]

            made = eval(sys.argv[1])
            """
        )
    )
    commands = "b 10\nb 13\nc\np n\nn\ns\ns\np x\nw\nu\np n\nd\nn\nr\nn\np units\nc\nn\nn\nq\n"

    def session(verb):
        shown = run(script, "-m", "pdb", stdin=commands, arguments=[verb])
        return [
            line for line in shown.splitlines() if "<module>" not in line and "eval" not in line
        ]

    native = session("model(3)")
    assert "-> y = x + 1" in native and "(Pdb) 4" in native and "(Pdb) 5" in native
    assert session("interpret(model)(3)") == native
