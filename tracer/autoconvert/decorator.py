"""``autoconvert``: a function that is given configs, whatever it is called with."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Collection, Iterator
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final, ParamSpec, Protocol, TypeAlias, TypeVar, overload

from ... import configs
from ...configs import for_tracer
from ..engine.callers import caller
from ..engine.values import type_of
from ..errors import NotAFunctionError, describe
from .converters import register
from .plain_values import is_atom

if TYPE_CHECKING:
    from ...configs.for_tracer import Hints
    from .conversion import Conversion

P = ParamSpec("P")
T = TypeVar("T")
_Names: TypeAlias = Collection[str] | None


class _Decorator(Protocol):
    def __call__(self, fn: Callable[P, T], /) -> Callable[P, T]: ...


class _Converting:
    """How the arguments of one function are converted."""

    def __init__(self, fn: Callable[..., object], convert: _Names, skip: _Names) -> None:
        try:
            signature = for_tracer.native_signature(fn)
        except (TypeError, ValueError):
            raise _refuse(fn) from None
        self._name = getattr(fn, "__qualname__", type(fn).__name__)
        self._fn = fn
        parameters = signature.parameters
        _check_names(self._name, parameters, "convert", convert)
        _check_names(self._name, parameters, "skip", skip)
        kinds = inspect.Parameter

        def of(*wanted: object) -> list[str]:
            return [name for name, each in parameters.items() if each.kind in wanted]

        self._only_positional = of(kinds.POSITIONAL_ONLY)
        self._positional = of(kinds.POSITIONAL_ONLY, kinds.POSITIONAL_OR_KEYWORD)
        self._named = {*of(kinds.POSITIONAL_OR_KEYWORD, kinds.KEYWORD_ONLY)}
        self._varargs = next(iter(of(kinds.VAR_POSITIONAL)), None)
        self._varkw = next(iter(of(kinds.VAR_KEYWORD)), None)
        # What nobody has declared is only converted where that is asked for.
        wanted = {*parameters} - {self._varkw} if convert is None else {*convert}
        self._chosen = chosen = wanted - {*(skip or ())}
        defaults = {name: each.default for name, each in parameters.items()}
        self._all_defaults = {
            name: value for name, value in defaults.items() if value is not kinds.empty
        }
        # Most defaults stay what they are.
        self._defaults = {
            name: value
            for name, value in self._all_defaults.items()
            if name in chosen and not is_atom(value)
        }
        self._hints: Hints | None = None

    def __call__(
        self, args: tuple[object, ...], kwargs: dict[str, object], is_method: bool
    ) -> tuple[list[object], dict[str, object]]:
        """Return the arguments of a call converted; those given are not changed.

        Arguments that the function does not take are left for it to complain about.
        """
        from .conversion import Conversion  # noqa: PLC0415 - not before a call needs it

        conversion = Conversion(self._name)
        new_args: list[object] = []
        for index, value in enumerate(args):
            name, shown = self._at(index)
            if name not in self._chosen or (is_method and index == 0):
                new_args.append(value)
            else:
                hint = functools.partial(self._hint, name, index)
                new_args.append(conversion.convert(shown, value, hint))
        new_kwargs: dict[str, object] = {}
        for key, value in kwargs.items():
            parameter = key if key in self._named else self._varkw
            hint = functools.partial(self._hint, parameter, key)
            new_kwargs[key] = (
                conversion.convert(key, value, hint) if parameter in self._chosen else value
            )
        self._add_defaults(conversion, new_args, new_kwargs)
        return new_args, new_kwargs

    def _add_defaults(
        self, conversion: Conversion, args: list[object], kwargs: dict[str, object]
    ) -> None:
        given = {*self._positional[: len(args)], *kwargs}
        for name, default in self._defaults.items():
            if name in given:
                continue
            hint = functools.partial(self._hint, name, None)
            value = conversion.convert(name, default, hint)
            if value is default:
                continue
            if name not in self._only_positional:
                kwargs[name] = value
                continue
            between = self._only_positional[len(args) : self._only_positional.index(name)]
            if all(each in self._all_defaults for each in between):
                args += [self._all_defaults[each] for each in between]
                args.append(value)

    def _at(self, index: int) -> tuple[str | None, str]:
        if index < len(self._positional):
            name = self._positional[index]
            return name, name
        return self._varargs, f"{self._varargs}[{index - len(self._positional)}]"

    def _hint(self, name: str | None, key: Any) -> object:
        hints = self._hints
        if hints is None:  # not when decorating: annotations may name what comes later
            from ...configs.for_tracer import hints_of  # noqa: PLC0415 - the same

            hints = self._hints = hints_of(self._fn)
        if name == self._varargs:
            return hints.varargs
        if name == self._varkw:
            return hints.parameters.get(key, hints.varkw)
        if name in self._only_positional:
            return hints.parameters.get(self._only_positional.index(name))
        return None if name is None else hints.parameters.get(name)


def _check_names(
    function: str, parameters: Collection[str], option: str, names: Collection[str] | None
) -> None:
    if names is None:
        return
    if isinstance(names, str):
        raise TypeError(
            describe(
                f"{option} must be a list of parameter names, not the text {names!r}",
                caller(),
                f"pass {option}=[{names!r}]",
            )
        )
    for name in names:
        if name not in parameters:
            known = ", ".join(parameters) or "none"
            raise ValueError(
                describe(
                    f"{option}: {function}() has no parameter {name!r}"
                    f"{for_tracer.near_match(str(name), parameters)}",
                    caller(),
                    f"name some of its parameters: {known}",
                )
            )


@overload
def autoconvert(fn: Callable[P, T], /) -> Callable[P, T]: ...
@overload
def autoconvert(
    fn: None = None,
    /,
    *,
    convert: Collection[str] | None = None,
    skip: Collection[str] | None = None,
) -> _Decorator: ...
def autoconvert(
    fn: object = None,
    /,
    *,
    convert: Collection[str] | None = None,
    skip: Collection[str] | None = None,
) -> Any:
    """Return ``fn`` so that objects it is called with reach it as configs that build them.

    Each argument is converted, defaults and ``*args`` included; what ``**kwargs`` takes is passed
    through unchanged, unless ``convert`` names it:

    * buildables, and primitives (text, bytes, numbers, None, enum members, paths, dates), stay;
    * lists, tuples, dicts, sets and named tuples are converted inside, and stay themselves where
      nothing in them changes. A set with configs becomes a Config of the set: they have no hash.
      Keys of dicts stay;
    * functions and classes stay, unless the annotation asks for what they make: for
      ``encoder: Encoder``, the class Encoder becomes ``Config(Encoder)``;
    * every other object becomes a Config of its class, with the arguments it was made with. An
      object that is given twice is one node. The guide lists how the arguments are found; if they
      cannot be found for certain, that is an error.

    What is given is never changed. The first argument of a method is left alone.

    Args:
        fn: A function, method, class method or static method, also an async one; its source is not
            needed.
        convert: Names of the parameters to convert, instead of all. ``*args`` and ``**kwargs`` are
            named like the others: ``convert=["model", "kwargs"]``.
        skip: Names of the parameters to leave alone.

    Raises:
        NotAFunctionError: (a TypeError) If ``fn`` is a class, or its parameters are not known.
        ValueError: If ``fn`` has no parameter of a name, or both lists are given.
        ConversionError: (a TypeError) By a call, if an argument cannot be converted.

    Example:
        >>> from bytefig.tracer import Config, autoconvert, build
        >>> class Adam:
        ...     def __init__(self, learning_rate=1e-3): self.learning_rate = learning_rate
        >>> @autoconvert
        ... def train(optimizer, steps=10):
        ...     optimizer.learning_rate *= 2
        ...     return optimizer
        >>> train(Adam(0.5))
        <Config[Adam(learning_rate=1.0)]>
        >>> train(Adam(0.5)) == train(Config(Adam, 0.5))
        True
    """
    if convert is not None and skip is not None:
        raise ValueError(
            describe(
                "autoconvert was given both convert and skip",
                caller(),
                "give one of them: what is not converted is skipped",
            )
        )
    if fn is None:
        return functools.partial(_decorate, convert=convert, skip=skip)
    return _decorate(fn, convert, skip)


def _decorate(fn: Any, convert: _Names, skip: _Names) -> Any:
    if type_of(fn) in (classmethod, staticmethod):
        is_method = isinstance(fn, classmethod)
        return type_of(fn)(_wrap(fn.__func__, convert, skip, is_method))
    if not callable(fn) or isinstance(fn, type):
        raise _refuse(fn)
    return _wrap(fn, convert, skip, False)


def _wrap(fn: Any, convert: _Names, skip: _Names, is_method: bool) -> Any:
    converting = _Converting(fn, convert, skip)

    if inspect.iscoroutinefunction(fn):

        @functools.wraps(fn)
        async def converted_later(*args: object, **kwargs: object) -> object:
            bound = is_method or _is_receiver(converted_later, args)
            new_args, new_kwargs = converting(args, kwargs, bound)
            return await fn(*new_args, **new_kwargs)

        vars(converted_later)[_MARK] = True
        return converted_later

    @functools.wraps(fn)
    def converted(*args: object, **kwargs: object) -> object:
        bound = is_method or _is_receiver(converted, args)
        new_args, new_kwargs = converting(args, kwargs, bound)
        with configs.independent_build():  # it builds what it was given, also inside a build
            return fn(*new_args, **new_kwargs)

    vars(converted)[_MARK] = True
    return converted


# `functools.wraps` hands it on to wrappers.
_MARK: Final = "__takes_configs__"


def takes_configs(fn: object) -> bool:
    """Tell whether a function is made by `autoconvert`, so that it builds its arguments.

    Example:
        >>> takes_configs(autoconvert(lambda model: model)), takes_configs(len)
        (True, False)
    """
    return getattr(fn, _MARK, False) is True


def _is_receiver(function: object, args: tuple[object, ...]) -> bool:
    """Tell whether the first argument is the object that the function is a method of."""
    if not args:
        return False
    return any(
        function in _layers(member)
        for base in type_of(args[0]).__mro__
        for member in vars(base).values()
        if type(member) in _METHODS
    )


_METHODS: Final = frozenset({FunctionType, property, functools.partialmethod})


def _layers(member: object) -> Iterator[object]:
    """Yield a member of a class, and the functions that its decorators wrap."""
    functions = [member]
    if isinstance(member, property):
        functions = [member.fget, member.fset, member.fdel]
    elif isinstance(member, functools.partialmethod):
        functions = [member.func]
    for layer in functions:
        function = layer
        while isinstance(function, FunctionType):
            yield function
            function = vars(function).get("__wrapped__")


def _refuse(fn: object) -> NotAFunctionError:
    fix = "pass a function"
    if isinstance(fn, type):
        fix = "decorate its __init__, or a function that makes its objects"
    return NotAFunctionError(
        describe(
            f"autoconvert needs a function whose parameters are known, not {fn!r}", caller(), fix
        )
    )


autoconvert.register = register  # pyright: ignore[reportFunctionMemberAccess]
