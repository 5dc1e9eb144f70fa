"""What a program finds in the frames of its tracebacks, and in its own locals."""

import gc
import sys
import traceback
import weakref

import pytest

from bytefig.tracer import interpret


def in_finally(x):
    try:
        1 / x
    finally:
        print("finally")


def in_except(x):
    try:
        1 / x
    except ZeroDivisionError:
        print("except")
        raise


def in_named_except(x):
    try:
        1 / x
    except Exception as error:
        x = str(error)
        raise LookupError(x) from error


def in_other_except(x):
    try:
        1 / x
    except TypeError as error:
        print(error)
    except LookupError:
        pass


def in_with(x):
    import contextlib

    with contextlib.suppress(TypeError):
        print("with")
        1 / x
        print("never")


def in_nested(x):
    try:
        try:
            1 / x
        finally:
            x = "changed"
    finally:
        try:
            print(x)
        finally:
            print("last")


def shown(function):
    """Where each frame of the error's traceback is, and what it holds."""
    try:
        function(0)
    except Exception as error:
        entry = error.__traceback__.tb_next
        found = []
        while entry is not None:
            frame = entry.tb_frame
            found.append(
                (frame.f_code.co_name, frame.f_lineno, frame.f_lasti, entry.tb_lineno)
                + (entry.tb_lasti, dict(frame.f_locals))
            )
            entry = entry.tb_next
        return found


@pytest.mark.parametrize(
    "function", [in_finally, in_except, in_named_except, in_other_except, in_with, in_nested]
)
def test_where_frames_are(function):
    assert shown(interpret(function)) == shown(function)


def fails(x, *rest, key=None):
    y = x + 1
    unbound = y
    del unbound
    cell = [y]
    return [lambda: cell, 1 / x]


def test_frames_show_locals_as_they_are():
    with pytest.raises(ZeroDivisionError) as caught:
        interpret(fails)(0, 1, key=2)
    names = caught.value.__traceback__.tb_next.tb_frame.f_locals
    assert dict(names) == {"x": 0, "rest": (1,), "key": 2, "y": 1, "cell": [1]}
    assert (len(names), sorted(names), "unbound" in names) == (5, sorted(dict(names)), False)
    assert repr(names) == repr(names.copy())
    names["y"] = names["cell"] = "set"
    assert (names["y"], names["cell"]) == ("set", "set")
    with pytest.raises(KeyError):
        names["other"]
    with pytest.raises(KeyError):
        names["other"] = 1
    with pytest.raises(KeyError):
        del names["y"]


def test_frames_of_class_bodies_show_the_namespace():
    def makes():
        class Fails:
            x = 5
            1 / 0

    with pytest.raises(ZeroDivisionError) as caught:
        interpret(makes)()
    entry = caught.value.__traceback__.tb_next.tb_next
    assert entry.tb_frame.f_code.co_name == "Fails"
    assert entry.tb_frame.f_locals["x"] == 5


def test_globals_without_builtins_are_left_alone():
    names = {}
    exec("def fails(): 1 / 0", names)
    function = interpret(names["fails"])
    del names["__builtins__"]
    with pytest.raises(ZeroDivisionError):
        function()
    assert "__builtins__" not in names


def test_a_traceback_keeps_locals_alive_and_no_longer():
    class Thing:
        pass

    def raises():
        thing = Thing()
        seen.append(weakref.ref(thing))
        raise LookupError

    seen = []
    gc.disable()
    try:
        try:
            interpret(raises)()
        except LookupError:
            assert seen[0]() is not None
        assert seen[0]() is None
    finally:
        gc.enable()


def test_locals_of_comprehensions_in_classes(same):
    def use():
        class C:
            a = 1
            names = [sorted(locals()) for x in (1, 2)]
            after = sorted(locals())

        return C.names, C.after

    same(use)


def test_locals_with_a_name_in_two_scopes(same):
    def use():
        def b():
            [a for b in [1] for a in []]
            return sorted(locals()), b is not None

        return b()

    same(use)


def test_a_cell_as_self(same):
    def use():
        class X:
            def method(self):
                super()

            def captured(self):
                lambda: self
                return type(super()).__name__

        def cell():
            return X

        X().captured()
        X.method(cell.__closure__[0])

    same(use)


def variables_of_caller():
    found = sys._getframe(1).f_locals.items()
    # What stands for an interpreted frame has three of its own.
    return {name: value for name, value in found if not name.startswith(".")}


def test_who_is_called_finds_the_variables_of_the_caller(same):
    def use(a, *rest, b=2, **others):
        free = a + b

        def inner(x):
            return free, variables_of_caller()

        if a > 5:
            unbound = 1  # noqa: F841
        first = variables_of_caller()
        del first["inner"]
        a = 7
        return first, inner(a), variables_of_caller()["a"], sys._getframe().f_locals["b"]

    same(use, 1, 5, c=3)


