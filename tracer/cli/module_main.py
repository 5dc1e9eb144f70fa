"""``main``: run the calling module's script by the command line."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from ..engine.callers import caller, frame_above
from ..errors import NoScriptError, describe
from ..scripts import script_of


def main(name: str | None = None, argv: Sequence[str] | None = None) -> None:
    """Run the function of the calling module that `script` marks, as ``bytefig run`` does.

    ``python train.py --model="MyModel(hidden_size=512)" model.hidden_size=1024 --dry-run`` is then
    ``bytefig run train.py:FN`` with the same arguments. Needs the extra ``cli``.

    Args:
        name: Which function, if several are marked.
        argv: The arguments; None means those of the process.

    Raises:
        NoScriptError: No function of the module is marked, or several are.
        SystemExit: It did not end well; the code is 1 if the function failed, 2 if the arguments
            are wrong.
    """
    calling = frame_above(1).f_globals.get("__name__")
    module = sys.modules.get(str(calling))
    if module is None:
        raise NoScriptError(
            describe(f"there is no module {calling!r}", caller(), "call main() in a module")
        )
    target = f"{module.__name__}:{script_of(module, name)}"
    from .entry import main as command  # noqa: PLC0415 - it imports what few programs need

    code = command(None if argv is None else [*argv], ["run", target])
    if code:
        sys.exit(code)
