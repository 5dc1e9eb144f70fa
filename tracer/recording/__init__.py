"""Decide about calls during capture, and record them."""
