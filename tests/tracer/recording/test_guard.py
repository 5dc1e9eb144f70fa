"""A node used as if it were the object is refused, and native code that works on nodes is not."""

import asyncio
import contextlib
import copy
import itertools
import math
import operator
import re
import sys

import pytest

from bytefig.configs import Buildable, Config, build, select
from bytefig.tracer import LATEST, UnbuiltNodeError, auto_config, exempt, interpret


class A:
    def __init__(self, x):
        self.x = x


class Holder:
    def __init__(self, **parts):
        self.parts = parts


#: The operation, as source over a node `n`, and the action that the error names.
USES = {
    "n == A(7)": "compare",
    "n != 3": "compare",
    "[n] == [A(7)]": "compare",
    "A(1) in [A(1)]": "compare",
    "[3].index(n)": "compare",
    "bool(n)": "test the truth of",
    "not n": "test the truth of",
    "1 if n else 2": "test the truth of",
    "n and 3": "test the truth of",
    "any([n])": "test the truth of",
    "[y for y in (1, 2) if n]": "test the truth of",
    "f'{n}'": "format",
    "f'{n:>3}'": "format",
    "'{}'.format(n)": "format",
    "format(n, '')": "format",
    "f'{n!r}'": "make text of",
    "'%s' % n": "make text of",
    "{n: 1}": "hash",
    "{n}": "hash",
    "{}.get(n)": "hash",
    "hash(n)": "hash",
    "set([n])": "hash",
    "n[0]": "index or iterate",
    "n[0:1]": "index or iterate",
    "[*n]": "index or iterate",
    "[y for y in n]": "index or iterate",
    "list(n)": "index or iterate",
    "3 in n": "index or iterate",
    "sorted(n)": "index or iterate",
    "sum(n)": "index or iterate",
    "n + 1": "compute with + and",
    "1 + n": "compute with + and",
    "n - 1": "compute with - and",
    "n * 2": "compute with * and",
    "2 * n": "compute with * and",
    "n @ 2": "compute with @ and",
    "n / 2": "compute with / and",
    "n // 2": "compute with // and",
    "n % 2": "compute with % and",
    "n ** 2": "compute with ** and",
    "n << 2": "compute with << and",
    "n >> 2": "compute with >> and",
    "n & 2": "compute with & and",
    "n | 2": "compute with | and",
    "n ^ 2": "compute with ^ and",
    "n < 2": "compute with < and",
    "n <= 2": "compute with <= and",
    "2 > n >= 1": "compute with < and",
    "sum([n])": "compute with + and",
    "sorted([n, n])": "compute with < and",
    "max(n, n)": "compute with > and",
    "-n": "compute - of",
    "+n": "compute + of",
    "~n": "compute ~ of",
    "abs(n)": "compute with",
    "isinstance(n, A)": "ask the type of",
    "type(n)": "ask the type of",
    "callable(n)": "ask the type of",
    "hasattr(n, 'x')": "ask the attributes of",
    "dir(n)": "ask the attributes of",
    "len(n)": "ask the length of",
    "str(n)": "convert",
    "repr(n)": "convert",
    "int(n)": "convert",
    "iter(n)": "iterate",
    "next(n)": "iterate",
    "n.x": "read attribute 'x' of",
    "n.x()": "read attribute 'x' of",
    "getattr(n, 'x')": "read attribute 'x' of",
    "getattr(n, 'x', None)": "read attribute 'x' of",
    "setattr(n, 'x', 1)": "set attribute 'x' of",
    "delattr(n, 'x')": "delete attribute 'x' of",
    "n()": "call",
    "A(1)(2)": "call",
    "Holder(**n)": "unpack",
    "{**n}": "unpack",
    "'{!r}'.format(n)": "make text of",
    "'{n.x}'.format(n=n)": "read an attribute of",
    "str([n])": "make text of",
    "repr({'k': n})": "make text of",
    "list(map(str, [n]))": "make text of",
    "operator.attrgetter('x')(n)": "read an attribute of",
    "sorted([n], key=operator.attrgetter('x'))": "read an attribute of",
    "object.__repr__(n)": "call object.__repr__ of",
    "object.__hash__(n)": "call object.__hash__ of",
    "enumerate(n)": "iterate",
    "zip([1], n)": "iterate",
    "map(len, n)": "iterate",
    "filter(None, n)": "iterate",
    "itertools.chain([1], n)": "iterate",
    "itertools.islice(n, 3)": "iterate",
    "map(n, [1])": "iterate",
}

