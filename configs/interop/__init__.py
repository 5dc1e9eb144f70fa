"""Exchange of graphs with Fiddle and NeMo Run, which are imported only when used."""

from ..core.moved import register_moved
from .fiddle_registration import register_with_fiddle
from .peer_graphs import InteropError, from_fiddle, from_nemo_run, to_fiddle, to_nemo_run
from .tag_pairs import pair_tags

register_moved(__name__, {"converting": ""})

__all__ = [
    "InteropError",
    "from_fiddle",
    "from_nemo_run",
    "pair_tags",
    "register_with_fiddle",
    "to_fiddle",
    "to_nemo_run",
]
