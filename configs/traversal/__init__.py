"""The traversal of a graph, and the paths in it."""
