import functools
import inspect

import pytest


def makes_everything():
    def full(a, /, b: int = 2, *rest: str, c=3, d, **others) -> list:
        """Says something."""
        return [a, b, rest, c, d, others]

    return full


def test_metadata(twin):
    ours, native = twin(makes_everything)(), makes_everything()
    for name in (
        "__name__",
        "__qualname__",
        "__doc__",
        "__module__",
        "__defaults__",
        "__kwdefaults__",
        "__annotations__",
        "__dict__",
    ):
        assert getattr(ours, name) == getattr(native, name), name
    assert inspect.signature(ours) == inspect.signature(native)
    assert inspect.getsource(ours) == inspect.getsource(native)
    assert ours(1, 2, 3, d=4, e=5) == native(1, 2, 3, d=4, e=5)


def test_binding_errors(same):
    def use(call):
        def f(a, /, b, *, c=1):
            return a, b, c

        return call(f)

    same(use, lambda f: f())
    same(use, lambda f: f(1, 2, 3))
    same(use, lambda f: f(a=1, b=2))
    same(use, lambda f: f(1, 2, d=4))


def test_defaults_are_made_once(same):
    def use():
        def f(x, seen=[]):  # noqa: B006
            seen.append(x)
            return seen

        return f(1), f(2), f(3, [])

    same(use)


def test_native_code_calls_back(same):
    def use(words):
        order = []
        sorted(words, key=lambda word: order.append(word) or len(word))
        return (
            order,
            list(filter(lambda word: "a" in word, words)),
            functools.reduce(lambda a, b: a + b, words),
        )

    same(use, ["bb", "a", "ccc"])


def test_classes_made_inside(same):
    def use(x):
        class Base:
            tag = x

            def get(self):
                return self.tag, x

        class Child(Base, metaclass=type):
            def get(self):
                return ("child", *super().get())

        return Child().get(), Child.__qualname__, Child.__bases__[0].__name__

    same(use, 3)


def test_frame_builtins(same):
    def use(a, b=2):
        c = a + b
        before = sorted(locals().items()), sorted(vars()), dir()
        evaluated = eval("a + b + c"), eval("x", {"x": 9}), eval("len(y)", None, {"y": [1]})
        exec("made = a", globals(), scope := {"a": a})
        return (
            before,
            evaluated,
            scope["made"],
            globals()["__name__"],
            [locals() for _ in "x"] != [],
        )

    same(use, 1)


def test_locals_leave_out_what_is_unbound(same):
    def use(flag):
        shared = 1

        def inner():
            return shared, later, sorted(locals())

        if flag:
            del shared
        first = sorted(locals())
        later = 2
        return first, sorted(locals())

    same(use, True)
    same(use, False)


def test_frame_builtins_with_arguments(same):
    same(lambda: (vars(functools.partial(len)), "real" in dir(3)))
    same(lambda: locals(1))
    same(lambda: eval())
    same(lambda: exec("1 +"))
    same(lambda: eval("  1 + 1"))
    same(lambda: eval(b"2 * 3"))
    same(lambda: eval(compile("4", "<x>", "eval")))
    same(lambda: eval(5))


def test_compiling_inherits_the_features_of_the_user_s_code_only(twin):
    def use():
        namespace = {}
        exec("def f(x: undefined_name_1): pass", {"undefined_name_1": int}, namespace)
        exec(
            compile("def g(x: undefined_name_2): pass", "<x>", "exec"),
            {"undefined_name_2": 1},
            namespace,
        )
        return namespace["f"].__annotations__, namespace["g"].__annotations__

    assert twin(use)() == use() == ({"x": int}, {"x": 1})

    source = """
from __future__ import annotations

def use():
    namespace = {}
    exec("def f(x: nope): 0", namespace)
    return namespace["f"].__annotations__
"""
    namespace = {}
    exec(source, namespace)
    assert twin(namespace["use"])() == namespace["use"]() == {"x": "nope"}


def test_a_parameter_named_format_is_nothing_special(same):
    def use():
        free = 3

        def shown(format, /):
            return format, free

        def bare(format, /):
            raise LookupError(format)

        print(shown(1))
        bare(2)

    same(use)


def test_code_of_a_function_like_an_annotation_s_with_other_globals(twin):
    def make():
        a = b = 1

        def shown(format, /):
            return name, a, b, format

        return shown

    shown = twin(make)()
    elsewhere = type(shown)(
        shown.__code__, {"name": "elsewhere"}, closure=tuple(reversed(shown.__closure__))
    )
    shown.__closure__[0].cell_contents = "a"
    assert elsewhere(0) == ("elsewhere", 1, "a", 0)
    with pytest.raises(NameError):
        shown(0)
