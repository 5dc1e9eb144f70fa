"""The peers as libraries: imported where they are needed."""

from __future__ import annotations

import importlib
from typing import Any, Final, TypeAlias

#: What comes of a peer, which has no types that are known here: a module, a class, a node, a tag.
Peer: TypeAlias = Any
_EXTRAS: Final = {"fiddle": "fiddle", "nemo_run": "nemo"}


def load(module: str) -> Peer:
    """Import a peer, or a module of it.

    Raises:
        ModuleNotFoundError: It is not installed; the text names the extra.
    """
    peer = module.partition(".")[0]
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name != peer:
            raise
        raise ModuleNotFoundError(
            f"{peer} is not installed\n  fix: pip install 'bytefig[{_EXTRAS[peer]}]'", name=peer
        ) from None