#: What CPython refuses with a TypeError of its own, and a part of its message.
TYPE_ERRORS = {
    "math.sqrt(n)": "must be real number",
    "range(n)": "cannot be interpreted as an integer",
    "[1, 2][n]": "list indices must be integers",
    "'abc'[n:]": "slice indices must be integers",
    "'abc'[1:n]": "slice indices must be integers",
    "'abc'[1:2:n]": "slice indices must be integers",
    "','.join(['a', n])": "sequence item 1: expected str",
    "'abc'.startswith(n)": "startswith first arg must be str",
    "chr(n)": "cannot be interpreted as an integer",
    "open(n)": "expected str, bytes or os.PathLike object",
    "divmod(2, n)": "unsupported operand type",
    "list(itertools.repeat(1, n))": "cannot be interpreted as an integer",
    "print(1, end=n)": "end must be None or a string",
    "super(A, n)": "instance or subtype of type",
    "memoryview(n)": "a bytes-like object is required",
    "eval(n)": "must be a string, bytes or code object",
    "sorted([2, 1], key=n)": "object is not callable",
}

#: The same of statements.
TYPE_ERRORS_OF_STATEMENTS = {
    "raise n": "exceptions must derive from BaseException",
    "raise ValueError from n": "exception causes must derive from BaseException",
    "try: raise ValueError\n except n: pass": "catching classes that do not inherit",
    "[1][n] = 2": "list indices must be integers",
    "del [1][n]": "list indices must be integers",
    "[1][n:] = []": "slice indices must be integers",
}

TYPE_ERRORS_OF_COROUTINES = {
    # CPython 3.14 says it in other words.
    "await n": "'await' expression" if sys.version_info < (3, 14) else "can't be awaited",
    "async with n: pass": "asynchronous context manager protocol",
    "async for _ in n: pass": "'async for' requires an object",
    "return [y async for y in n]": "'async for' requires an object",
}


MODULES = {"itertools": itertools, "math": math, "operator": operator}


def builder(source, name="build_it"):
    namespace = {"A": A, "Holder": Holder, **MODULES}
    exec(f"def {name}(n):\n  used = {source}\n  return Holder(n=n, used=used)", namespace)
    return namespace[name]


@pytest.mark.parametrize("deferred", [False, True])
@pytest.mark.parametrize("source", ["len(n)", "object.__repr__(n)", "isinstance(n, A)"])
def test_a_use_of_a_node_in_native_code_is_refused(source, deferred, using):
    captured = auto_config(
        builder(source), experimental_allow_control_flow="all", deferred=deferred
    )
    with using("compile"), pytest.raises(UnbuiltNodeError, match=f"cannot {USES[source]}"):
        captured.as_buildable(Config(A, 7))


@pytest.mark.parametrize("is_known", [False, True])
@pytest.mark.parametrize("source", USES)
def test_a_use_of_a_node_is_refused(source, is_known):
    """Whether the policy is asked about the callables for the first time, or they are known."""
    given = Config(A, 7)
    before = copy.deepcopy(given)
    captured = auto_config(
        builder(source),
        experimental_allow_control_flow="all",
        experimental_exemption_policy=LATEST if is_known else LATEST.extend(),
    )
    with pytest.raises(UnbuiltNodeError) as caught:
        captured.as_buildable(given)
    text = str(caught.value)
    assert text.startswith(f"cannot {USES[source]} <Config[A(x=")
    assert re.search(r"\n  at <string>:2:\d+ in (build_it|.*comp>)\n  fix: ", text)
    assert given == before


