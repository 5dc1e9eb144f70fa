"""What each handler does to the stack, on any Python: most versions use some of the variants only.

The differential tests check the variants that the running version picks; these check all of them.
"""

import itertools
import re
import sys
from collections import UserDict, namedtuple
from types import CellType, SimpleNamespace

import pytest

from bytefig.tracer.code.instruction import CodeNames, Instruction
from bytefig.tracer.engine.frame import YIELDED, Frame
from bytefig.tracer.engine.functions import ImplicitFunction
from bytefig.tracer.engine.interceptor import Native
from bytefig.tracer.engine.opcodes import table
from bytefig.tracer.engine.opcodes.intrinsics import UNARY_INTRINSICS
from bytefig.tracer.engine.values import NULL
from bytefig.tracer.errors import UnsupportedInstructionError

HANDLERS = table.merge(table.CONCERNS)
NEXT, TARGET = 8, 50


class Recording(Native):
    """Notes each call and returns what was noted."""

    def call(self, frame, index, fn, args, kwargs, /):
        return fn, args, dict(kwargs)

    def make_function(self, frame, made, /):
        return {name: getattr(made, name) for name in made.__slots__}


def fake_frame(stack, fast=(), namespace=None):
    frame = object.__new__(Frame)
    frame.stack = list(stack)
    frame.fast = list(fast)
    frame.globals = {"g": "global"} if namespace is None else namespace
    frame.names = frame.globals
    frame.builtins = {"len": len, "__build_class__": __build_class__}
    frame.interceptor = Recording()
    frame.delegate = None
    frame.namespace = {"own": 1}
    frame.reraised = False
    return frame


def instruction(name, oparg, **fields):
    names = CodeNames(
        consts=("const", None),
        names=("g", "len", "real", "missing", "numerator"),
        localsplus=("a", "b", "cell", "free"),
        free_start=3,
        cells=frozenset({"cell", "free"}),
        flags=0,
    )
    return Instruction(name, oparg, NEXT - 1, 0, TARGET, names, **fields)


def step(name, oparg, frame, **fields):
    return HANDLERS[name](instruction(name, oparg, **fields))(frame)


def f():
    """Stands for a callable."""


class Wrong:
    def __await__(self):
        return 5


CALLS = [
    ("CALL_NULL_FIRST", 2, {}, [0, NULL, f, 1, 2], [0, (f, (1, 2), {})]),
    ("CALL_NULL_FIRST", 1, {}, [0, f, "self", 1], [0, (f, ("self", 1), {})]),
    ("CALL_NULL_FIRST", 2, {"keyword_names": ("k",)}, [NULL, f, 1, 2], [(f, (1,), {"k": 2})]),
    ("CALL_CALLABLE_FIRST", 2, {}, [0, f, NULL, 1, 2], [0, (f, (1, 2), {})]),
    ("CALL_CALLABLE_FIRST", 1, {}, [0, f, "self", 1], [0, (f, ("self", 1), {})]),
    ("CALL_KW_CALLABLE_FIRST", 2, {}, [f, NULL, 1, 2, ("k",)], [(f, (1,), {"k": 2})]),
    ("CALL_FUNCTION_EX_NULL_FIRST", 0, {}, [NULL, f, [1, 2]], [(f, (1, 2), {})]),
    ("CALL_FUNCTION_EX_NULL_FIRST", 1, {}, [NULL, f, (1,), {"k": 2}], [(f, (1,), {"k": 2})]),
    ("CALL_FUNCTION_EX_CALLABLE_FIRST", 0, {}, [f, NULL, (1,)], [(f, (1,), {})]),
    ("CALL_FUNCTION_EX_CALLABLE_FIRST", 1, {}, [f, NULL, (), {"k": 2}], [(f, (), {"k": 2})]),
    ("CALL_FUNCTION_EX_MAPPING_OR_NULL", 0, {}, [f, NULL, [1], NULL], [(f, (1,), {})]),
    ("CALL_FUNCTION_EX_MAPPING_OR_NULL", 0, {}, [f, NULL, (), {"k": 2}], [(f, (), {"k": 2})]),
    ("CALL_FUNCTION_EX_MAPPING_OR_NULL", 0, {}, [f, NULL, (), UserDict(k=2)], [(f, (), {"k": 2})]),
    ("CALL_FUNCTION_EX_VALUES", 0, {}, [f, NULL, [1], UserDict(k=2)], [(f, (1,), {"k": 2})]),
    ("DICT_MERGE_NULL_FIRST", 1, {}, [NULL, f, (), {"a": 1}, {"b": 2}],
     [NULL, f, (), {"a": 1, "b": 2}]),
    ("DICT_MERGE_CALLABLE_FIRST", 1, {}, [f, NULL, (), {"a": 1}, {"b": 2}],
     [f, NULL, (), {"a": 1, "b": 2}]),
    ("DICT_MERGE_VALUES", 1, {}, [f, NULL, (), {"a": 1}, {"b": 2}],
     [f, NULL, (), {"a": 1, "b": 2}]),
]  # fmt: skip

