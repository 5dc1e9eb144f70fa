"""Functions that are given configs, whatever they are called with."""

from .decorator import autoconvert, takes_configs
from .registry import register

__all__ = ["autoconvert", "register", "takes_configs"]
