"""Comparing graphs with their tags, which equality leaves out."""

from bytefig.configs import Buildable, iter_nodes


def equal_with_tags(one, other):
    """Return whether two graphs are equal, and so are the tags of each of their nodes."""
    return one == other and all_tags(one) == all_tags(other)


def all_tags(graph):
    """Return the tags of each node of a graph, parents first."""
    nodes = [node for node in iter_nodes(graph) if isinstance(node, Buildable)]
    return [dict(node.__argument_tags__ or {}) for node in nodes]
