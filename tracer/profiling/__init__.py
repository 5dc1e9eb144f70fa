"""``profile``: where the time of a capture goes."""

from .profile import Profile
from .profiler import ProfileError, profile
from .records import CallSiteTime, OpcodeTime, StackFrame, StackTime, TierTime

__all__ = [
    "CallSiteTime",
    "OpcodeTime",
    "Profile",
    "ProfileError",
    "StackFrame",
    "StackTime",
    "TierTime",
    "profile",
]
