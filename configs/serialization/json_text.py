"""Reading JSON without the liberties that Python's module takes."""

from __future__ import annotations

import json
from typing import Final, NoReturn

from .errors import SerializationError

#: Longer ones are wrong in any case, and Python takes quadratic time to read them.
_DIGITS: Final = 20


def parse_json(text: str) -> object:
    """Return the value of a text in JSON, in which no object has a key twice."""
    if not isinstance(text, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise TypeError(f"a document is text, not a {type(text).__name__}")
    try:
        return json.loads(
            text, object_pairs_hook=_object, parse_int=parse_integer, parse_constant=_constant
        )
    except RecursionError:
        raise SerializationError("the document nests too deep", "$") from None
    except ValueError as error:
        raise SerializationError(f"not JSON: {error}", "$") from None


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("an object has the same key twice")
    return found


def parse_integer(text: str) -> int:
    """Return the integer of a text; refuse one that is longer than any in a document."""
    if len(text) > _DIGITS:
        raise ValueError("an integer is too long: a large one is written as {'int': '0x...'}")
    return int(text)


def _constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON")
