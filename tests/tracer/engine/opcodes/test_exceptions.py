import sys

import pytest


def catches(x):
    try:
        return 10 // x
    except ZeroDivisionError as error:
        return "zero", str(error)
    except (TypeError, ValueError):
        return "type"
    else:
        return "else"
    finally:
        print("finally")


def tries_else(x):
    try:
        y = 10 // x
    except ZeroDivisionError:
        y = -1
    else:
        y += 100
    return y


def reraises(x):
    try:
        return 10 // x
    except ZeroDivisionError:
        print("seen", sys.exc_info()[0])
        raise


def chains(x):
    try:
        10 // x
    except ZeroDivisionError as error:
        raise ValueError("bad x") from error


def contexts(x):
    try:
        10 // x
    except ZeroDivisionError:
        undefined_name  # noqa: B018, F821


def suppresses(x):
    try:
        10 // x
    except ZeroDivisionError:
        raise ValueError("quiet") from None


def nested(x):
    try:
        try:
            return 10 // x
        except TypeError:
            return "type"
        finally:
            print("inner")
    except ZeroDivisionError:
        try:
            raise KeyError("again")
        except KeyError as error:
            return type(error.__context__).__name__, sys.exc_info()[0].__name__
        finally:
            print("cleanup", sys.exc_info()[0])
    finally:
        print("outer", sys.exc_info()[0])


def finally_returns(x):
    try:
        return 10 // x
    finally:
        return "swallowed"  # noqa: B012


def finally_raises(x):
    try:
        return 10 // x
    finally:
        raise LookupError("from finally")


def loop_with_handlers(xs):
    seen = []
    for x in xs:
        try:
            if x == "stop":
                break
            if x == "skip":
                continue
            seen.append(10 // x)
        except ZeroDivisionError:
            seen.append("zero")
            continue
        except TypeError:
            seen.append("type")
        finally:
            seen.append("f")
    else:
        seen.append("else")
    return seen, sys.exc_info()


def raises_class():
    raise ValueError


def raises_nothing_active():
    raise  # noqa: PLE0704


def raises_non_exception():
    raise 5  # noqa: RUF100


def bad_cause():
    raise ValueError("x") from 5


def catches_non_exception(x):
    try:
        10 // x
    except 5:  # noqa: B030
        return "never"


def catches_nested_tuple(x):
    try:
        10 // x
    except (TypeError, (ZeroDivisionError,)):  # noqa: B030
        return "never"


def unbinds_the_name(x):
    try:
        10 // x
    except ZeroDivisionError as error:
        print(error)
    return error  # noqa: F821


def raises_again_later(x):
    saved = None
    try:
        10 // x
    except ZeroDivisionError as error:
        saved = error
    raise saved


def raises_in_helper(x):
    def helper(y):
        return 10 // y

    try:
        return helper(x)
    except ZeroDivisionError as error:
        raise RuntimeError("helper failed") from error


def notes(x):
    try:
        10 // x
    except ZeroDivisionError as error:
        error.add_note("a note")
        raise


def in_comprehension(x):
    return [10 // y for y in (1, x)]


def assertion(x):
    try:
        assert x, "no x"
    except AssertionError as error:
        return str(error)


FUNCTIONS = [
    catches,
    tries_else,
    reraises,
    chains,
    contexts,
    suppresses,
    nested,
    finally_returns,
    finally_raises,
    catches_non_exception,
    catches_nested_tuple,
    unbinds_the_name,
    raises_again_later,
    raises_in_helper,
    notes,
    in_comprehension,
    assertion,
]


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@pytest.mark.parametrize("x", [0, 1, "x"])
@pytest.mark.parametrize("function", FUNCTIONS)
def test_exceptions(same, function, x):
    same(function, x)


@pytest.mark.parametrize(
    "function", [raises_class, raises_nothing_active, raises_non_exception, bad_cause]
)
def test_raising(same, function):
    same(function)


@pytest.mark.parametrize("xs", [[1, 2], [0, 1], ["x", 0], [1, "stop", 2], ["skip", 0], []])
def test_loops(same, xs):
    same(loop_with_handlers, xs)


def test_matching_is_by_mro_not_by_instancecheck(same):
    class Everything(type):
        def __instancecheck__(cls, instance):
            return True

        def __subclasscheck__(cls, subclass):
            return True

    class Never(Exception, metaclass=Everything):
        pass

    def use():
        try:
            raise ValueError("real")
        except Never:
            return "caught"

    same(use)


def test_the_active_exception_is_restored(twin):
    def inner():
        try:
            raise KeyError("k")
        except KeyError:
            pass
        return sys.exc_info()[0]

    assert twin(inner)() is None
    try:
        raise OSError("outer")
    except OSError:
        assert twin(inner)() is OSError


def test_bare_raise_in_a_function_called_from_a_handler(same):
    def reraise():
        raise  # noqa: PLE0704

    def use():
        try:
            raise KeyError("k")
        except KeyError:
            reraise()

    same(use)


def test_deep_recursion_raises_recursion_error(twin):
    def down(n):
        def again(k):
            return again(k + 1)

        return again(n)

    with pytest.raises(RecursionError):
        twin(down)(0)


@pytest.mark.skipif(sys.version_info < (3, 14), reason="PEP 758 came with 3.14")
@pytest.mark.parametrize("x", [0, 1, "a", None])
def test_except_without_parentheses(same, x):
    namespace = {}
    source = """
def use(x):
    try:
        return [1, 2][10 // x]
    except ZeroDivisionError, IndexError:
        return "arithmetic"
"""
    for handled in (source, source.replace("except", "except*").replace("return", "result =")):
        exec(handled, namespace)
        same(namespace["use"], x)


class Unwilling(type):
    """The classes may be compared by identity only, and say to be bases of everything."""

    def __eq__(cls, other):
        raise AssertionError

    def __instancecheck__(cls, instance):
        return True

    __ne__ = __eq__
    __subclasscheck__ = __instancecheck__
    __hash__ = type.__hash__


class Refusal(LookupError, metaclass=Unwilling):
    pass


class Other(LookupError, metaclass=Unwilling):
    pass


@pytest.mark.parametrize("kind", [Refusal, Other, LookupError])
@pytest.mark.parametrize("caught", [Refusal, (Other, Refusal), (ValueError, LookupError)])
def test_classes_of_errors_are_matched_by_identity(same, kind, caught):
    def use():
        try:
            raise kind(1)
        except caught as found:
            return "caught", found.args
        except Other:
            return "other"

    same(use)
