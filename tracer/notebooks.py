"""The extension ``%load_ext bytefig.tracer`` of IPython: the cell magic ``%%graph``."""

from __future__ import annotations

import ast
from types import FunctionType
from typing import Any

from ..configs.for_tracer import hide_own_frames
from .auto_config import AutoConfig, auto_config


def load_ipython_extension(ipython: Any) -> None:
    """Add ``%%graph name``, for a cell whose last line is the object to be built.

    The cell becomes the builder ``name``, and its graph is shown. Names that it sets are its own,
    others are those of the notebook.

    Args:
        ipython: The shell.
    """
    from IPython.core.error import UsageError  # noqa: PLC0415 - it runs already

    def graph(line: str, cell: str) -> object:
        """Capture a cell as a builder, and show its graph."""
        name = line.strip()
        if not name.isidentifier():
            raise UsageError("%%graph needs a name for the builder, as in %%graph model")
        body = ast.parse(ipython.transform_cell(cell)).body
        if not body or not isinstance(body[-1], ast.Expr):
            raise UsageError(f"%%graph {name}: the last line has to be what is to be built")
        try:
            builder = ipython.user_ns[name] = _builder(ipython, name, cell, body)
            return builder.as_buildable()
        except Exception as error:
            hide_own_frames(error)
            raise

    ipython.register_magic_function(graph, magic_kind="cell", magic_name="graph")


def _builder(ipython: Any, name: str, cell: str, body: list[Any]) -> AutoConfig[[], object]:
    """Return a builder that runs the lines of a cell, and returns its last value."""
    body[-1] = ast.copy_location(ast.Return(body[-1].value), body[-1])
    module = ast.parse(f"def {name}(): pass")
    function: Any = module.body[0]
    function.body = body
    ast.increment_lineno(module)  # the first line of the cell is that of the magic
    # Its own number, which `execution_count` is no longer in every version.
    number = len(ipython.history_manager.input_hist_raw) - 1
    filename = ipython.compile.cache(f"\n{cell}", number)
    own: dict[str, FunctionType] = {}
    exec(compile(module, filename, "exec"), ipython.user_ns, own)
    return auto_config(own[name], experimental_allow_control_flow="all")
