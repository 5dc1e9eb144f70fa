"""`to_source`: source that makes the nodes of a graph."""

from __future__ import annotations

from collections.abc import Mapping

from ..signature.signature import signature_of
from ..traversal.program_order import reachable
from .config_writer import ConfigWriter
from .dotted import DottedWriter
from .writer import Options


def to_source(
    graph: object,
    *,
    name: str = "build_config",
    sub_fixtures: Mapping[str, object] | None = None,
    max_expression_complexity: int | None = None,
    include_history: bool = False,
    dot_syntax: bool = False,
) -> str:
    """Return Python source of a function that makes an equal graph of `Config` calls.

    Sharing and tags are kept; history and provenance are not. Nodes that are used several times, or
    nested deeply, are in variables. The same graph always gives the same text.

    Args:
        graph: A buildable, or containers that hold some. Everything in it that is called or
            referred to has to be found by its name in a module that is imported.
        name: The name of the function.
        sub_fixtures: Parts of the graph that get functions of their own, which the function calls,
            by the names of those. Each is a buildable, or a container that can be edited. What a
            part shares with the rest of the graph is given to its function.
        max_expression_complexity: Put each argument and item in a variable that is written with
            more values than this: calls, containers and plain values count one each.
        include_history: Write a comment behind each argument: where it was set.
        dot_syntax: Make nodes without their named arguments, and set those afterwards:
            ``model.encoder.units = 3``.

    Raises:
        CodegenError: There are values that no source can make: all of them are listed, each with
            its path and the line that set it. Or a sub-fixture cannot be a function of its own.
        CycleError: The graph contains itself.
        TypeError: A sub-fixture is something else than a buildable or such a container.
        ValueError: A name is none, or is used twice; a sub-fixture is not in the graph, or is given
            twice; the complexity is negative.

    Example:
        >>> from collections import OrderedDict
        >>> from bytefig.configs import Config
        >>> shared = Config(OrderedDict, a=1)
        >>> print(to_source([shared, shared]))
        from collections import OrderedDict
        <BLANKLINE>
        from bytefig.configs import Config
        <BLANKLINE>
        <BLANKLINE>
        def build_config():
            ordered_dict = Config(OrderedDict, a=1)
            return [ordered_dict, ordered_dict]
        <BLANKLINE>
        >>> graph = Config(OrderedDict, a=shared, b=Config(OrderedDict, c=[2]))
        >>> source = to_source(graph, sub_fixtures={"make_b": graph.b}, dot_syntax=True)
        >>> print(source.partition("def ")[2])
        build_config():
            ordered_dict = Config(OrderedDict)
            ordered_dict.a = Config(OrderedDict)
            ordered_dict.a.a = 1
            ordered_dict.b = make_b()
            return ordered_dict
        <BLANKLINE>
        <BLANKLINE>
        def make_b():
            b = Config(OrderedDict)
            b.c = [2]
            return b
        <BLANKLINE>
    """
    options = Options(name, sub_fixtures or {}, max_expression_complexity, include_history)
    kind = DottedWriter if dot_syntax else ConfigWriter
    writer = kind(graph, options, in_statements=_has_form(graph))
    source = writer.write()
    if sub_fixtures:
        writer.check_order()
    return source


def _has_form(graph: object) -> bool:
    """Return whether a node of a program has to be told how it was called, and so all when."""
    return any(
        node.__order__ and node.__form__ and signature_of(node.__fn_or_cls__).exact_form
        for node in reachable(graph)
    )
