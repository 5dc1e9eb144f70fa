"""Build the objects that a graph configures."""
