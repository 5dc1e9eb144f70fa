"""Coroutines and asynchronous generators: cancelled, shielded, in groups, awaited by hand."""

import asyncio
import contextlib
import contextvars
import gc
import types
import warnings


def a_timeout_cancels():
    log = []

    async def slow():
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError as error:
            log.append(error.args)
            raise
        finally:
            log.append("cleaning up")
            await asyncio.sleep(0)
            log.append("cleaned up")

    async def main():
        try:
            async with asyncio.timeout(0) as timeout:
                await slow()
        except TimeoutError as error:
            log.append((str(error), type(error.__cause__ or error.__context__)))
        return timeout.expired(), asyncio.current_task().cancelling()

    return asyncio.run(main()), log


def failures_in_a_group_of_tasks():
    log = []

    async def waits():
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            log.append("cancelled")
            raise

    async def fails(number):
        await asyncio.sleep(0)
        raise ValueError(number)

    async def main():
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(waits())
                group.create_task(fails(1))
                group.create_task(fails(2))
        except* ValueError as caught:
            log.append(sorted(error.args for error in caught.exceptions))
        return "done"

    return asyncio.run(main()), log


def context_variables_of_tasks():
    variable = contextvars.ContextVar("variable", default=0)

    async def sets(value):
        variable.set(value)
        await asyncio.sleep(0)
        return variable.get()

    async def main():
        found = await asyncio.gather(*(sets(number) for number in range(4)))
        return found, variable.get()

    def in_a_copy():
        variable.set(7)
        return variable.get()

    return contextvars.copy_context().run(in_a_copy), asyncio.run(main()), variable.get()


def asynchronous_generators():
    log = []

    async def counts():
        try:
            for number in range(5):
                try:
                    log.append((yield number))
                except KeyError as error:
                    log.append(repr(error))
                    yield "handled"
        finally:
            await asyncio.sleep(0)
            log.append("closed")

    async def main():
        counting = counts()
        log.append(await anext(counting))
        log.append(await counting.asend("sent"))
        log.append(await counting.athrow(KeyError("thrown")))
        await counting.aclose()
        log.append([number async for number in counts() if number % 2])
        async for _ in counts():
            break
        log.append("left")

    asyncio.run(main())
    return log


def an_end_inside_an_asynchronous_generator():
    async def ends():
        yield 1
        raise StopAsyncIteration

    async def main():
        return [number async for number in ends()]

    return asyncio.run(main())


def a_coroutine_awaited_twice():
    async def one():
        return 1

    async def main():
        coroutine = one()
        await coroutine
        await coroutine

    asyncio.run(main())


def a_coroutine_never_awaited():
    async def one():
        return 1

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        one()
        gc.collect()
    return [str(warning.message) for warning in caught]


def asynchronous_managers():
    log = []

    class Manager:
        async def __aenter__(self):
            log.append("entered")
            return self

        async def __aexit__(self, kind, *_):
            log.append(kind)
            await asyncio.sleep(0)
            return kind is KeyError

    @contextlib.asynccontextmanager
    async def manages():
        try:
            yield 1
        except ValueError as error:
            log.append(repr(error))

    async def main():
        async with Manager(), Manager():
            raise KeyError
        async with contextlib.AsyncExitStack() as stack:
            await stack.enter_async_context(Manager())
            stack.push_async_callback(asyncio.sleep, 0)
        async with manages() as number:
            raise ValueError(number)
        assert log == ["entered"] * 2 + [KeyError, None, "entered", None, "ValueError(1)"], log
        async with Manager():
            raise OSError("not handled")

    asyncio.run(main())


def a_shielded_task_goes_on():
    log = []

    async def works():
        try:
            await ready.wait()
            return "worked"
        except asyncio.CancelledError:
            log.append("cancelled")
            raise

    async def main():
        nonlocal ready
        ready = asyncio.Event()
        for work in (works(), asyncio.shield(shielded := asyncio.ensure_future(works()))):
            try:
                await asyncio.wait_for(work, 0.001)
            except TimeoutError:
                log.append("too late")
        ready.set()
        return await shielded

    ready = None
    return asyncio.run(main()), log


def a_task_that_will_not_be_cancelled():
    async def stays():
        for _ in range(3):
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                log.append("no")
        return "ended"

    async def main():
        task = asyncio.create_task(stays())
        for _ in range(3):
            await asyncio.sleep(0)
            task.cancel()
            await asyncio.sleep(0)
        return await task

    log = []
    return asyncio.run(main()), log


def a_coroutine_driven_by_hand():
    @types.coroutine
    def switch():
        received = yield 1
        return received

    async def adds():
        return await switch() + 1

    coroutine = adds()
    first = coroutine.send(None)
    try:
        coroutine.send(4)
    except StopIteration as stop:
        return first, stop.value, coroutine.cr_frame


def what_can_be_awaited():
    class Awaitable:
        def __await__(self):
            yield 1
            return 2

    class Broken:
        def __await__(self):
            return 5

    async def awaits(thing):
        return await thing

    found = []
    for thing in (Awaitable(), Broken(), 3):
        coroutine = awaits(thing)
        try:
            found.append(coroutine.send(None))
            coroutine.send(None)
        except (StopIteration, TypeError) as error:
            found.append((type(error), str(error)))
    return found
