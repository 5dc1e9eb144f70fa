"""Files that several processes and machines read and write: each is there whole, or not at all."""

from __future__ import annotations

import errno
import json
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, TypeAlias, cast

#: An object of JSON, as it is read from a file.
JsonObject: TypeAlias = dict[str, Any]
#: The values of a trial by their paths, as JSON can say them.
Point: TypeAlias = Mapping[str, Any]

#: What file systems answer that have no second names for a file.
_NO_LINKS: Final = frozenset(
    (errno.EPERM, errno.ENOSYS, errno.EMLINK, errno.ENOTSUP, errno.EOPNOTSUPP)
)
_LEFT_OVER: Final = ".tmp"


def replace(file: Path, text: str | bytes) -> None:
    """Write a file beside, and give it the name.

    Raises:
        OSError: It cannot be written; the old one is still there.
    """
    beside = _beside(file, text)
    try:
        os.replace(beside, file)
    except BaseException:
        _remove(beside)
        raise


def create(file: Path, text: str | bytes, *, sync: bool = False) -> bool:
    """Write a file that is not there yet; of several that do at once, one does.

    Args:
        file: The file.
        text: What to write.
        sync: Have it on the disk, so that it outlives a loss of power, too.

    Returns:
        Whether it was not there.

    Raises:
        OSError: It cannot be written.
    """
    if not hasattr(os, "link"):  # as in WebAssembly
        return _create_slowly(file, text)
    beside = _beside(file, text, sync)
    try:
        os.link(beside, file)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        return _create_slowly(file, text)
    finally:
        _remove(beside)
    return True


def write_all(number: int, data: bytes) -> None:
    """Write bytes to an open file.

    Raises:
        OSError: It does not take all of them.
    """
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(number, rest) :]


def read_object(file: Path) -> JsonObject:
    """Return the JSON object in a file; an empty one if it is not there, or not whole."""
    try:
        found: object = json.loads(file.read_bytes())
    except (FileNotFoundError, NotADirectoryError, ValueError, RecursionError):
        return {}
    return cast("JsonObject", found) if isinstance(found, dict) else {}


def _beside(file: Path, text: str | bytes, sync: bool = False) -> Path:
    beside = file.with_name(f".{secrets.token_hex(8)}{_LEFT_OVER}")
    number = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        try:
            write_all(number, text.encode() if isinstance(text, str) else text)
            if sync:
                os.fsync(number)
        finally:
            os.close(number)
    except BaseException:
        _remove(beside)
        raise
    return beside


def _create_slowly(file: Path, text: str | bytes) -> bool:
    try:
        number = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    except FileExistsError:
        return False
    try:
        write_all(number, text.encode() if isinstance(text, str) else text)
    except BaseException:
        _remove(file)
        raise
    finally:
        os.close(number)
    return True


def _remove(file: Path) -> None:
    with suppress(FileNotFoundError):
        file.unlink()
