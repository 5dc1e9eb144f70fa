"""Functions that recurse as deep as they are told, each in a way of its own."""

import contextlib
import functools


def plain(n):
    def deepens(k):
        return k and 1 + deepens(k - 1)

    return deepens(n)


def through_a_method(n):
    class Made:
        def deepens(self, k):
            return k and 1 + self.deepens(k - 1)

    return Made().deepens(n)


def through_super(n):
    class Base:
        def deepens(self, k):
            return k and self.deepens(k - 1)

    class Made(Base):
        def deepens(self, k):
            return super().deepens(k)

    return Made().deepens(n)


def through_a_wrapper(n):
    def decorated(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            return function(*args, **kwargs)

        return wrapper

    @decorated
    def deepens(k):
        return k and 1 + deepens(k - 1)

    return deepens(n)


def through_a_cache(n):
    @functools.lru_cache(None)
    def fib(k):
        return k if k < 2 else fib(k - 1) + fib(k - 2)

    return fib(n)


def through_map(n):
    def deepens(k):
        return [k, *(list(map(deepens, [k - 1]))[0] if k else ())]

    return len(deepens(n))


def in_a_comprehension(n):
    def deepens(k):
        return k and 1 + [deepens(k - 1) for _ in "1"][0]

    return deepens(n)


def in_a_handler(n):
    def deepens(k):
        try:
            {}["missing"]
        except KeyError:
            return k and 1 + deepens(k - 1)

    return deepens(n)


def in_a_with(n):
    def deepens(k):
        with contextlib.nullcontext():
            return k and 1 + deepens(k - 1)

    return deepens(n)


def by_delegating(n):
    def deepens(k):
        yield k
        if k:
            yield from deepens(k - 1)

    return sum(deepens(n))


def by_yielding_on(n):
    def deepens(k):
        yield k
        if k:
            for each in deepens(k - 1):
                yield each

    return sum(deepens(n))


def by_awaiting(n):
    async def deepens(k):
        return k and 1 + await deepens(k - 1)

    coroutine = deepens(n)
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    finally:
        coroutine.close()


def by_showing(n):
    class Nested:
        def __init__(self, inner):
            self.inner = inner

        def __repr__(self):
            return f"({self.inner!r})"

    nested = None
    for _ in range(n):
        nested = Nested(nested)
    return len(repr(nested))


def by_comparing(n):
    class Nested:
        def __init__(self, inner):
            self.inner = inner

        def __eq__(self, other):
            return self.inner == other.inner

    one = other = None
    for _ in range(n):
        one, other = Nested(one), Nested(other)
    return one == other
