import pytest

GLOBAL = "global"


def reads_global():
    return GLOBAL, len


def undefined_global():
    return nothing_like_this  # noqa: F821


def unbound_local(flag):
    if flag:
        value = 1
    return value


def deleted_local():
    value = 1
    del value
    return value


def deletes_unbound(flag):
    if flag:
        value = 1
    del value


def sets_global():
    global MADE
    MADE = 5
    made = MADE
    del MADE
    return made, "MADE" in globals()


def deletes_missing_global():
    global NEVER_MADE
    del NEVER_MADE


def many_locals(a, b, c):
    d = a
    e = b
    d, e = e, d
    f, g, h = c, d, e
    return a, b, c, d, e, f, g, h


def more_than_sixteen(x):
    a1, a2, a3, a4, a5, a6, a7, a8, a9 = x, x, x, x, x, x, x, x, x
    b1, b2, b3, b4, b5, b6, b7, b8, b9 = range(9)
    return a1, a9, b1, b9, a5 + b5, [a2, a3, a4, a6, a7, a8, b2, b3, b4, b6, b7, b8]


@pytest.mark.parametrize(
    "function, args",
    [
        (reads_global, ()),
        (undefined_global, ()),
        (unbound_local, (True,)),
        (unbound_local, (False,)),
        (deleted_local, ()),
        (deletes_unbound, (False,)),
        (deletes_unbound, (True,)),
        (sets_global, ()),
        (deletes_missing_global, ()),
        (many_locals, (1, 2, 3)),
        (more_than_sixteen, (4,)),
    ],
)
def test_names(same, function, args):
    same(function, *args)


def test_builtins_can_be_replaced(same):
    namespace = {"__builtins__": {"len": lambda _: 42}}
    exec("def f(x):\n return len(x)\ndef g():\n return print", namespace)
    assert same(namespace["f"], [1]).result == 42
    same(namespace["g"])


def test_name_errors_carry_the_name(twin):
    with pytest.raises(NameError) as caught:
        twin(undefined_global)()
    assert caught.value.name == "nothing_like_this"
