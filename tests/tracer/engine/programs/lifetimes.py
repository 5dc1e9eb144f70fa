"""When objects die: each notes it, and weak references tell."""

import contextlib
import sys
import weakref


def names_that_are_deleted_or_bound_anew():
    log = []

    class Thing:
        def __init__(self, name):
            self.name = name

        def __del__(self):
            log.append(self.name)

    deleted = Thing("deleted")
    del deleted
    log.append("|")
    replaced = Thing("replaced")
    replaced = None
    log.append("|")
    Thing("never bound")
    log.append("|")
    for turn in range(2):
        again = Thing(turn)
    log.append("|")
    items = [Thing("popped"), Thing("cleared")]
    items.pop(0)
    log.append("|")
    items[:] = []
    log.append("|")
    return log, replaced, again.name


def values_on_the_stack():
    log = []

    class Thing:
        def __init__(self, name):
            self.name = name

        def __del__(self):
            log.append(self.name)

    def returns():
        local = Thing("local")
        return local.name

    [Thing("in a list")][0].name
    log.append("|")
    (lambda argument: argument.name)(Thing("argument"))
    log.append(returns())
    log.append(f"{Thing('formatted').name} %s" % Thing("operand").name)
    [Thing(number).name for number in range(3)]
    log.append("|")
    list(Thing(number).name for number in range(3, 6))
    log.append("|")
    items = [Thing("iterated")]
    for item in items:
        pass
    del items[:], item
    with contextlib.nullcontext(Thing("entered")) as entered:
        pass
    del entered
    return log


def values_in_an_exception():
    log = []

    class Thing:
        def __del__(self):
            log.append("freed")

    def fails():
        local = Thing()
        raise KeyError(local is None)

    try:
        fails()
    except KeyError:
        log.append("handled")
    log.append("after")
    try:
        raise ValueError(Thing())
    except ValueError as error:
        log.append(type(error))
    return log


def weak_references():
    class Thing:
        pass

    def of_a_local():
        local = Thing()
        yield weakref.ref(local)
        yield

    never_bound = weakref.ref(Thing())
    bound = Thing()
    replaced = weakref.ref(bound)
    bound = None
    generator = of_a_local()
    suspended = next(generator)
    alive = suspended() is not None
    del generator
    argument = (lambda thing: weakref.ref(thing))(Thing())
    return alive, [ref() for ref in (never_bound, replaced, suspended, argument)]


def errors_of_finalizers():
    class Fails:
        def __del__(self):
            raise ValueError("while dying")

    log = []

    def hook(told):
        log.append((str(told.exc_value), told.exc_value.__traceback__.tb_lineno))

    before = sys.unraisablehook
    sys.unraisablehook = hook
    try:
        Fails()
        bound = Fails()
        del bound
    finally:
        sys.unraisablehook = before
    weakref.finalize(type("Dies", (), {})(), log.append, "finalized")
    return log
