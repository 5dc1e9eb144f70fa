"""Which folders this user has made or trusted: a folder cannot say so itself.

What a folder wants to import is kept elsewhere, as a hash, so that a folder that came from somebody
else, or was changed by somebody else, is asked about.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

from .atomic_files import replace

_FOLDER: Final = ("bytefig", "sweeps")


def grant(folder: Path, wanted: str) -> None:
    """Remember that a folder may have the names and folders that it wants.

    Where there is no place for that, as for a user without a home, it is asked for again.
    """
    with suppress(OSError, RuntimeError):
        file = _file(folder, wanted)
        file.parent.mkdir(parents=True, exist_ok=True)
        replace(file, f"{folder.resolve()}\n")


def is_granted(folder: Path, wanted: str) -> bool:
    """Tell whether `grant` was called for the same folder, and it wants the same."""
    with suppress(OSError, RuntimeError):
        return _file(folder, wanted).is_file()
    return False


def _file(folder: Path, wanted: str) -> Path:
    state = os.environ.get("XDG_STATE_HOME")
    home = Path(state) if state else Path.home() / ".local" / "state"
    key = hashlib.sha256(f"{folder.resolve()}\0{wanted}".encode()).hexdigest()
    return home.joinpath(*_FOLDER, key)
