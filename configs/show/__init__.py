"""Show a graph to people: as text, on a terminal, drawn."""
