"""Whether a glob on module and qualified name can match any."""

from __future__ import annotations

import re
from fnmatch import translate
from typing import Final

#: What no name has: those of generic classes, ``Box[int]`` and the like, have brackets and commas.
_IMPOSSIBLE: Final = re.compile(r"[^\w.<>\[\], |?*!-]|^\s|\s$")
_CLASS: Final = re.compile(r"\[!?\]?[^\]]*\]")
_WILD: Final = "\0"
#: Of each kind of character that names have, some.
_SAMPLE: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.<>[], |"


def why_never(glob: str) -> str:
    """Return why a glob can never match a name such as ``json.decoder.JSONDecoder``, or ``""``.

    Example:
        >>> why_never("json.*"), why_never("json:load")
        ('', "no name has a ':'")
    """
    for part in _CLASS.findall(glob):
        chars = {*_SAMPLE, *filter(str.isalnum, part)}
        if not any(map(re.compile(translate(part)).match, chars)):
            return f"{part} matches no character"
    plain = _CLASS.sub(_WILD, glob)
    if "[" in plain:
        return "a [ has no ]; write [[] for the character"
    found = _IMPOSSIBLE.search(plain.replace(_WILD, "?"))
    if found:
        return f"no name has a {found[0]!r}" if found[0].strip() else "there is a blank at the end"
    if ".." in plain:
        return "there is nothing between two dots"
    if plain.endswith("."):
        return "no name ends in a dot"
    if re.search(r"(^|\.)\d", plain):
        return "no name begins with a digit"
    if not re.search(r"[.*?\0]", plain):
        return "a name has a module, a dot, and a qualified name"
    return ""
