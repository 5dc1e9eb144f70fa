"""Functions that importing cannot find, since a notebook or another function has made them.

They are pickled by value, with cloudpickle, which is imported only for them.
"""

from __future__ import annotations

import importlib
import importlib.util
from typing import Final

from ...configs import SerializationError

#: What has to be allowed by name, so that a pickle is read: it runs any code.
PICKLE: Final = "pickle"


def can_pickle() -> bool:
    """Tell whether cloudpickle is installed."""
    return importlib.util.find_spec("cloudpickle") is not None


def pickle_by_value(value: object) -> bytes:
    """Return a value as a pickle which has the functions that importing cannot find.

    Raises:
        ModuleNotFoundError: cloudpickle is not installed.
        Exception: The value cannot be pickled, for a reason of its class.
    """
    cloudpickle: object = importlib.import_module("cloudpickle")  # it has no types
    return cloudpickle.dumps(value)


def pickled(graph: object) -> bytes:
    """Return a graph as a pickle.

    Raises:
        SerializationError: Something in it cannot be pickled, either.
    """
    try:
        return pickle_by_value(graph)
    except Exception as error:  # an object of the user's may raise anything when it is pickled
        raise SerializationError(f"it cannot be pickled, either: {error}", "<root>") from error
