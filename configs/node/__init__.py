"""Buildable and its three kinds: Config, Partial and ArgFactory."""
