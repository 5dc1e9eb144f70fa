"""The special methods of a node: copying, equality, pickling, repr."""
