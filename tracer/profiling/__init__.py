"""``profile``: where the time of a capture goes."""

from .profile import CallSiteTime, OpcodeTime, Profile, StackFrame, StackTime, TierTime
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