def refusal(function, node):
    """Return the text of the error that a capture of the function raises."""
    captured = auto_config(
        function,
        experimental_allow_control_flow="all",
        experimental_result_must_contain_buildable=False,
    )

    def capture_it():
        result = captured.as_buildable(node)
        if asyncio.iscoroutine(result):
            asyncio.run(result)

    with pytest.raises(UnbuiltNodeError) as caught:
        capture_it()
    assert isinstance(caught.value.__cause__, TypeError)
    return str(caught.value)


def test_a_context_manager_that_is_not_built_yet_is_refused():
    namespace = {"A": A}
    exec("def build_it(n):\n with n: pass\n return A(n)", namespace)
    captured = auto_config(namespace["build_it"], experimental_allow_control_flow="all")
    with pytest.raises(UnbuiltNodeError) as caught:
        captured.as_buildable(Config(A, 7))
    assert re.match(r"cannot enter <Config\[A\(x=7\)\]> inside capture", str(caught.value))
    with pytest.raises(TypeError, match="context manager protocol"), Config(A, 7):
        pass
    with pytest.raises(TypeError, match="context manager protocol"):
        Config(A, 7).__exit__(None, None, None)


@pytest.mark.parametrize("source", TYPE_ERRORS)
def test_what_cpython_refuses_is_explained(source):
    text = refusal(builder(source), Config(A, 7))
    assert text.startswith("cannot use <Config[A(x=7)]> here: ")
    assert TYPE_ERRORS[source] in text or "super" in source  # whose words vary
    assert re.search(r"\n  at <string>:2:\d+ in build_it\n  fix: ", text)


@pytest.mark.parametrize("source", TYPE_ERRORS_OF_STATEMENTS)
def test_what_cpython_refuses_in_a_statement_is_explained(source):
    namespace = {}
    exec(f"def build_it(n):\n {source}", namespace)
    text = refusal(namespace["build_it"], Config(A, 7))
    assert text.startswith("cannot use <Config[A(x=7)]> here: ")
    assert TYPE_ERRORS_OF_STATEMENTS[source] in text


@pytest.mark.parametrize("source", TYPE_ERRORS_OF_COROUTINES)
def test_what_cpython_refuses_in_a_coroutine_is_explained(source):
    namespace = {}
    exec(f"async def build_it(n):\n {source}", namespace)
    text = refusal(namespace["build_it"], Config(A, 7))
    assert text.startswith("cannot use <Config[A(x=7)]> here: ")
    assert TYPE_ERRORS_OF_COROUTINES[source] in text


@pytest.mark.parametrize(
    "wrong",
    [
        "math.sqrt('x')",
        "[n].index()",
        "math.hypot(*[n, 'a'][1:])",
        "exempt(checked)(n)",
        "[*map(checked, [n])]",
    ],
)
def test_a_type_error_of_another_cause_stays_what_it_is(wrong):
    def checked(node):
        raise TypeError("this is a Config")

    function = builder(wrong)
    function.__globals__.update(exempt=exempt, checked=checked)
    with pytest.raises(TypeError) as caught:
        auto_config(function).as_buildable(Config(A, 7))
    assert type(caught.value) is TypeError


def swallows_in_except(n):
    try:
        size = math.sqrt(n)
    except TypeError:
        size = 3
    return Holder(n=n, size=size)


def swallows_everything(n):
    try:
        return Holder(n=n, same=n == 3)
    except:  # noqa: E722 - so do users
        return Holder(n=n)


def swallows_in_a_context(n):
    with exempt(contextlib.suppress)(TypeError):
        return Holder(n=n, used={n})
    return Holder(n=n)


def swallows_natively(n):
    return Holder(n=n, used=exempt(attempt)(lambda: f"{n}"))


def swallows_of_another_capture(n):
    try:
        return uses_a_node(n)
    except ValueError:
        return Holder(n=n)


def attempt(fn):
    try:
        return fn()
    except ValueError:
        return None


@auto_config
def uses_a_node(n):
    return Holder(n=n, first=n[0])


