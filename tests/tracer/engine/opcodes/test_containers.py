import pytest
from case_names import stable_name


def displays(a, b):
    return [], (), {}, [a, b], (a, b), {a, b}, {a: b, b: a}, {"x": a, "y": b}, [*a], (*a, b)


def constant_displays():
    return [1, 2, 3], {1, 2, 3}, {"a": 1, "b": 2, "c": 3}, (1, (2, 3)), {1: [2]}


def spread(a, b):
    return [*a, *b], (*a, *b), {*a, *b}


def spread_mappings(a, b):
    return {**a, **b}, {"k": 1, **a}, {**b, "z": 0}


def unpack_two(value):
    a, b = value
    return b, a


def unpack_star(value):
    a, *b, c = value
    return c, b, a


def unpack_nested(value):
    (a, [b, *c]), d = value
    return d, c, b, a


def unpack_only_star(value):
    [*a] = value
    return a


def comprehensions(n):
    return (
        [x * 2 for x in range(n)],
        {x % 3 for x in range(n)},
        {x: str(x) for x in range(n) if x % 2},
        [(x, y) for x in range(n) for y in range(x) if x != y],
        [[y for y in range(x)] for x in range(n)],
        sum(x for x in range(n)),
    )


def comprehension_scopes(n):
    x = "outer"
    squares = [x * x for x in range(n)]
    return x, squares, [lambda: x for x in range(2)][0](), [x for _ in "ab"]


def formats(a, b, width):
    return f"{a}", f"{a!r:>10}", f"{a!s}{b!a}", f"{b:{width}}", f"{a}{{{b}}}", f"{a=}", f"{b:%}"


BAD_UNPACKS = [[1], [1, 2], [1, 2, 3], 5, "ab", {1: 2, 3: 4}, iter([1, 2]), ((1, [2, 3]), 4)]


@pytest.mark.parametrize(
    "function, args",
    [
        (displays, ([1], "b")),
        (displays, ("ab", "c")),
        (constant_displays, ()),
        (spread, ([1], (2, 3))),
        (spread, ("ab", range(2))),
        (spread, (3, [1])),
        (spread, ([1], None)),
        (spread_mappings, ({"a": 1}, {"a": 2})),
        (spread_mappings, (3, {})),
        (spread_mappings, ([1], {})),
        (comprehensions, (5,)),
        (comprehensions, (0,)),
        (comprehension_scopes, (4,)),
        (formats, ("x", 0.5, 8)),
        (formats, (None, 3, "d")),
        (formats, ("x", 2, "bad")),
    ],
)
def test_containers(same, function, args):
    same(function, *args)


@pytest.mark.parametrize("function", [unpack_two, unpack_star, unpack_nested, unpack_only_star])
@pytest.mark.parametrize("value", BAD_UNPACKS, ids=stable_name)
def test_unpacking(twin, function, value):
    def run(fn):
        again = iter([1, 2]) if hasattr(value, "__next__") else value
        try:
            return fn(again)
        except (TypeError, ValueError) as error:
            return type(error), str(error)

    assert run(twin(function)) == run(function)


def test_a_failing_iterator_in_a_display(same):
    def failing():
        yield 1
        raise KeyError("inside")

    same(lambda: [*failing()])
    same(lambda: {*failing()})
    same(lambda: {**{"a": 1}, **failing()})


def test_unhashable_members(same):
    same(lambda x: {x}, [])
    same(lambda x: {x: 1}, [])
    same(lambda x: {k: 1 for k in x}, [[]])