def test_who_is_called_finds_the_names_of_a_class_and_stores_there(same):
    def store(name, value):
        sys._getframe(1).f_locals[name] = value

    def use(x):
        class Made:
            known = x
            seen = [name for name in variables_of_caller() if not name.startswith("__")]
            store("added", known + 1)
            twice = 2 * added  # noqa: F821 - it is there by then

        return Made.known, Made.seen, Made.added, Made.twice

    same(use, 4)


def test_an_empty_cell_is_no_variable(same):
    def use():
        def inner():
            return later

        found = variables_of_caller()
        later = 1
        return sorted(found), sorted(variables_of_caller()), inner()

    same(use)


def own(stack):
    """Return the entries that are not of the test's own machinery."""
    return [(entry.name, entry.lineno) for entry in stack if entry.filename == __file__]


def test_the_stack_is_that_of_the_user_s_frames(same, capsys):
    def use(depth):
        def inner(n):
            if n:
                return inner(n - 1)
            stack = traceback.extract_stack()
            traceback.print_stack(limit=1)
            two = traceback.extract_stack(None, 2)
            from_here = traceback.extract_stack(sys._getframe(), limit=1)
            text = traceback.format_stack(limit=3)
            return own(stack)[-4:], own(two), own(from_here), text

        return inner(depth)

    same(use, 2)
    first, *others = capsys.readouterr().err.split("  File ")[1:]
    assert "in inner" in first
    assert others == [first] * len(others)


class Operand:
    def seen(self, *_):
        caller = sys._getframe(1)
        return caller.f_code.co_name, caller.f_lineno, caller.f_locals.get("x")

    __add__ = __radd__ = __neg__ = __getitem__ = __lt__ = seen

    def __setitem__(self, *_):
        self.stored = self.deleted = self.seen()
        self.stored = sys._getframe(1).f_lineno

    def __delitem__(self, _):
        self.deleted = sys._getframe(1).f_lineno

    def __contains__(self, member):
        self.asked = sys._getframe(1).f_lineno
        return member == 1


def test_an_operator_s_method_finds_the_user_s_frame(same):
    def use(x):
        first = Operand()
        first["a"] = 1
        del first["a"]
        found = 1 in first, 2 not in first, first.stored, first.deleted, first.asked
        return found, first + 1, 1 + first, -first, first[2], first[1:2], first < 3

    same(use, 5)


def test_patched_builtins_are_the_program_s_only(same, monkeypatch):
    native, calls = len, []

    def counting(x):
        calls.append(x)
        return native(x)

    def use():
        calls.clear()
        monkeypatch.setattr("builtins.len", counting)
        try:
            len("abc"), dict(a=1), max(1, 2, key=abs), "x".rjust(width(5))
        finally:
            monkeypatch.undo()
        return list(calls)

    def width(x):
        return x

    same(use)


def test_contexts_survive_a_finally(same):
    class Cycle(Exception):
        def __init__(self, *args):
            super().__init__(*args)

    def use():
        try:
            try:
                raise Cycle("a")
            except Cycle as first:
                a = first
                try:
                    raise Cycle("b")
                except Cycle:
                    try:
                        raise Cycle("c")
                    except Cycle as third:
                        a.__context__ = third
                        raise third
        except Cycle as error:
            return error.__context__.__context__ is a, a.__context__ is error

    assert same(use).result == (True, True)


def test_active_exception_inside_what_is_delegated_to(same):
    def use():
        def inner():
            seen.append(sys.exc_info()[0])
            yield 1
            seen.append(sys.exc_info()[0])
            try:
                raise KeyError("own")
            except KeyError:
                raise ValueError("from inside")

        def outer():
            try:
                raise OSError("handled")
            except OSError:
                try:
                    raise LookupError("innermost")
                except LookupError:
                    yield from inner()

        seen = []
        try:
            list(outer())
        except ValueError as error:
            chain = []
            while error is not None:
                chain.append(type(error))
                error = error.__context__
        return seen, chain

    same(use)


@pytest.mark.parametrize("started", [False, True])
def test_frames_of_interpreted_functions_can_be_looked_at(started):
    """With free variables: what CPython reads from such a frame must be there."""

    def closure():
        def generator():
            yield names(sys._getframe())
            yield value

        value = 5
        made = generator()
        if started:
            found.append(next(made))
        found.append(sorted(made.gi_frame.f_locals))

    def names(frame):
        while frame is not None:
            found.append(sorted(frame.f_locals))
            frame = frame.f_back

    found = []
    interpret(closure)()
    assert "value" in found[-1]
