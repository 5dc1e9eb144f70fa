"""Former names of classes and functions, for reading documents that still have them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from .symbols import is_public_name, symbol_of

#: What a name stands for now: another name.
_ALIASES: Final[dict[str, str]] = {}
_LOCK: Final = threading.Lock()


def register_alias(old: str, new: Callable[..., object] | str) -> None:
    """Let documents that have an old name be read, as if they had the new one.

    What the new name stands for has to be allowed, as ever; the old module is not imported. Names
    inside of a class that has moved are found, too.

    Args:
        old: The name that a document has: ``"module:qualified.name"``.
        new: The function or class itself, or its name.

    Raises:
        ValueError: A name has another form, or leads back to itself.
        UnwritableError: ``new`` cannot be imported by a name.

    Example:
        >>> import json
        >>> from bytefig.configs import load_json
        >>> register_alias("old.place:Decoder", json.JSONDecoder)
        >>> current_name("old.place:Decoder"), current_name("old.place:Other")
        ('json.decoder:JSONDecoder', 'old.place:Other')
    """
    name = new if isinstance(new, str) else symbol_of(new)
    for each in (old, name):
        module, _, qualname = each.partition(":")
        if not (is_public_name(qualname) and all(map(str.isidentifier, module.split(".")))):
            raise ValueError(f"{each!r} is no 'module:qualified.name'")
    with _LOCK:
        if current_name(name) == old or name == old:
            raise ValueError(f"{old} and {name} stand for each other")
        _ALIASES[old] = name


def load_aliases(file: str | Path) -> None:
    """Register the aliases that a TOML file has: ``"old.module:Name" = "new.module:Name"``.

    Args:
        file: The file.

    Raises:
        OSError: It cannot be read.
        ValueError: It is not TOML, or something in it is not of that form.
    """
    import tomllib  # noqa: PLC0415 - few programs read such a file

    for old, new in tomllib.loads(Path(file).read_text(encoding="utf-8")).items():
        if not isinstance(new, str):
            raise ValueError(f"{file}: {old!r} needs the name that it has now, not {new!r}")
        register_alias(old, new)


def current_name(symbol: str) -> str:
    """Return the present name for a former one; the name itself if nothing else is known."""
    for _ in range(len(_ALIASES)):
        module, _, qualname = symbol.partition(":")
        parts = qualname.split(".")
        for count in range(len(parts), 0, -1):
            new = _ALIASES.get(f"{module}:{'.'.join(parts[:count])}")
            if new is not None:
                symbol = ".".join([new, *parts[count:]])
                break
        else:
            return symbol
    return symbol
