"""Edit a graph: in place, by selection, by tag, by default."""
