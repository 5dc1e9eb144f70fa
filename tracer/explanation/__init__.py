"""``explain``: what a capture would do at each call of a function, without running it."""

from .explanation import CallSiteExplanation, Explanation, explain

__all__ = ["CallSiteExplanation", "Explanation", "explain"]
