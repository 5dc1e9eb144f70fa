"""Exchange of graphs with Fiddle and NeMo Run."""
