"""Which node types a capture makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from ... import configs
from ...configs import for_tracer

if TYPE_CHECKING:
    from ...configs import ArgFactory, Config, Partial

#: Stands for the class of this library, which is imported when it is asked for.
_OWN: Final[Any] = object()


def _is_own(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, configs.Buildable)


def _is_foreign(value: object) -> bool:
    """Tell whether a value is a class of nodes of a library that `configs.interop` knows."""
    if _is_own(value):
        return False
    return for_tracer.peers.is_peer_class(value)


def _is_buildable_class(_: object, attribute: attrs.Attribute[type], value: object) -> None:
    if value is not _OWN and not (_is_own(value) or _is_foreign(value)):
        raise TypeError(
            f"{attribute.alias} must be a subclass of bytefig.configs.Buildable, not {value!r}"
        )


@attrs.frozen(eq=False, repr=False)
class ConfigTypes:
    """The classes that capture makes nodes of; subclasses of bytefig's own may be given.

    Classes of Fiddle and NeMo Run may be given too: `FIDDLE_TYPES` and `NEMO_RUN_TYPES`.

    Args:
        config_cls: For a recorded call.
        partial_cls: For a recorded ``functools.partial``.
        arg_factory_cls: For an argument made anew at each call of a partial.

    Raises:
        TypeError: If one is not a Buildable class.

    Example:
        >>> ConfigTypes().config_cls.__name__
        'Config'
    """

    _config_cls: type[Config[Any]] = attrs.field(
        default=_OWN, alias="config_cls", validator=_is_buildable_class
    )
    _partial_cls: type[Partial[object]] = attrs.field(
        default=_OWN, alias="partial_cls", validator=_is_buildable_class
    )
    _arg_factory_cls: type[ArgFactory[object]] = attrs.field(
        default=_OWN, alias="arg_factory_cls", validator=_is_buildable_class
    )

    @property
    def config_cls(self) -> type[Config[Any]]:
        """For a recorded call."""
        return configs.Config if self._config_cls is _OWN else self._config_cls

    @property
    def partial_cls(self) -> type[Partial[Any]]:
        """For a recorded ``functools.partial``."""
        return configs.Partial if self._partial_cls is _OWN else self._partial_cls

    @property
    def arg_factory_cls(self) -> type[ArgFactory[Any]]:
        """For an argument made anew at each call of a partial."""
        return configs.ArgFactory if self._arg_factory_cls is _OWN else self._arg_factory_cls

    @property
    def foreign(self) -> bool:
        """Whether one of them is of another library."""
        given = (self._config_cls, self._partial_cls, self._arg_factory_cls)
        return any(cls is not _OWN and _is_foreign(cls) for cls in given)

    def _classes(self) -> tuple[type, type, type]:
        return self.config_cls, self.partial_cls, self.arg_factory_cls

    def __eq__(self, other: object) -> bool:
        if type(other) is not ConfigTypes:
            return NotImplemented
        return self._classes() == other._classes()

    def __hash__(self) -> int:
        return hash(self._classes())

    def __repr__(self) -> str:
        names = ("config_cls", "partial_cls", "arg_factory_cls")
        shown = ", ".join(
            f"{name}={cls!r}" for name, cls in zip(names, self._classes(), strict=True)
        )
        return f"ConfigTypes({shown})"

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by the classes themselves."""
        return ConfigTypes, self._classes()
