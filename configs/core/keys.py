"""The keys that arguments are stored under.

The storage rule: the key of an argument is its position (an int) if the parameter is positional
only or the variadic positional one, and its name (a str) otherwise. Arguments that were not given
are not stored.
"""

from __future__ import annotations

from typing import TypeAlias

ArgumentKey: TypeAlias = int | str
Arguments: TypeAlias = dict[ArgumentKey, object]
