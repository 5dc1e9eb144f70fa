"""Which node types a capture makes."""

from __future__ import annotations

from typing import Any

import attrs

from ...configs import ArgFactory, Buildable, Config, Partial


def _is_own(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, Buildable)


def _is_foreign(value: object) -> bool:
    """Tell whether a value is a class of nodes of a library that `configs.interop` knows."""
    if _is_own(value):
        return False
    from ...configs.for_tracer import peers  # noqa: PLC0415 - rarely needed

    return peers.is_peer_class(value)


def _is_buildable_class(_: object, attribute: attrs.Attribute[type], value: object) -> None:
    if not (_is_own(value) or _is_foreign(value)):
        raise TypeError(
            f"{attribute.name} must be a subclass of bytefig.configs.Buildable, not {value!r}"
        )


@attrs.frozen
class ConfigTypes:
    """The classes that capture makes nodes of; subclasses of bytefig's own may be given.

    Classes of Fiddle and NeMo Run may be given too: `FIDDLE_TYPES` and `NEMO_RUN_TYPES`.

    Attributes:
        config_cls: For a recorded call.
        partial_cls: For a recorded ``functools.partial``.
        arg_factory_cls: For an argument made anew at each call of a partial.
        foreign: Whether one of them is of another library; worked out.

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
    foreign: bool = attrs.field(
        init=False,
        repr=False,
        eq=False,
        default=attrs.Factory(lambda self: self._any_foreign(), takes_self=True),
    )

    def _any_foreign(self) -> bool:
        return any(map(_is_foreign, (self.config_cls, self.partial_cls, self.arg_factory_cls)))