OPERATORS = [
    ("COMPARE_OP", 4, {}, [1, 2], [False]),
    ("COMPARE_OP_OVER_MASK", 4 << 4 | 3, {}, [3, 2], [True]),
    ("COMPARE_OP_OVER_MASK_AND_BOOL", 4 << 5 | 1, {}, [3, 2], [True]),
    ("COMPARE_OP_OVER_MASK_AND_BOOL", 2 << 5 | 16, {}, [3, 3], [True]),
    ("BINARY_OP_OR_SUBSCR", 10, {}, [5, 2], [3]),
    ("BINARY_OP_OR_SUBSCR", 26, {}, ["abc", 1], ["b"]),
    ("CONTAINS_OP", 1, {}, [3, [3]], [False]),
    ("BINARY_SLICE", 0, {}, ["abc", 1, None], ["bc"]),
    ("BUILD_SLICE", 3, {}, [1, 2, 3], [slice(1, 2, 3)]),
    ("TO_BOOL", 0, {}, [[]], [False]),
    ("UNARY_POSITIVE", 0, {}, [True], [1]),
]

CONTAINERS = [
    ("FORMAT_VALUE", 0, {}, [3], ["3"]),
    ("FORMAT_VALUE", 2 | 4, {}, ["x", ">4"], [" 'x'"]),
    ("CONVERT_VALUE", 2, {}, ["x"], ["'x'"]),
    ("FORMAT_SIMPLE", 0, {}, [3], ["3"]),
    ("FORMAT_WITH_SPEC", 0, {}, [3, "02"], ["03"]),
    ("BUILD_CONST_KEY_MAP", 2, {}, [1, 2, ("a", "b")], [{"a": 1, "b": 2}]),
    ("LIST_TO_TUPLE", 0, {}, [[1]], [(1,)]),
]

NAMES = [
    ("LOAD_FAST_UNCHECKED", 1, {}, [], ["B"]),
    ("LOAD_FAST_CHECK", 0, {}, [], ["A"]),
    ("LOAD_FAST_LOAD_FAST", 0x10, {}, [], ["B", "A"]),
    ("STORE_FAST_LOAD_FAST", 0x01, {}, ["new"], ["B"]),
    ("STORE_FAST_STORE_FAST", 0x01, {}, ["second", "first"], []),
    ("LOAD_GLOBAL", 0, {}, [], ["global"]),
    ("LOAD_GLOBAL", 3, {}, [], [NULL, len]),
    ("LOAD_GLOBAL_NULL_AFTER", 0, {}, [], ["global"]),
    ("LOAD_GLOBAL_NULL_AFTER", 3, {}, [], [len, NULL]),
    ("LOAD_GLOBAL_AND_IMPORT", 0, {}, [], ["global"]),
    ("LOAD_GLOBAL_AND_IMPORT", 3, {}, [], [len, NULL]),
    ("LOAD_FROM_DICT_OR_GLOBALS_AND_IMPORT", 0, {}, [{"g": "own"}], ["own"]),
    ("LOAD_NAME_AND_IMPORT", 0, {}, [], ["global"]),
    ("LOAD_FROM_DICT_OR_GLOBALS", 0, {}, [{"g": "own"}], ["own"]),
    ("LOAD_FROM_DICT_OR_GLOBALS", 0, {}, [{}], ["global"]),
    ("LOAD_FROM_DICT_OR_DEREF", 3, {}, [{"free": "own"}], ["own"]),
    ("LOAD_FROM_DICT_OR_DEREF", 3, {}, [{}], ["content"]),
]

