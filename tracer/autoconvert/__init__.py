"""Functions that are given configs, whatever they are called with."""

from .converters import register
from .decorator import autoconvert, takes_configs

__all__ = ["autoconvert", "register", "takes_configs"]