@pytest.mark.parametrize(
    "function",
    [
        swallows_in_except,
        swallows_everything,
        swallows_in_a_context,
        swallows_natively,
        swallows_of_another_capture,
    ],
)
def test_catching_the_error_does_not_make_the_graph_right(function):
    captured = auto_config(function, experimental_allow_control_flow="all")
    with pytest.raises(UnbuiltNodeError) as caught:
        captured.as_buildable(Config(A, 7))
    assert any("caught this error itself" in note for note in caught.value.__notes__)


def goes_on(number):
    dense = A(number)
    for _ in range(2):
        try:
            print(f"{dense}")
        except ValueError:
            pass
    try:
        dense == 3  # noqa: B015
    except ValueError:
        pass
    return Holder(part=dense)


def fails_then(number):
    try:
        len(A(number))
    except ValueError:
        pass
    raise KeyError(number)


def notes_of(function, *args):
    with pytest.raises(Exception) as caught:  # noqa: PT011
        auto_config(function, experimental_allow_control_flow="all").as_buildable(*args)
    return caught.value, caught.value.__notes__


def test_all_errors_that_a_program_catches_are_told_at_once():
    error, (went_on, other) = notes_of(goes_on, 3)
    assert str(error).startswith("cannot format")
    assert went_on.startswith("goes_on caught this error itself")
    assert other.startswith("goes_on caught before: cannot compare")


def test_an_error_of_the_program_tells_what_was_refused_before():
    error, (note,) = notes_of(fails_then, 3)
    assert type(error) is KeyError
    assert note.startswith("fails_then caught before: cannot ask the length of")


@pytest.mark.parametrize("others, is_cut", [(10, False), (11, True)])
def test_of_the_other_places_ten_are_named(others, is_cut):
    namespace = {"A": A}
    uses = "".join(f" n.x{number}\n" for number in range(others + 1))
    exec(f"def builder():\n n = A(1)\n{uses} return n", namespace)
    error, (note,) = notes_of(namespace["builder"])
    places = note.splitlines()[1:]
    assert (places[-1] == "  ...") == is_cut
    assert [place for place in places if "read attribute 'x10'" in place] == places[9:10]


def test_the_error_names_the_other_places_that_are_sure():
    def builder():
        dense = A(3)
        if dense:
            return Holder(part=dense.a)
        return Holder(part=f"{dense}", other=dense.b)

    error, (others,) = notes_of(builder)
    first = builder.__code__.co_firstlineno
    assert f":{first + 2}:" in str(error)
    heading, *places = others.splitlines()
    assert heading == f"{builder.__qualname__} would be refused here, too:"
    named = [(f":{first + 3}:", "read attribute 'a' of dense"), (f":{first + 4}:", "format dense")]
    for (line, what), place in zip(named, places, strict=False):
        assert line in place
        assert place.endswith(f" in {builder.__qualname__}: {what}")
    assert len(places) == 3


def test_a_policy_that_fails_hides_no_error():
    def policy(fn):
        if fn is hidden:
            raise RuntimeError
        return fn is len

    def hidden():
        pass

    def builder():
        if A(3):
            hidden()

    function = auto_config(
        builder, experimental_allow_control_flow=True, experimental_exemption_policy=policy
    )
    with pytest.raises(UnbuiltNodeError, match="test the truth of"):
        function.as_buildable()


def test_an_awaited_capture_does_not_lose_the_error_either():
    async def build_it(n):
        await asyncio.sleep(0)
        try:
            return Holder(n=n, same=n == 3)
        except ValueError:
            return Holder(n=n)

    captured = auto_config(build_it, experimental_allow_control_flow="all")
    with pytest.raises(UnbuiltNodeError):
        asyncio.run(captured.as_buildable(Config(A, 7)))


def test_a_call_of_what_a_call_made_is_refused():
    def mk(size):
        raise AssertionError("never called: it would leave a node of a local function")

    with pytest.raises(UnbuiltNodeError, match=r"call <Config\[.*mk\(size=3\)\]>") as caught:
        auto_config(lambda: Holder(n=mk(3)(4))).as_buildable()
    assert "STEP_INTO " in str(caught.value) and ".mk" in str(caught.value).split("fix:")[1]