ATTRIBUTES = [
    ("LOAD_ATTR", 2, {}, [3], [3]),
    ("LOAD_METHOD", 2, {}, [3], [NULL, 3]),
    ("LOAD_ATTR_OR_METHOD", 2 << 1, {}, [3], [3]),
    ("LOAD_ATTR_OR_METHOD", 2 << 1 | 1, {}, [3], [NULL, 3]),
    ("LOAD_ATTR_OR_METHOD_NULL_AFTER", 2 << 1, {}, [3], [3]),
    ("LOAD_ATTR_OR_METHOD_NULL_AFTER", 2 << 1 | 1, {}, [3], [3, NULL]),
    ("LOAD_SUPER_ATTR", 4 << 2 | 2, {}, [super, bool, True], [1]),
    ("LOAD_SUPER_ATTR", 4 << 2 | 3, {}, [super, bool, True], [NULL, 1]),
    ("LOAD_SUPER_ATTR", 4 << 2, {}, [super, bool, True], [1]),
    ("LOAD_SUPER_ATTR_NULL_AFTER", 4 << 2 | 2, {}, [super, bool, True], [1]),
    ("LOAD_SUPER_ATTR_NULL_AFTER", 4 << 2 | 3, {}, [super, bool, True], [1, NULL]),
    ("LOAD_SUPER_ATTR", 4 << 2, {}, [lambda: 7, bool, True], [7]),
    ("LOAD_SUPER_ATTR", 4 << 2 | 2, {}, [lambda *args: 7, bool, True], [7]),
]

ERROR = KeyError("inside")
ONES = itertools.repeat(1)
GENERATOR = (number for number in ())


def left(kind, error, traceback):
    assert traceback is None
    return kind, error


OTHERS = [
    ("END_FOR_TWO", 0, {}, [0, iter([]), NULL], [0]),
    ("END_SEND", 0, {}, ["receiver", 5], [5]),
    ("END_SEND_ABOVE_NULL", 0, {}, ["receiver", NULL, 5], [5]),
    ("FOR_ITER_ABOVE_NULL", 0, {}, [ONES, NULL], [ONES, NULL, 1]),
    ("GET_ITER_AND_NULL", 0, {}, [ONES], [ONES, NULL]),
    ("GET_ITER_AND_NULL", 3, {}, [GENERATOR], [GENERATOR, NULL]),
    ("POP_ITER_AND_NULL", 0, {}, [0, ONES, NULL], [0]),
    ("RETURN_GENERATOR_ONCE_ITERATING", 0, {}, [], [None]),
    ("ASYNC_GEN_WRAP", 0, {}, [5], [5]),
    ("CALL_INTRINSIC_1", 3, {}, ["error"], ["error"]),
    ("CALL_INTRINSIC_1", 5, {}, [True], [1]),
    ("CALL_INTRINSIC_1", 6, {}, [[1]], [(1,)]),
    ("LOAD_BUILD_CLASS", 0, {}, [], [__build_class__]),
    ("LOAD_COMMON_CONSTANT", 2, {}, [], [tuple]),
    ("LOAD_COMMON_CONSTANT", 11, {}, [], [-1]),
    ("LOAD_SMALL_INT", 255, {}, [], [255]),
    ("WITH_EXCEPT_START", 0, {}, [left, 0, None, ERROR], [left, 0, None, ERROR, (KeyError, ERROR)]),
    ("WITH_EXCEPT_START_WITH_SELF", 0, {}, [left, NULL, 0, None, ERROR],
     [left, NULL, 0, None, ERROR, (KeyError, ERROR)]),
]  # fmt: skip


