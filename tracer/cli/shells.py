"""Completion in bash, zsh and fish: the code that a shell runs, and the answers to it.

The shell gives the line before the cursor in a variable, and is told the words that the last one
may become. A blank at the end of one says that it is finished.
"""

from __future__ import annotations

import contextlib
import io
import os
import shlex
from collections.abc import Callable, Sequence
from typing import Final

#: The variable of a shell that asks what a word may become.
ASKING: Final = "_BYTEFIG_COMPLETE"
_LINE: Final = "_BYTEFIG_LINE"

#: What a shell has to run once, for a program of some name.
SCRIPTS: Final = {
    "bash": """\
_bytefig_complete() {
    local IFS=$'\\n'
    COMPREPLY=($(ASKING=bash LINE="${COMP_LINE:0:COMP_POINT}" "$1" 2>/dev/null))
}
complete -o nospace -F _bytefig_complete PROGRAM
""",
    "zsh": """\
_bytefig_complete() {
    local word
    for word in "${(@f)$(ASKING=zsh LINE="$LBUFFER" "${(Q)words[1]}" 2>/dev/null)}"; do
        [[ $word == *' ' ]] && compadd -Q -- "${word% }" || compadd -Q -S '' -- "$word"
    done
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit -u }
compdef _bytefig_complete PROGRAM
""",
    "fish": """\
function _bytefig_complete
    set -l words (commandline -opc)
    env ASKING=fish LINE=(commandline -cp) $words[1] 2>/dev/null
end
complete -c PROGRAM -f -a '(_bytefig_complete)'
""",
}
#: At these bash begins a word anew, and wants only what follows.
_BREAKS: Final = "=:"


def script_for(shell: str, program: str) -> str:
    """Return the code that a shell runs once, to complete the words after a program.

    Example:
        >>> script_for("bash", "bytefig").splitlines()[-1]
        'complete -o nospace -F _bytefig_complete bytefig'
    """
    code = SCRIPTS[shell].replace("ASKING", ASKING).replace("LINE=", f"{_LINE}=")
    return code.replace("PROGRAM", shlex.quote(program))


def answer_shell(
    complete: Callable[[Sequence[str], str], Sequence[str]], before: Sequence[str] = ()
) -> int:
    """Print the words that the one before the cursor may become, as a shell asks.

    Args:
        complete: Gives them: see ``completion``.
        before: The words that stand for the name of the program.
    """
    shell = os.environ.pop(ASKING)
    words, begun = split_line(os.environ.pop(_LINE, ""))
    with contextlib.redirect_stdout(io.StringIO()):  # what importing a module prints
        found = complete([*before, *words], begun)
    cut = max(map(begun.rfind, _BREAKS)) + 1 if shell == "bash" else 0
    for word in found:
        print(word.rstrip()[cut:] if shell == "fish" else word[cut:])
    return 0


def split_line(line: str) -> tuple[list[str], str]:
    """Return the words of a line after the first, and the beginning of the last one.

    Example:
        >>> split_line("bytefig run m:f --na"), split_line("bytefig run 'a b")
        ((['run', 'm:f'], '--na'), (['run'], 'a b'))
    """
    words: list[str] = []
    for closing in ("", "'", '"'):
        with contextlib.suppress(ValueError):
            words = shlex.split(line + closing)
            break
    if not line or line[-1].isspace():
        words.append("")
    return words[1:-1], words[-1]