def test_an_attribute_of_any_name_is_refused():
    with pytest.raises(UnbuiltNodeError, match=r"read attribute '\{x\}' of"):
        auto_config(lambda n: getattr(n, "{x}")).as_buildable(Config(A, 7))


def test_the_error_of_a_large_graph_is_short():
    large = Config(A, [Config(A, number) for number in range(1000)])
    with pytest.raises(UnbuiltNodeError) as caught:
        auto_config(lambda n: Holder(n=-n)).as_buildable(large)
    assert len(str(caught.value)) < 1000


def test_the_error_says_what_to_do_with_what():
    with pytest.raises(
        UnbuiltNodeError, match=r"fix: pass deferred=True.*; or exempt A, .*STEP_INTO.*build\(\)"
    ):
        auto_config(lambda n: Holder(n=-n)).as_buildable(Config(A, 7))


@pytest.mark.parametrize(
    "pattern", ["A()", "A(x=1)", "[_, *_]", "{'x': 1}", "7", "str() | int()", "None | A()"]
)
def test_a_pattern_on_a_node_is_refused(pattern):
    namespace = {"A": A}
    exec(
        f"def f(n):\n  match n:\n    case {pattern}: return A(1)\n  return A(2)",
        namespace,
    )
    with pytest.raises(UnbuiltNodeError, match="cannot (match a pattern against|compare)"):
        auto_config(namespace["f"]).as_buildable(Config(A, 7))


@pytest.mark.parametrize(
    "source",
    [
        "n is None",
        "n is not n",
        "id(n) == id(n)",
        "[n, *[n]]",
        "(lambda *a: a)(n)",
        "{'k': n}['k'] is n",
        "print(n, end='')",
        "isinstance(n, Config)",
        "isinstance(n, (Config, Buildable))",
        "isinstance(3, int)",
        "[n].copy()",
        "list(zip([n], [n]))",
        "dict(a=n)",
        "exempt(repr)(3)",
        "list(itertools.repeat(n, 2))",
        "list(select(Holder(n=n), A).get('x'))",
    ],
)
def test_what_says_nothing_of_the_object_runs(source, capsys):
    names = {"Config": Config, "Buildable": Buildable, "exempt": exempt, "select": select}
    function = builder(source)
    function.__globals__.update(names)
    captured = auto_config(function, experimental_allow_control_flow="all")
    assert captured.as_buildable(Config(A, 7)).n == Config(A, 7)


def works_on_nodes(node):
    """What a library does with nodes: everything."""
    assert node == copy.deepcopy(node) and node and node.x == 7
    select(node, A).set(x=8)
    return f"{node}", repr(node), build(node).x


def test_native_code_may_work_on_nodes():
    captured = auto_config(lambda n: Holder(found=exempt(works_on_nodes)(n)))
    assert captured.as_buildable(Config(A, 7)).found[2] == 8


def test_native_code_may_call_back_traced_code_which_may_not():
    captured = auto_config(
        lambda n: Holder(s=sorted([n, n], key=lambda m: m == 3)),
        experimental_allow_control_flow="all",
    )
    with pytest.raises(UnbuiltNodeError, match="cannot compare"):
        captured.as_buildable(Config(A, 7))


def test_the_guard_can_be_off():
    def lenient(n):
        if n == A(7) and n and isinstance(n, Config):
            return Holder(text=f"{n}", same=[n] == [A(7)], n=n)
        return None

    captured = auto_config(lenient, experimental_allow_control_flow=True, guard="off")
    config = captured.as_buildable(Config(A, 7))
    assert (config.text, config.same) == ("<Config[A(x=7)]>", True)
    with pytest.raises(UnbuiltNodeError, match="read attribute"):
        auto_config(lambda n: n.x, guard="off").as_buildable(Config(A, 7))
    with pytest.raises(ValueError, match="guard must be 'on' or 'off', not 'maybe'"):
        auto_config(lenient, guard="maybe")


def test_interpreting_guards_nothing():
    assert interpret(lambda n: (n == Config(A, 7), bool(n), f"{n}"))(Config(A, 7)) == (
        True,
        True,
        "<Config[A(x=7)]>",
    )


