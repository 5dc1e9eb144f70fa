"""``locals()``, ``vars()``, ``dir()``, ``exec`` and ``eval`` in functions: one dict up to 3.12."""

import sys

import pytest


def exec_makes_a_name():
    exec("x = 5")
    return locals().get("x"), sorted(locals())


def eval_finds_what_exec_made():
    x = 1
    exec("y = x + 1")
    try:
        return x, eval("y")
    except NameError as error:
        return x, str(error)


def exec_does_not_reach_variables():
    x = 1
    exec("x = 7")
    return x, eval("x"), locals()["x"]


def exec_deletes():
    x = 1
    exec("y = 2")
    exec("del x")
    return x, sorted(locals())


def what_was_set_lasts():
    locals()["made"] = 1
    return "made" in locals(), "made" in vars(), "made" in dir()


def it_is_the_same():
    return locals() is locals(), vars() is locals()


def it_is_brought_up_to_date():
    x = 1
    seen = locals()
    x = 2
    before = seen.get("x")
    vars()
    return before, seen.get("x"), x


def dir_brings_it_up_to_date():
    seen = locals()
    x = 3
    dir()
    return x, seen.get("x")


def an_unbound_name_goes():
    x = 1
    seen = locals()
    del x
    locals()
    return "x" in seen


def an_explicit_mapping():
    names = locals()
    exec("z = 9", globals(), names)
    try:
        return names["z"], eval("z")
    except NameError as error:
        return names["z"], str(error)


def globals_only():
    x = 1
    names = {"x": 2}
    exec("y = x", names)
    return names["y"], x, "y" in locals()


def cells_and_free_variables():
    x = 1

    def inner():
        y = x
        exec("x = 10; z = 11")
        return x, y, eval("x"), sorted(locals().items())

    return inner(), sorted(name for name in locals() if name != "inner")


def an_empty_cell():
    def inner():
        seen = locals()
        return sorted(seen), later if seen else None

    found = inner()
    later = 1
    return found, later


def a_generator():
    def numbers(n):
        seen = locals()
        yield seen["n"]
        n = 5
        locals()
        exec("made = n")
        yield seen["n"], seen.get("made")

    return list(numbers(1))


def each_call_has_its_own():
    def inner(n):
        exec(f"a{n} = n")
        return sorted(locals())

    return inner(1), inner(2)


def a_loop():
    found = []
    for i in range(3):
        exec(f"made{i} = i")
        found.append(sorted(name for name in locals() if name.startswith("made")))
    return found


def in_a_handler():
    try:
        exec("x = 1 / 0")
    except ZeroDivisionError:
        exec("text = str(error)")
    return sorted(locals())


def a_name_of_a_variable_not_yet_bound():
    exec("x = 1")
    found = locals().get("x")
    if found is None:
        found = eval("'x' in locals()")
    x = 2
    return found, x, locals()["x"]


def in_a_comprehension():
    x = 1
    exec("y = 2")
    return [sorted(k for k in locals() if k[0] != ".") for _ in range(1)], x


def in_a_class():
    class Made:
        x = 1
        locals()["y"] = 2
        exec("z = x + y")
        found = sorted(name for name in vars() if name[0] != "_")
        same = locals() is vars()

    return Made.found, Made.z, Made.same


def in_a_class_with_a_cell():
    class Made:
        def own(self):
            return __class__

        found = sorted(locals())

    return Made.found, Made().own() is Made


def in_a_class_with_a_comprehension_over_the_same_name():
    class Made:
        x = 3
        [x for x in (1, 2)]
        dir()
        found = x

    return Made.found, Made.x


def with_arguments(a, *rest, key=None, **others):
    exec("a = 2; b = a")
    return a, sorted(locals())


FUNCTIONS = [
    exec_makes_a_name,
    eval_finds_what_exec_made,
    exec_does_not_reach_variables,
    exec_deletes,
    what_was_set_lasts,
    it_is_the_same,
    it_is_brought_up_to_date,
    dir_brings_it_up_to_date,
    an_unbound_name_goes,
    an_explicit_mapping,
    globals_only,
    cells_and_free_variables,
    an_empty_cell,
    a_generator,
    each_call_has_its_own,
    a_loop,
    in_a_handler,
    a_name_of_a_variable_not_yet_bound,
    in_a_comprehension,
    in_a_class,
    in_a_class_with_a_cell,
    in_a_class_with_a_comprehension_over_the_same_name,
]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_locals(same, function):
    same(function)


def test_locals_with_arguments(same):
    same(with_arguments, 1, 2, key=3, other=4)


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="a snapshot each time, by PEP 667")
def test_locals_are_freed_with_the_frame(same):
    import gc
    import weakref

    class Thing:
        pass

    def keeps():
        thing = Thing()
        exec("other = thing")
        return weakref.ref(thing)

    def check():
        gc.disable()
        try:
            return keeps()() is None
        finally:
            gc.enable()

    assert same(check)
