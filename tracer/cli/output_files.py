"""The one way in which the command writes files: whole, or not at all."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import ModuleType

from ..errors import BadUsageError


def save(file: Path, text: str) -> None:
    """Write a text to a file: all of it, or in case of an error nothing.

    A new file is made beside the old one, and takes its name and permissions once all of it is on
    the disk. A symbolic link stays one. What is no ordinary file, or is one that standard output
    or standard error goes to, is written through.

    Args:
        file: The file.
        text: The text, written in UTF-8.

    Raises:
        BadUsageError: It cannot be written.
    """
    try:
        data = text.encode()
        before = _status(file)
        stream = None if before is None else _stream(before)
        if stream is not None:
            sys.stdout.flush()
            _write_all(stream, data)
        elif before is None or stat.S_ISREG(before.st_mode):
            _replace(Path(os.path.realpath(file)), before, data)
        else:
            with open(file, "wb", buffering=0) as through:
                _write_all(through.fileno(), data)
    except OSError as error:
        raise BadUsageError(f"cannot write {file}: {error.strerror}") from None
    except ValueError as error:  # a name with a NUL, or half of a surrogate pair in the text
        raise BadUsageError(f"cannot write {file}: {error}") from None


def refuse_source(file: Path | None, modules: Iterable[ModuleType]) -> None:
    """Refuse to write to a file that one of the modules was imported from.

    Raises:
        BadUsageError: It is such a file.
    """
    for module in modules:
        source = getattr(module, "__file__", None)
        if file is not None and source is not None:
            with suppress(OSError, ValueError):  # there is no such file yet
                if file.samefile(source):
                    raise BadUsageError(
                        f"{file} is the source of {module.__name__}, which would be lost",
                        "write to another file",
                    )


def _status(file: Path) -> os.stat_result | None:
    """Return the status of a file, or of the target of a link; None if there is none."""
    try:
        return file.stat()
    except FileNotFoundError:
        return None


def _stream(status: os.stat_result) -> int | None:
    """Return the number of the standard stream that goes to a file, if there is one.

    Another file in its place would not get what is printed later.
    """
    for number in (1, 2):
        with suppress(OSError):  # it is closed
            if os.path.samestat(os.fstat(number), status):
                return number
    return None


def _replace(place: Path, before: os.stat_result | None, data: bytes) -> None:
    """Put a new file with these bytes in the place of the old one, if there is one."""
    if before is not None and not os.access(place, os.W_OK):
        raise PermissionError(0, "it is read-only")
    # Made by the system as any other file, so with the permissions that new files have here.
    beside = place.with_name(f".bytefig-{os.urandom(8).hex()}.tmp")
    number = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        try:
            _write_all(number, data)
            if before is not None and os.name == "posix":
                with suppress(PermissionError):  # nobody but root gives files away
                    os.fchown(number, before.st_uid, before.st_gid)
                os.fchmod(number, stat.S_IMODE(before.st_mode))
            os.fsync(number)
        finally:
            os.close(number)
        os.replace(beside, place)
    except BaseException:
        with suppress(FileNotFoundError):
            beside.unlink()
        raise
    _sync_folder(place.parent)


def _write_all(number: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(number, rest) :]


def _sync_folder(folder: Path) -> None:
    """Have the new name on the disk, too, where the system can do that."""
    with suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
