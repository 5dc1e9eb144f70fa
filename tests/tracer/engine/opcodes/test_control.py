import pytest

from bytefig.tracer.engine.tiers import TIERS


def loops(n):
    total = 0
    for i in range(n):
        if i == 3:
            continue
        if i > 7:
            break
        total += i
    else:
        total = -total
    while total > 0:
        total -= 2
        if total == 5:
            break
    else:
        return "done", total
    return total


def nested_loops(n):
    found = []
    for i in range(n):
        for j in range(i):
            if (i + j) % 3 == 0:
                break
            found.append((i, j))
        else:
            found.append(i)
    return found


def booleans(a, b, c):
    return a and b or c, a or b and c, not a or b, (a if b else c), a and (b or c) and not c


def none_checks(a):
    if a is None:
        return "none"
    if a is not None and a > 2:
        return "big"
    while a is None:
        a = 1
    return None


def walrus(xs):
    return [y for x in xs if (y := x * 2) > 2], (n := len(xs)), n + 1


def asserts(x, message):
    assert x
    assert x > 1, message
    return x


def deletes(x):
    y = x
    del x
    z = y
    if y:
        del y
    return z, y


def early_return(x):
    for i in x:
        if i:
            return i
    return None


@pytest.mark.parametrize(
    "function, args",
    [
        *[(loops, (n,)) for n in (0, 1, 5, 8, 12)],
        (loops, ("x",)),
        *[(nested_loops, (n,)) for n in (0, 3, 6)],
        *[(booleans, (a, b, c)) for a in (0, 1) for b in ("", "b") for c in (None, [1])],
        *[(none_checks, (a,)) for a in (None, 1, 5, "x")],
        (walrus, ([1, 2, 3],)),
        *[(asserts, (x, "why")) for x in (0, 1, 2)],
        (deletes, (0,)),
        (deletes, (1,)),
        (early_return, ([0, 0, 4],)),
        (early_return, ([],)),
        (early_return, (5,)),
    ],
)
def test_control_flow(same, function, args):
    same(function, *args)


def test_a_jump_longer_than_an_oparg(same):
    body = "\n".join(f"  y += x * {i}; z = [y, {i}, x]" for i in range(300))
    namespace = {}
    exec(f"def f(n):\n y = 0\n z = 0\n for x in range(n):\n{body}\n return y, z", namespace)
    same(namespace["f"], 3)


def test_truth_may_raise(same):
    class Ambiguous:
        def __bool__(self):
            raise ValueError("ambiguous")

    same(lambda make: 1 if make() else 2, Ambiguous)
    same(lambda make: not make(), Ambiguous)
    same(lambda make: make() and 1, Ambiguous)


def leaves_loops(xs, how):
    seen = []
    for x in xs:
        for y in (x, x + 1):
            seen.append(y)
            if y == 2 and how == "break":
                break
            if y == 2 and how == "return":
                return seen, y
            if y == 2 and how == "raise":
                raise LookupError(seen)
            if y == 2 and how == "continue":
                continue
            seen.append("after")
        else:
            seen.append("else")
            continue
        break
    else:
        seen.append("outer else")
    return seen


@pytest.mark.parametrize("how", ["break", "return", "raise", "continue", None])
@pytest.mark.parametrize("xs", [[], [1, 2, 3], [2]])
def test_leaving_loops(same, xs, how):
    same(leaves_loops, xs, how)


def test_leaving_a_loop_drops_its_iterator(same):
    def use():
        def numbers():
            try:
                yield from range(3)
            finally:
                print("closed")

        for number in numbers():
            if number:
                break
        print("after the break")
        for number in numbers():
            return number

    same(use)


def quantifies(xs):
    return (
        any(x > 1 for x in xs),
        all(x > 1 for x in xs),
        tuple(x + 1 for x in xs),
        any([x for x in xs]),
        all(any(y for y in range(x)) for x in xs),
    )


@pytest.mark.parametrize("xs", [[], [0, 1], [2, 3], [0, "a"], 5])
def test_quantifiers(same, xs):
    same(quantifies, xs)


def test_a_quantifier_may_have_been_rebound(same):
    def use(xs):
        any = lambda found: ("mine", list(found))
        return any(x for x in xs)

    same(use, [1, 2])


def test_a_quantifier_stops_early_and_closes(same):
    def use():
        def numbers():
            try:
                for i in range(5):
                    print(i)
                    yield i
            finally:
                print("closed")

        return any(i > 1 for i in numbers()), all(i < 1 for i in numbers())

    same(use)


def rounds(n):
    total = 0
    for i in range(n):
        total += i
    return total


def rounds_of_while(n):
    total = i = 0
    while i < n:
        total += i
        i += 1
    return total


@pytest.mark.parametrize("function, jumps", [(rounds, {10}), (rounds_of_while, {9, 10})])
def test_a_loop_is_offered_to_the_native_tier_once_it_went_round_often(
    function, jumps, monkeypatch, using, twin, afresh
):
    """How often it jumps back depends on where it has its test."""
    offered = []

    def stay(frame, index, call):
        offered.append(index)
        return index

    monkeypatch.setattr(TIERS, "take_over", stay)
    with using("auto", jumps=3):
        assert twin(afresh(function))(3) == 3
        assert not offered
        again = twin(afresh(function))
        assert again(10) == 45
    assert len(offered) + 3 in jumps
    assert len(set(offered)) == 1
