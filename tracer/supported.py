"""The versions of CPython whose bytecode is known, and the one that runs.

Asked before anything else of the tracer is imported: code made by hand for another version, as
``tracebacks`` makes it, may crash one that is not known.
"""

from __future__ import annotations

import sys
from typing import Final

SUPPORTED: Final = ((3, 11), (3, 12), (3, 13), (3, 14), (3, 15))
#: Those whose code the native tier can rebuild.
REBUILT: Final = SUPPORTED


def checked_version(version: tuple[int, int]) -> tuple[int, int]:
    """Return a version that is supported.

    Raises:
        ImportError: It is not.

    Example:
        >>> checked_version((3, 12))
        (3, 12)
    """
    if version in SUPPORTED:
        return version
    known = ", ".join(f"{major}.{minor}" for major, minor in SUPPORTED)
    raise ImportError(
        f"bytefig.tracer reads the bytecode of CPython {known}, "
        f"not of {version[0]}.{version[1]}; fix: run one of those versions"
    )


RUNNING: Final = checked_version((sys.version_info[0], sys.version_info[1]))
#: Whether the native tier can rebuild code of the running version.
CAN_REBUILD: Final = RUNNING in REBUILT
