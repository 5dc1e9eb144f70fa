"""Exceptions and the blocks that they leave: chains, groups, ``finally``, stacks of managers."""

import contextlib
import functools
import itertools
import traceback


def a_chain_of_contexts():
    try:
        try:
            try:
                raise KeyError("first")
            finally:
                raise ValueError("second")
        except ValueError as error:
            raise TypeError("third") from error
    finally:
        [].pop()


def notes_on_a_group():
    def members():
        for number in range(3):
            try:
                [].index(number)
            except ValueError as error:
                error.add_note(f"note {number}")
                yield error

    try:
        raise ExceptionGroup("outer", [*members(), ExceptionGroup("inner", [*members()])])
    except* TypeError:
        pass
    except* ValueError as group:
        group.add_note("of the group")
        raise RuntimeError("while handling") from group


def parts_of_a_group():
    try:
        raise ExceptionGroup(
            "all", [ValueError(1), ExceptionGroup("in", [OSError(2), KeyError(3)])]
        )
    except* OSError:
        raise
    except* ValueError as group:
        raise LookupError("new") from group.exceptions[0]


def every_way_out_of_finally():
    def leaves(how):
        for turn in range(5):
            try:
                if turn == 3:
                    return "returned"
                if turn == how:
                    raise ValueError(turn)
            except ValueError:
                if how == 1:
                    continue
                if how == 2:
                    break
                return "handled"
            finally:
                if how == 0:
                    return "overruled", turn
        else:
            return "ended"
        return "left"

    return [leaves(how) for how in range(6)]


def a_stack_of_managers():
    log = []

    class Manager:
        def __init__(self, name):
            self.name = name

        def __enter__(self):
            log.append(("entered", self.name))
            return self

        def __exit__(self, kind, error, _):
            log.append((self.name, repr(error), repr(error and error.__context__)))

    class Fails(Manager):
        def __exit__(self, *_):
            raise IndexError(self.name)

    try:
        with contextlib.ExitStack() as stack:
            stack.enter_context(Manager("outer"))
            stack.enter_context(Fails("fails"))
            stack.callback(log.append, "called back")
            stack.push(lambda kind, *_: log.append(kind))
            raise KeyError("in the body")
    except IndexError as error:
        log.append((repr(error), repr(error.__context__)))
    return log


def printed_tracebacks():
    def fails(value):
        raise ValueError(value)

    try:
        fails(1)
    except ValueError:
        text = traceback.format_exc()
    return [line for line in text.splitlines() if "observe" not in line]


def too_deep_in_functions():
    def plain(n):
        return plain(n + 1)

    def cleans_up(n):
        try:
            return cleans_up(n + 1)
        finally:
            left.append(n)

    def delegates(n):
        yield from delegates(n + 1)

    left = []
    found = []
    for run in (plain, plain, cleans_up, lambda n: list(delegates(n))):
        try:
            run(0)
        except RecursionError as error:
            found.append(str(error)[: len("maximum recursion depth exceeded")])
    return found, sorted(left) == list(range(len(left)))


def too_deep_in_special_methods():
    class Endless:
        def __repr__(self):
            return repr(self)

        def __getattr__(self, name):
            return getattr(self, name + "_")

        def __eq__(self, other):
            return self == other

        def __hash__(self):
            return hash(self)

        def __bool__(self):
            return bool(self)

    found = []
    for use in (repr, lambda endless: endless.name, lambda endless: endless == 1, hash, bool):
        try:
            use(Endless())
        except RecursionError:
            found.append("too deep")
    return found


def errors_that_callbacks_raise():
    asked = []

    def parity(number):
        asked.append(number)
        if number == 3:
            raise KeyError(number)
        return number % 2

    try:
        [(key, list(group)) for key, group in itertools.groupby([1, 1, 2, 3], parity)]
    except KeyError as error:
        asked.append(repr(error))
    tenths = map(lambda number: 10 // number, [5, 0, 2])
    while True:
        try:
            asked.append(next(tenths))
        except ZeroDivisionError:
            asked.append("zero")
        except StopIteration:
            break
    asked += itertools.takewhile(lambda number: number < 3, itertools.count())
    asked += sorted("bca", key=lambda letter: -ord(letter))
    return asked, functools.reduce(lambda a, b: a * b, range(1, 6))
