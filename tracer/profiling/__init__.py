"""``profile``: where the time of a capture goes."""

from ...configs.for_tracer import register_moved
from .profile import Profile
from .profiler import ProfileError, profile
from .records import CallSiteTime, OpcodeTime, StackFrame, StackTime, TierTime

register_moved(__name__, {"running": ""})

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
