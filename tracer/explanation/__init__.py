"""``explain``: the decision of a capture about each call of a function, which is not run."""

from .explanation import CallSiteExplanation, Explanation, explain

__all__ = ["CallSiteExplanation", "Explanation", "explain"]