@pytest.mark.parametrize(
    "name, oparg, fields, before, after",
    [*CALLS, *OPERATORS, *CONTAINERS, *NAMES, *ATTRIBUTES, *OTHERS],
)
def test_stack(name, oparg, fields, before, after):
    frame = fake_frame(before, ["A", "B", CellType("own"), CellType("content")])
    assert step(name, oparg, frame, **fields) == NEXT
    assert frame.stack == after


class Manager:
    def __enter__(self):
        return "entered"


def test_load_special():
    frame = fake_frame([0, Manager()])
    step("LOAD_SPECIAL", 0, frame)
    below, enter, null = frame.stack
    assert (below, enter(), null) == (0, "entered", NULL)


class Template:
    """Stands for the one of 3.14 on older Pythons."""

    def __init__(self, *parts):
        self.strings, self.interpolations = parts[::2], parts[1::2]
        self.values = tuple(part.value for part in self.interpolations)


@pytest.fixture
def templatelib(monkeypatch):
    if sys.version_info < (3, 14):
        interpolation = namedtuple("Interpolation", "value expression conversion format_spec")
        stand_in = SimpleNamespace(Template=Template, Interpolation=interpolation)
        monkeypatch.setitem(sys.modules, "string.templatelib", stand_in)


@pytest.mark.usefixtures("templatelib")
def test_templates():
    frame = fake_frame([("a", "b", ""), 1, "x", 2, "y", ">4"])
    step("BUILD_INTERPOLATION", 2 << 2 | 1 | 2, frame)
    (_, _, _, second) = frame.stack
    assert (second.value, second.expression, second.conversion) == (2, "y", "r")
    assert second.format_spec == ">4"
    frame.stack.pop()
    step("BUILD_INTERPOLATION", 2, frame)
    frame.stack[1:] = [(frame.stack[1], second)]
    step("BUILD_TEMPLATE", 0, frame)
    (template,) = frame.stack
    assert (template.strings, template.values) == (("a", "b", ""), (1, 2))
    assert template.interpolations[0].conversion is None


def test_stores_of_two_locals():
    frame = fake_frame(["second", "first"], ["A", "B"])
    step("STORE_FAST_STORE_FAST", 0x01, frame)
    assert frame.fast == ["first", "second"]
    frame = fake_frame(["new"], ["A", "B"])
    step("STORE_FAST_LOAD_FAST", 0x00, frame)
    assert (frame.fast, frame.stack) == (["new", "B"], ["new"])


def test_a_comprehension_s_local_is_set_aside_and_put_back():
    frame = fake_frame([], ["A", NULL])
    step("LOAD_FAST_AND_CLEAR", 0, frame)
    step("LOAD_FAST_AND_CLEAR", 1, frame)
    assert (frame.stack, frame.fast) == (["A", NULL], [NULL, NULL])
    step("STORE_FAST", 1, frame)
    step("STORE_FAST", 0, frame)
    assert (frame.stack, frame.fast) == ([], ["A", NULL])


def test_slices():
    container = [1, 2, 3]
    frame = fake_frame([[9], container, 0, 2])
    step("STORE_SLICE", 0, frame)
    assert (container, frame.stack) == ([9, 3], [])