def test_outside_a_capture_nodes_answer_as_if_nothing_watched():
    node = Config(A, 7)
    assert node and f"{node}" == "<Config[A(x=7)]>" and node == Config(A, 7)
    for wrong in (lambda: node + 1, lambda: 1 - node, lambda: node < 3, lambda: -node):
        with pytest.raises(TypeError, match=r"(unsupported|bad) operand|not supported between"):
            wrong()
    with pytest.raises(TypeError, match="unsupported format string"):
        f"{node:>3}"


def test_comparing_two_calls_does_not_take_another_path():
    """The peers give B here: their node of the helper is not equal to the node of A."""

    @exempt
    def never():
        raise AssertionError

    def helper():
        return A(7)

    def model():
        return Holder(b=1) if helper() == A(7) else never()

    with pytest.raises(UnbuiltNodeError, match="cannot compare <Config"):
        auto_config(model, experimental_allow_control_flow=True).as_buildable()


def in_native_code(kind):
    """Return a function that uses a node after so many rounds that they run natively."""

    def root():
        node = A(1)
        for number in range(3000):
            math.sqrt(node if number == 2999 else number)
        return node

    def join():
        node = A(1)
        for number in range(3000):
            "".join([node] if number == 2999 else [])
        return node

    return {"root": root, "join": join}[kind]


@pytest.mark.parametrize(
    "kind, said",
    [
        ("root", "here: must be real number, not Config; inside capture"),
        ("join", "here: sequence item 0: expected str instance, Config found; inside capture"),
    ],
)
def test_uses_in_code_that_runs_natively_are_refused_with_their_cause(kind, said):
    build = in_native_code(kind)
    with pytest.raises(UnbuiltNodeError) as caught:
        auto_config(build, experimental_allow_control_flow="all").as_buildable()
    assert said in str(caught.value)
    assert f"{__file__}:{build.__code__.co_firstlineno + 3}" in str(caught.value)
    assert type(caught.value.__cause__) is TypeError


def test_other_errors_in_code_that_runs_natively_are_the_program_s():
    def build():
        for number in range(3000):
            number + ("text" if number == 2999 else 1)
        return A(1)

    with pytest.raises(TypeError, match="unsupported operand") as caught:
        auto_config(build, experimental_allow_control_flow="all").as_buildable()
    assert not isinstance(caught.value, UnbuiltNodeError)


@pytest.mark.parametrize("rounds", [1, 3000])
def test_an_error_that_the_program_raises_itself_is_none_of_a_node(rounds):
    def build():
        node = A(1)
        for number in range(rounds):
            if number == rounds - 1:
                raise TypeError(f"cannot take a Config here, nor the {number}th")
        return node

    with pytest.raises(TypeError, match=f"the {rounds - 1}th") as caught:
        auto_config(build, experimental_allow_control_flow="all").as_buildable()
    assert not isinstance(caught.value, UnbuiltNodeError)


SHARED = Config(A, 1)


def test_the_global_that_native_code_used_is_named(using):
    def build():
        return A([1, 2]), [math.pi][SHARED]

    with (
        using("compile"),
        pytest.raises(UnbuiltNodeError, match=r"cannot use <Config\[A\(x=1\)\]>"),
    ):
        auto_config(build).as_buildable()


@pytest.mark.parametrize("tier", ["auto", "compile"])
def test_what_only_the_text_of_the_error_tells_is_explained(tier, using):
    def build(node):
        return [*map(abs, [node])]

    with using(tier):
        text = refusal(build, Config(A, 7))
    assert "use an object here: bad operand type for abs(): 'Config'" in text


def calls_root(node):
    def root(value):
        return math.sqrt(value)

    return root(node)


async def awaits_root(node):
    def root(value):
        return math.sqrt(value)

    return root(node)


@pytest.mark.parametrize("build", [calls_root, awaits_root])
def test_the_place_is_in_the_function_that_native_code_called(using, build):
    with using("compile"):
        text = refusal(build, Config(A, 7))
    assert "must be real number" in text
    assert f"{__file__}:{build.__code__.co_firstlineno + 2}:" in text
    assert f"{build.__name__}.<locals>.root" in text
