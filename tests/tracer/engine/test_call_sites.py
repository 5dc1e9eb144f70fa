import collections
import enum
import inspect
import io
import logging
import sys
import typing
import warnings

import pytest

from bytefig.tracer import auto_config, interpret


def lines(function, *args):
    """Where each warning was attributed to, as seen from here."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        function(*args)
    return [(w.filename, w.lineno, str(w.message)) for w in caught]


def library(level):
    warnings.warn("from the library", DeprecationWarning, stacklevel=level)


def warns_itself(level):
    warnings.warn("plain")
    warnings.warn("with a level", UserWarning, stacklevel=level)
    warnings.warn("by position", UserWarning, level, None)
    warnings.warn(message=UserWarning("an instance"), stacklevel=level)


def calls_a_library():
    library(1)
    library(2)
    [library(2) for _ in range(1)]


def nested(level):
    def inner():
        def innermost():
            warnings.warn("nested", stacklevel=level)

        innermost()

    inner()


@pytest.mark.parametrize("level", [1, 2, 3, 4])
@pytest.mark.parametrize("function", [warns_itself, nested])
def test_warnings(function, level):
    assert lines(interpret(function), level) == lines(function, level)


def test_warnings_of_called_functions():
    assert lines(interpret(calls_a_library)) == lines(calls_a_library)


def test_warnings_during_capture():
    def model():
        warnings.warn("captured")
        return library(1)

    start = model.__code__.co_firstlineno
    found = lines(auto_config(model).as_buildable)
    assert found == [(__file__, start + 1, "captured")]


def logged(function):
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(pathname)s %(funcName)s:%(lineno)d %(message)s"))
    logger = logging.getLogger("traced")
    logger.addHandler(handler)
    try:
        function()
    finally:
        logger.removeHandler(handler)
    return stream.getvalue()


def test_logging():
    def logs():
        logging.getLogger("traced").warning("something")

    assert logged(interpret(logs)) == logged(logs)
    assert "logs:" in logged(logs)


def test_logging_with_a_stacklevel():
    logger = logging.getLogger("traced")

    def logs():
        def inner(level):
            logger.warning("method", stacklevel=level)
            logger.log(logging.ERROR, "log %s", 1, stacklevel=level)
            logging.LoggerAdapter(logger, {}).warning("adapter", stacklevel=level)
            warn = logger.warning
            warn("bound", stacklevel=level)
            try:
                1 / 0
            except ZeroDivisionError:
                logger.exception("error", exc_info=False, stacklevel=level)

        def outer(level):
            inner(level)

        for level in range(4):
            outer(level)

    assert logged(interpret(logs)) == logged(logs)
    assert "outer:" in logged(logs)
    assert "logs:" in logged(logs)


def test_a_stacklevel_of_somebody_else_is_left_alone(same):
    def shown(*args, stacklevel):
        return args, stacklevel

    def function():
        return shown(1, stacklevel=3), shown(stacklevel="text")

    same(function)


def test_frames_of_the_user():
    def look():
        frame = sys._getframe()
        above = sys._getframe(1)
        return (
            frame.f_code.co_name,
            sys._getframe().f_lineno,
            frame.f_globals["__name__"],
            above.f_code.co_name,
            inspect.currentframe().f_code.co_name,
            inspect.stack()[0].function,
        )

    def outer():
        return look()

    assert interpret(look)() == look()

    def make():
        def look():
            return sys._getframe(1).f_code.co_name, sys._getframe(2).f_code.co_name

        def middle():
            return look()

        return middle()

    assert interpret(make)() == make()
    with pytest.raises(ValueError, match="call stack is not deep enough"):
        interpret(lambda: sys._getframe(10**6))()
    with pytest.raises(TypeError):
        interpret(lambda: sys._getframe("x"))()


def test_classes_know_their_module(same):
    def make():
        pair = collections.namedtuple("Pair", "a b")
        color = enum.Enum("Color", "RED BLUE")
        record = typing.NamedTuple("Record", [("x", int)])
        variable = typing.TypeVar("variable")
        return [thing.__module__ for thing in (pair, color, record, variable)]

    assert same(make).result == [__name__] * 4


def test_modules_of_types_made_by_calls(same):
    def use():
        class Meta(type):
            def __new__(cls, name, *rest):
                return super().__new__(cls, name, *rest)

            def __call__(cls):
                return super().__call__()

        made = Meta("Made", (), {})
        return type("C", (), {}).__module__, made.__module__, type(made()).__name__

    same(use)


def test_warnings_while_importing(tmp_path, monkeypatch):
    def imports():
        import warns_when_imported

        return warns_when_imported

    path = tmp_path / "warns_when_imported.py"
    path.write_text("import warnings\nwarnings.warn('old', stacklevel=2)")
    monkeypatch.syspath_prepend(str(tmp_path))
    native = lines(imports)
    assert native[0][0] == __file__
    del sys.modules["warns_when_imported"]
    assert lines(interpret(imports)) == native
    del sys.modules["warns_when_imported"]


def test_warnings_of_c_code():
    def warns():
        import array

        return array.array("u", "x") if sys.version_info >= (3, 13) else None

    assert lines(interpret(warns)) == lines(warns)


def test_names_of_a_mapping_and_flags_of_a_kind(same):
    class Names:
        def keys(self):
            return ["b", "a"]

        def __getitem__(self, name):
            raise KeyError(name)

    class Flag(int):
        __or__ = __ror__ = None

    def use():
        names = eval("dir()", {}, Names())
        return names, compile("1", "<string>", "eval", Flag()) is not None

    same(use)
