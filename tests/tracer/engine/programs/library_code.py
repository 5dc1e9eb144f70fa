"""What the standard library makes of a program: its lines, pickles, copies and threads."""

import copy
import functools
import io
import logging
import pickle
import sys
import threading
import warnings


def places_of_log_records():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(funcName)s:%(lineno)d:%(message)s"))
    logger = logging.Logger("of a program")
    logger.addHandler(handler)
    logger.info("plain")

    def inner():
        logger.warning("in a function")
        logger.info("of its caller", stacklevel=2)
        functools.partial(logger.info, "by a partial")()

    inner()
    try:
        1 / 0
    except ZeroDivisionError:
        logger.exception("with a traceback", exc_info=False)
    [logger.info("in a comprehension") for _ in range(1)]
    return stream.getvalue()


def places_of_warnings():
    def deprecated():
        warnings.warn("of the caller", DeprecationWarning, stacklevel=2)

    def outer():
        def inner():
            warnings.warn("of the caller's caller", DeprecationWarning, 3)

        inner()

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.warn("plain")
        deprecated()
        outer()
    return [(str(warning.message), warning.lineno) for warning in caught]


def pickles_and_copies():
    def inner(x):
        return x

    try:
        pickle.dumps(inner)
    except (AttributeError, pickle.PicklingError) as error:
        text = str(error).partition("<")[0]
    return text, copy.copy(inner) is inner, copy.deepcopy([inner])[0] is inner


def callbacks_in_threads():
    totals = {}
    lock = threading.Lock()
    local = threading.local()

    def works(number):
        local.number = number
        total = 0
        for i in range(300):
            total += i * number
        with lock:
            totals[number] = total, local.number

    threads = [threading.Thread(target=works, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(totals.items())


#: Programs that start threads.
NEEDS_THREADS = {"callbacks_in_threads"}


def annotations_and_defaults_of_nested_functions():
    def inner(a, /, b: int = 2, *rest, c=3, **others: str) -> list:
        return [a, b, rest, c, others]

    made = inner(1), inner(1, 5, 6, c=7, d=8)
    return made, inner.__defaults__, inner.__kwdefaults__, inner.__annotations__


def a_trampoline_of_callbacks():
    def bounced(function, *args):
        result = function(*args)
        while callable(result):
            result = result()
        return result

    def even(n):
        return n == 0 or (lambda: odd(n - 1))

    def odd(n):
        return n != 0 and (lambda: even(n - 1))

    return bounced(even, 500), bounced(odd, 301), sys.exc_info()
