import sys
import traceback

import pytest


def catches(error):
    seen = []
    try:
        raise error
    except* ValueError as group:
        seen.append(("value", repr(group), type(sys.exc_info()[1]).__name__))
    except* (TypeError, KeyError) as group:
        seen.append(("type", repr(group)))
    else:
        seen.append("else")
    finally:
        seen.append("finally")
    return seen, sys.exc_info()


def raises_inside(error):
    try:
        raise error
    except* ValueError as group:
        raise LookupError("inside") from group
    except* TypeError:
        raise
    except* KeyError:
        raise OSError("third")


def nothing(error):
    try:
        pass
    except* ValueError:
        print("never")
    return "done"


def in_generator(error):
    try:
        raise error
    except* ValueError as group:
        yield repr(group)
        yield type(sys.exc_info()[1]).__name__
        try:
            1 / 0
        except ZeroDivisionError as inner:
            yield type(inner.__context__).__name__


def bad_type(error):
    try:
        raise error
    except* 5:
        pass


def group_type(error):
    try:
        raise error
    except* ExceptionGroup:
        pass


def in_a_handler(error):
    try:
        raise LookupError("first")
    except LookupError:
        try:
            raise error
        except* ValueError:
            yield repr(sys.exc_info()[1])
            yield repr(sys.exc_info()[1])
        yield repr(sys.exc_info()[1])


ERRORS = [
    ValueError("bare"),
    OSError("other"),
    ExceptionGroup("one", [ValueError(1)]),
    ExceptionGroup("mixed", [ValueError(1), TypeError(2), KeyError(3)]),
    ExceptionGroup("nested", [ExceptionGroup("inner", [ValueError(1), OSError(2)]), TypeError(3)]),
    ExceptionGroup("other", [OSError(1)]),
]


def tree(error):
    """An exception and all in it, in comparable form."""
    if error is None:
        return None
    return (
        type(error),
        str(error),
        [tree(inner) for inner in getattr(error, "exceptions", ())],
        type(error.__cause__),
        type(error.__context__),
        [(e.name, e.lineno, e.colno) for e in traceback.extract_tb(error.__traceback__)
         if e.name != "outcome"],
    )  # fmt: skip


def outcome(function, make):
    try:
        result = function(make())
        return list(result) if hasattr(result, "__next__") else result
    except Exception as error:
        return tree(error)


@pytest.mark.parametrize("error", ERRORS, ids=repr)
@pytest.mark.parametrize(
    "function", [catches, raises_inside, nothing, in_generator, bad_type, group_type, in_a_handler]
)
def test_except_star(twin, function, error):
    def make():
        return type(error)(*error.args)

    assert outcome(twin(function), make) == outcome(function, make)


def test_handling_a_part_leaves_the_group_s_traceback(same):
    def use():
        group = ExceptionGroup("g", [TypeError(1), ValueError(2)])
        try:
            try:
                raise group
            except* (TypeError, ValueError):
                raise SyntaxError
        except SyntaxError as error:
            return error.__context__.__traceback__ is group.__traceback__

    same(use)
