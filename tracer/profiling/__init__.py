"""``profile``: where the time of a capture goes."""

from .profile import Profile
from .records import CallSiteTime, OpcodeTime, StackFrame, StackTime, TierTime
from .running import ProfileError, profile

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
