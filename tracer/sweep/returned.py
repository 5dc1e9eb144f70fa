"""The result of a function, in a file: as JSON, and as a pickle where JSON cannot say it."""

from __future__ import annotations

import base64
import json
import math
import pickle
from collections.abc import Mapping
from typing import Any, cast

import attrs

from ...configs.for_tracer import plain_repr
from ..engine.values import type_of
from ..errors import TracerError
from .by_value import pickle_by_value


class ResultError(TracerError):
    """A result cannot be had."""


@attrs.frozen
class Returned:
    """A result, as it is in a file.

    Attributes:
        value: What JSON can say of it: what is no number is None, and other things are left out.
        type: Its class; empty if JSON says all of it.
        pickle: The pickle of it, in base 64; empty if there is none.
        text: Its text, if it cannot be pickled.
    """

    value: Any = None
    type: str = ""
    pickle: str = ""
    text: str = ""

    @classmethod
    def of(cls, result: object) -> Returned:
        """Return the content of a file for a result.

        Example:
            >>> Returned.of({"loss": 0.5}), Returned.of({"loss": float("nan")}).value
            (Returned(value={'loss': 0.5}, type='', pickle='', text=''), {'loss': None})
        """
        value = None
        try:
            text = json.dumps(result, default=_number_of)
            value = json.loads(text, parse_constant=lambda _: None)
            if _equal(value, result):
                return cls(value)
        except (TypeError, ValueError, RecursionError):
            pass
        kind = type_of(result)
        name = f"{kind.__module__}:{kind.__qualname__}"
        try:
            return cls(value, name, base64.b64encode(_pickle(result)).decode())
        except Exception:  # any class may refuse in its own way
            return cls(value, name, text=plain_repr(result)[:1000])

    @classmethod
    def read(cls, text: str) -> Returned:
        """Return the content of a file.

        Raises:
            ResultError: It is no such file.
        """
        try:
            return cls(**json.loads(text))
        except (ValueError, TypeError, RecursionError) as error:
            raise ResultError(f"this is no result: {error}") from None

    def to_json(self) -> str:
        """Return the text of the file."""
        said = {key: value for key, value in attrs.asdict(self, recurse=False).items() if value}
        return json.dumps({"value": self.value, **said}) + "\n"

    def result(self) -> Any:
        """Return the result itself. A pickle is opened, which can run any code.

        Raises:
            ResultError: It could not be kept, or the pickle cannot be opened here.
        """
        if not self.type:
            return self.value
        if not self.pickle:
            raise ResultError(f"a {self.type} could not be pickled, so it is gone: {self.text}")
        try:
            return pickle.loads(base64.b64decode(self.pickle))
        except Exception as error:  # of whatever its classes do
            raise ResultError(f"the pickle of a {self.type} cannot be opened: {error!r}") from error


def metric(value: object, name: str) -> float | None:
    """Return the number of a name in a result; a name with dots leads inside of it.

    Example:
        >>> metric({"test": {"loss": 0.5}}, "test.loss"), metric({"loss": "?"}, "loss")
        (0.5, None)
    """
    for part in name.split(".") if name else ():
        if not isinstance(value, Mapping):
            return None
        value = cast("Mapping[str, object]", value).get(part)
    return finite(value)


def finite(value: object) -> float | None:
    """Return a number as one that can be compared and plotted; None if it is none."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    try:
        number = float(value)
    except OverflowError:  # an integer that no float reaches
        return None
    return number if math.isfinite(number) else None


def _pickle(result: object) -> bytes:
    try:
        return pickle.dumps(result)
    except Exception:
        return pickle_by_value(result)


def _number_of(value: Any) -> object:
    """Return the number that an array of one, such as a NumPy scalar, is.

    Raises:
        TypeError: It is none.
    """
    if getattr(value, "shape", None) == () and callable(getattr(value, "item", None)):
        return value.item()
    raise TypeError


def _equal(value: object, result: object) -> bool:
    try:
        return bool(value == result)
    except Exception:  # of the user's class
        return False
