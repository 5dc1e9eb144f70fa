"""The arguments that a callable takes, worked out once."""
