"""Which node types a capture makes."""

from __future__ import annotations

from typing import Any

import attrs

from ..configs import ArgFactory, Buildable, Config, Partial


def _is_buildable_class(_: object, attribute: attrs.Attribute[type], value: object) -> None:
    if not (isinstance(value, type) and issubclass(value, Buildable)):
        raise TypeError(
            f"{attribute.name} must be a subclass of bytefig.configs.Buildable, not {value!r}"
        )


@attrs.frozen
class ConfigTypes:
    """The classes that capture makes nodes of; subclasses of bytefig's own may be given.

    Attributes:
        config_cls: For a recorded call.
        partial_cls: For a recorded ``functools.partial``.
        arg_factory_cls: For an argument made anew at each call of a partial.

    Raises:
        TypeError: If one is not a Buildable class.

    Example:
        >>> ConfigTypes().config_cls.__name__
        'Config'
    """

    config_cls: type[Config[Any]] = attrs.field(default=Config, validator=_is_buildable_class)
    partial_cls: type[Partial[Any]] = attrs.field(default=Partial, validator=_is_buildable_class)
    arg_factory_cls: type[ArgFactory[Any]] = attrs.field(
        default=ArgFactory, validator=_is_buildable_class
    )
