import asyncio
import inspect
import traceback
import types

import pytest


async def sleeps(n):
    total = 0
    for i in range(n):
        await asyncio.sleep(0)
        total += i
    return total


async def fails(_):
    await asyncio.sleep(0)
    raise LookupError("async")


class Manager:
    async def __aenter__(self):
        await asyncio.sleep(0)
        return "entered"

    async def __aexit__(self, kind, error, traceback):
        print("exit", kind)
        await asyncio.sleep(0)
        return kind is LookupError


async def manages(n):
    async with Manager() as entered:
        if n > 1:
            raise LookupError("swallowed")
        return entered, n
    return "after"


async def counts(n):
    for i in range(n):
        await asyncio.sleep(0)
        got = yield i
        print("got", got)


async def iterates(n):
    seen = []
    async for i in counts(n):
        seen.append(i)
    else:
        seen.append("else")
    return seen, [x async for x in counts(n)], {x: await sleeps(x) async for x in counts(n)}


async def gathers(n):
    async def one(i):
        await asyncio.sleep(0)
        return i * i

    return await asyncio.gather(*(one(i) for i in range(n)))


async def bad_await(n):
    await n


async def bad_for(n):
    async for _ in n:
        pass


async def bad_with(n):
    async with n:
        pass


async def bad_anext(n):
    class Bad:
        def __aiter__(self):
            return self

        def __anext__(self):
            return n

    async for _ in Bad():
        pass


async def bad_aiter(n):
    class Bad:
        def __aiter__(self):
            return n

    async for _ in Bad():
        pass


async def custom_awaitable(n):
    class Waits:
        def __await__(self):
            yield from asyncio.sleep(0).__await__()
            return n

    class Wrong:
        def __await__(self):
            return n

    print(await Waits())
    await Wrong()


async def cancelled(n):
    async def forever():
        try:
            while True:
                await asyncio.sleep(0)
        finally:
            print("cleaned")

    task = asyncio.ensure_future(forever())
    for _ in range(n + 1):
        await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        return "cancelled"


@pytest.mark.parametrize("n", [0, 2])
@pytest.mark.parametrize(
    "function",
    [
        sleeps,
        fails,
        manages,
        iterates,
        gathers,
        bad_await,
        bad_for,
        bad_with,
        bad_anext,
        bad_aiter,
        custom_awaitable,
        cancelled,
    ],
)
def test_coroutines(twin, capsys, function, n):
    def run(fn):
        try:
            outcome = asyncio.run(fn(n))
        except (LookupError, TypeError) as error:
            cause = error.__cause__
            entries = traceback.extract_tb(cause and cause.__traceback__)
            outcome = type(error), str(error), type(cause), [entry.name for entry in entries]
        return outcome, capsys.readouterr().out

    assert run(twin(function)) == run(function)


def test_async_generators(twin, capsys):
    async def consume(make):
        seen = []
        generator = make(3)
        seen.append(await anext(generator))
        seen.append(await generator.asend("hello"))
        try:
            await generator.athrow(ValueError("v"))
        except ValueError as error:
            seen.append(str(error))
        other = make(3)
        await anext(other)
        await other.aclose()
        return seen, [x async for x in make(2)]

    native = asyncio.run(consume(counts)), capsys.readouterr().out
    assert (asyncio.run(consume(twin(counts))), capsys.readouterr().out) == native


def test_kinds(twin):
    coroutine = twin(sleeps)(1)
    assert inspect.iscoroutinefunction(twin(sleeps))
    assert inspect.isasyncgenfunction(twin(counts))
    assert isinstance(coroutine, types.CoroutineType)
    assert coroutine.__qualname__ == "sleeps"
    assert isinstance(twin(counts)(1), types.AsyncGeneratorType)
    coroutine.close()


def test_awaiting_twice(twin):
    async def use():
        inner = asyncio.sleep(0)
        task = asyncio.ensure_future(waits(inner))
        await asyncio.sleep(0)
        try:
            await waits(inner)
        except RuntimeError as error:
            message = str(error)
        task.cancel()
        return message

    async def waits(inner):
        await inner

    native = asyncio.run(use())
    waits = twin(waits)
    assert asyncio.run(use()) == native


def test_what_is_awaited_shows(same):
    def use():
        class Waits:
            def __await__(self):
                seen.append(coroutine.cr_await)
                yield 1
                seen.append(type(coroutine.cr_await))

        async def inner():
            seen.append(coroutine.cr_await is awaited)
            await Waits()

        async def outer():
            seen.append(coroutine.cr_await)
            await awaited
            await Waits()

        seen = []
        awaited, coroutine = inner(), outer()
        coroutine.send(None)
        seen.append((coroutine.cr_await is awaited, type(awaited.cr_await)))
        coroutine.send(None)
        seen.append(type(coroutine.cr_await))
        coroutine.close()
        return [x if isinstance(x, bool | tuple | type) else type(x) for x in seen]

    same(use)