@pytest.mark.parametrize(
    "name, before, after, following",
    [
        ("JUMP_IF_TRUE_OR_POP", [0, 1], [0, 1], TARGET),
        ("JUMP_IF_TRUE_OR_POP", [0, 0], [0], NEXT),
        ("JUMP_IF_FALSE_OR_POP", [0, 0], [0, 0], TARGET),
        ("JUMP_IF_FALSE_OR_POP", [0, 1], [0], NEXT),
        ("FOR_ITER", [iter([])], [], TARGET),
        ("FOR_ITER_PAST_END_FOR", [iter([])], [], TARGET + 1),
        ("FOR_ITER_PAST_END_FOR_AND_POP", [iter([])], [], TARGET + 2),
        ("FOR_ITER_ABOVE_NULL", [0, iter([]), NULL], [0], TARGET + 2),
    ],
)
def test_jumps(name, before, after, following):
    frame = fake_frame(before)
    assert step(name, 0, frame) == following
    assert frame.stack == after


@pytest.mark.parametrize(
    "name, oparg, after", [("CALL_INTRINSIC_1", 1, [None]), ("PRINT_EXPR", 0, [])]
)
def test_expressions_are_displayed(name, oparg, after, monkeypatch):
    shown = []
    monkeypatch.setattr(sys, "displayhook", shown.append)
    frame = fake_frame([5])
    assert step(name, oparg, frame) == NEXT
    assert (frame.stack, shown) == (after, [5])
    monkeypatch.delattr(sys, "displayhook")
    with pytest.raises(RuntimeError, match=r"lost sys\.displayhook"):
        step(name, oparg, fake_frame([5]))


def test_return_const():
    frame = fake_frame([])
    assert step("RETURN_CONST", 0, frame) == 0
    assert frame.result == "const"


@pytest.mark.parametrize(
    "name, between, after",
    [
        ("SEND", [], ["receiver", "returned"]),
        ("SEND_ABOVE_NULL", [NULL], ["receiver", NULL, "returned"]),
        ("SEND_POP_RECEIVER", [], ["returned"]),
    ],
)
def test_send_leaves_the_receiver_to_the_driver(name, between, after):
    frame = fake_frame(["receiver", *between, None])
    assert step(name, 0, frame) == 0
    assert (frame.stack, frame.signal) == (["receiver"], YIELDED)
    assert frame.delegate(frame, "returned") == TARGET
    assert frame.stack == after


def test_cleanup_throw():
    frame = fake_frame([0, "receiver", "sent", StopIteration(5)])
    assert step("CLEANUP_THROW", 0, frame) == NEXT
    assert frame.stack == [0, None, 5]
    frame = fake_frame([0, "receiver", NULL, "sent", StopIteration(5)])
    assert step("CLEANUP_THROW_ABOVE_NULL", 0, frame) == NEXT
    assert frame.stack == [0, None, NULL, 5]
    frame = fake_frame(["receiver", "sent", ValueError("v")])
    with pytest.raises(ValueError, match="v"):
        step("CLEANUP_THROW", 0, frame)
    assert frame.reraised


def test_a_generator_expression_waits_once_it_has_its_iterator():
    frame = fake_frame([ONES, NULL])
    assert step("RETURN_GENERATOR_ONCE_ITERATING", 0, frame) == 0
    assert (frame.stack, frame.signal, frame.resume) == ([ONES, NULL], YIELDED, NEXT)


def test_make_function():
    code = f.__code__
    frame = fake_frame([(1,), {"k": 2}, ("a", int), ("cell",), code])
    step("MAKE_FUNCTION_BY_OPARG", 15, frame)
    expected = {
        "code": code,
        "defaults": (1,),
        "kwdefaults": {"k": 2},
        "annotations": {"a": int},
        "annotate": None,
        "closure": ("cell",),
    }
    assert frame.stack == [expected]
    frame = fake_frame([(1,), {"k": 2}, {"a": int}, ("cell",), code])
    step("MAKE_FUNCTION_BY_ATTRIBUTES", 0, frame, attributes=(8, 4, 2, 1))
    assert frame.stack == [expected]
    frame = fake_frame([f, code])
    step("MAKE_FUNCTION_BY_ATTRIBUTES", 0, frame, attributes=(16,))
    assert frame.stack[0]["annotate"] is f


