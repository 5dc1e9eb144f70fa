"""Decide what becomes of a call during capture, and record it."""
