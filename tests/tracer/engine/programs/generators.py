"""Generators that are closed, thrown into and looked at."""

import contextlib
import gc
import inspect
import sys
import warnings


def a_return_while_being_closed():
    def counts():
        try:
            yield 1
        except GeneratorExit:
            return 5

    started, fresh = counts(), counts()
    next(started)
    return started.close(), started.close(), fresh.close()


def a_yield_while_being_closed():
    def stays():
        try:
            yield
        except GeneratorExit:
            yield

    generator = stays()
    next(generator)
    generator.close()


def a_loop_left_early_closes():
    log = []

    def counts():
        try:
            yield from range(3)
        finally:
            log.append("closed")

    for number in counts():
        log.append(number)
        break
    log.append("after")
    kept = counts()
    log.append(next(kept))
    kept = None
    return log


def handled_exceptions_on_both_sides_of_a_yield():
    def active():
        return repr(sys.exc_info()[1])

    def handles():
        seen.append(active())
        try:
            raise KeyError("own")
        except KeyError:
            yield
            seen.append(active())
        seen.append(active())
        yield
        seen.append(active())

    seen = []
    generator = handles()
    next(generator)
    seen.append(active())
    try:
        raise ValueError("the caller's")
    except ValueError:
        next(generator)
        seen.append(active())
    next(generator, None)
    return seen


def three_arguments_of_throw():
    def catches():
        try:
            yield
        except ValueError as error:
            yield str(error), error.__context__, error.__traceback__ is None

    generator = catches()
    next(generator)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return generator.throw(ValueError, ValueError("thrown"), None)


def one_that_asks_itself():
    def asks():
        yield next(generator)

    generator = asks()
    next(generator)


def states():
    def echoes(first):
        received = yield first
        yield from iter([received])

    generator = echoes(1)
    found = [inspect.getgeneratorstate(generator), generator.gi_yieldfrom]
    found += [next(generator), inspect.getgeneratorstate(generator), generator.gi_running]
    found += [generator.send(3), type(generator.gi_yieldfrom), generator.__qualname__]
    generator.close()
    return found, inspect.getgeneratorstate(generator), generator.gi_frame


def an_end_inside_a_generator_expression():
    return list(next(iter(())) for _ in range(2))


def a_cycle_through_its_own_variable():
    log = []

    def holds():
        itself = yield
        try:
            yield itself
        finally:
            log.append("ended")

    generator = holds()
    next(generator)
    generator.send(generator)
    del generator
    gc.collect()
    return log


def errors_while_being_dropped():
    def fails():
        try:
            yield
        finally:
            raise KeyError("while closing")

    def goes_on():
        try:
            yield
        except GeneratorExit:
            yield 1

    log = []
    before = sys.unraisablehook
    sys.unraisablehook = lambda told: log.append((type(told.exc_value), str(told.exc_value)))
    try:
        for make in (fails, goes_on):
            generator = make()
            next(generator)
            del generator
    finally:
        sys.unraisablehook = before
    return log


def context_managers_from_generators():
    log = []

    @contextlib.contextmanager
    def manages(name):
        try:
            yield name
        except (KeyError, StopIteration) as error:
            log.append((name, repr(error)))
        finally:
            log.append("left")

    with manages("key") as name:
        raise KeyError(name)
    with manages("end"):
        raise StopIteration
    with manages("other") as name:
        raise ValueError(name)
