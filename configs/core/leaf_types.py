"""Values without parts, of the standard library and of numpy, and the calls that make them.

Source that makes a value, and a document that holds it, start from the same call, or from the name
of a value that there is one of.
"""

from __future__ import annotations

import dataclasses
import inspect
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

import attrs

from .registry import class_of
from .sentinels import NO_VALUE, VARARGS

if TYPE_CHECKING:
    import datetime
    import re
    from collections import deque

#: Values that there is one of, and that are told by identity.
CONSTANTS: Final[Mapping[str, object]] = {
    "Ellipsis": ...,
    "NotImplemented": NotImplemented,
    "NO_VALUE": NO_VALUE,
    "VARARGS": VARARGS,
    "attrs.NOTHING": attrs.NOTHING,
    "dataclasses.MISSING": dataclasses.MISSING,
    "dataclasses.KW_ONLY": dataclasses.KW_ONLY,
    "inspect.Parameter.empty": inspect.Parameter.empty,
    "types.NoneType": type(None),
}
_NAMES_OF_CONSTANTS: Final = {id(value): name for name, value in CONSTANTS.items()}


@attrs.frozen
class CallForm:
    """The call that makes a value.

    Attributes:
        callable: A function or class that can be imported by its name.
        args: Positional arguments, which need source of their own.
        kwargs: Named arguments, likewise.
    """

    callable: Callable[..., Any]
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = attrs.field(factory=dict[str, Any])


def full_name(cls: type) -> str:
    """Return the module and the qualified name of a class."""
    return f"{cls.__module__}.{cls.__qualname__}"


def constant_name(value: object) -> str | None:
    """Return the name of a value that there is one of; None for all others."""
    return _NAMES_OF_CONSTANTS.get(id(value))


def form_of(value: object) -> CallForm | None:
    """Return the call that makes a value; None if it is of no class that is known here.

    Example:
        >>> form_of(range(3)).args, form_of("text")
        ((0, 3, 1), None)
    """
    cls = class_of(value)
    form = FORMS_BY_NAME.get(full_name(cls)) or _numpy_form(cls)
    return None if form is None else form(value)


def _numpy_form(cls: type) -> Callable[[Any], CallForm] | None:
    """Return the form of a numpy dtype or scalar, without importing numpy; None for others."""
    bases = {full_name(base) for base in cls.__mro__}
    if "numpy.dtype" in bases:
        return lambda value: CallForm(sys.modules["numpy"].dtype, (value.str,))
    if "numpy.number" in bases or (cls.__module__ == "numpy" and cls.__name__ in ("bool", "bool_")):
        return lambda value: CallForm(cls, (value.item(),))
    return None


def _datetime(value: datetime.datetime) -> CallForm:
    return _time(value, value.year, value.month, value.day)


def _time(value: datetime.datetime | datetime.time, *date: int) -> CallForm:
    parts = (*date, value.hour, value.minute, value.second)
    optional = {name: getattr(value, name) for name in ("microsecond", "tzinfo", "fold")}
    return CallForm(
        class_of(value), parts, {name: found for name, found in optional.items() if found}
    )


def _timedelta(value: object) -> CallForm:
    names = ("days", "seconds", "microseconds")
    parts = {name: getattr(value, name) for name in names if getattr(value, name)}
    return CallForm(class_of(value), (), parts)


def _pattern(value: re.Pattern[str] | re.Pattern[bytes]) -> CallForm:
    import re  # noqa: PLC0415 - whoever has a pattern has it imported

    flags = value.flags & ~re.UNICODE.value if isinstance(value.pattern, str) else value.flags
    return CallForm(re.compile, (value.pattern, flags) if flags else (value.pattern,))


def _deque(value: deque[object]) -> CallForm:
    limit = {} if value.maxlen is None else {"maxlen": value.maxlen}
    return CallForm(class_of(value), ([*value],), limit)


#: Classes whose values the module of the class has under the name that their repr gives.
NAMED_BY_REPR: Final = frozenset(
    ("torch.dtype", "torch.layout", "torch.memory_format", "torch.qscheme")
)

#: By the full name of the class, so that its module need not be imported.
FORMS_BY_NAME: Final[dict[str, Callable[[Any], CallForm]]] = {
    "builtins.bytearray": lambda value: CallForm(bytearray, (bytes(value),) if value else ()),
    "builtins.complex": lambda value: CallForm(complex, (value.real, value.imag)),
    "builtins.range": lambda value: CallForm(range, (value.start, value.stop, value.step)),
    "builtins.slice": lambda value: CallForm(slice, (value.start, value.stop, value.step)),
    "collections.Counter": lambda value: CallForm(class_of(value), (dict(value),)),
    "collections.OrderedDict": lambda value: CallForm(class_of(value), ([*value.items()],)),
    "collections.deque": _deque,
    "datetime.date": lambda value: CallForm(class_of(value), (value.year, value.month, value.day)),
    "datetime.datetime": _datetime,
    "datetime.time": _time,
    "datetime.timedelta": _timedelta,
    "datetime.timezone": lambda value: CallForm(class_of(value), value.__getinitargs__()),
    "decimal.Decimal": lambda value: CallForm(class_of(value), (str(value),)),
    "fractions.Fraction": lambda value: CallForm(
        class_of(value), (value.numerator, value.denominator)
    ),
    "functools.partial": lambda value: CallForm(
        class_of(value), (value.func, *value.args), value.keywords
    ),
    "re.Pattern": _pattern,
    "torch.Size": lambda value: CallForm(class_of(value), ([*value],)),
    "torch.device": lambda value: CallForm(class_of(value), (str(value),)),
    "uuid.UUID": lambda value: CallForm(class_of(value), (str(value),)),
    "zoneinfo.ZoneInfo": lambda value: CallForm(class_of(value), (value.key,)),
}
