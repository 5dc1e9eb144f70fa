import pytest


def counter(start):
    count = start

    def increase(by=1):
        nonlocal count
        count += by
        return count

    return increase(), increase(5), count


def argument_as_cell(x, *rest, **others):
    def get():
        return x, rest, others

    x = (x, "changed")
    return get()


def late_binding():
    makers = []
    for i in range(3):
        makers.append(lambda: i)
    return [make() for make in makers]


def empty_cell():
    def get():
        return later

    if False:
        later = 1
    return get()


def own_empty_cell(flag):
    def get():
        return value

    if flag:
        value = 1
    return value


def deleted_cell():
    value = 1

    def get():
        return value

    first = get()
    del value
    return first, get()


def deletes_empty_cell():
    value = 1

    def get():
        return value

    del value
    del value


def three_levels(x):
    def middle():
        y = x + 1

        def inner(z):
            return x, y, z

        return inner

    return middle()(3)


def recursive(n):
    def factorial(k):
        return 1 if k <= 1 else k * factorial(k - 1)

    return factorial(n)


@pytest.mark.parametrize(
    "function, args",
    [
        (counter, (10,)),
        (argument_as_cell, (1, 2, 3)),
        (late_binding, ()),
        (empty_cell, ()),
        (own_empty_cell, (True,)),
        (own_empty_cell, (False,)),
        (deleted_cell, ()),
        (deletes_empty_cell, ()),
        (three_levels, (1,)),
        (recursive, (6,)),
    ],
)
def test_cells(same, function, args):
    same(function, *args)


def test_a_closure_shares_its_cells_with_native_code(twin):
    value = 1

    def read():
        return value

    def write(new):
        nonlocal value
        value = new

    twin(write)(7)
    assert value == 7
    value = 8
    assert twin(read)() == 8