@pytest.mark.parametrize(
    "name, oparg, stack, error, message",
    [
        ("LOAD_FROM_DICT_OR_DEREF", 2, [{}], UnboundLocalError, "local variable 'cell'"),
        ("LOAD_FAST_CHECK", 1, [], UnboundLocalError, "local variable 'b'"),
        ("LOAD_GLOBAL_NULL_AFTER", 6, [], NameError, "name 'missing' is not defined"),
        ("LOAD_FROM_DICT_OR_GLOBALS", 3, [{}], NameError, "name 'missing' is not defined"),
        ("DICT_MERGE_CALLABLE_FIRST", 1, [f, NULL, (), {"a": 1}, {"a": 2}], TypeError, "multiple"),
        ("CALL_INTRINSIC_1", 2, [0], UnsupportedInstructionError, "module level"),
        ("CALL_FUNCTION_EX_VALUES", 0, [f, NULL, 5, NULL], TypeError, "Value after * must be an"),
        ("DICT_MERGE_VALUES", 1, [f, NULL, (), {}, 5], TypeError, "Value after ** must be a"),
        ("GET_AWAITABLE_OF", 0, [Wrong()], TypeError, "Wrong.__await__() must return an iterator"),
        ("GET_AWAITABLE", 0, [Wrong()], TypeError, "__await__() returned non-iterator of type"),
    ],
)
def test_errors(name, oparg, stack, error, message):
    frame = fake_frame(stack, ["A", NULL, CellType(), CellType()])
    with pytest.raises(error, match=re.escape(message)):
        step(name, oparg, frame)


def test_load_build_class_without_builtins():
    frame = fake_frame([])
    frame.builtins = {}
    with pytest.raises(NameError, match="__build_class__ not found"):
        step("LOAD_BUILD_CLASS", 0, frame)


def test_every_unary_intrinsic_is_bound():
    for number in UNARY_INTRINSICS.keys() - {2}:
        assert callable(HANDLERS["CALL_INTRINSIC_1"](instruction("CALL_INTRINSIC_1", number)))


def test_a_guarded_type_goes_to_the_interceptor():
    seen = []

    class Guarding(Native):
        def load_attr(self, frame, index, obj, name, /):
            seen.append(("load", index, name))
            return super().load_attr(frame, index, obj, name)

        def store_attr(self, frame, index, obj, name, value, /):
            seen.append(("store", index, name))
            super().store_attr(frame, index, obj, name, value)

        def delete_attr(self, frame, index, obj, name, /):
            seen.append(("delete", index, name))
            super().delete_attr(frame, index, obj, name)

    target = SimpleNamespace(real=5)
    frame = fake_frame([target])
    frame.interceptor = Guarding()
    frame.interceptor.guarded_types = {SimpleNamespace}
    step("LOAD_ATTR", 2, frame)
    frame.stack += [6, target]
    step("STORE_ATTR", 2, frame)
    assert (frame.stack, target.real) == ([5], 6)
    frame.stack.append(target)
    step("DELETE_ATTR", 2, frame)
    assert not vars(target)
    assert seen == [
        ("load", NEXT - 1, "real"),
        ("store", NEXT - 1, "real"),
        ("delete", NEXT - 1, "real"),
    ]


def test_a_comprehension_is_called_once_with_its_iterator():
    (code,) = [
        c for c in (lambda xs: list(x + 1 for x in xs)).__code__.co_consts if hasattr(c, "co_code")
    ]
    made = ImplicitFunction(code, {}, (), Native())
    assert list(made(iter([1, 2]))) == [2, 3]
