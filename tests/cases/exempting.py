"""Captures in which every call is made, and none recorded."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bytefig.tracer import auto_config


def exempting(function: Callable[..., Any]) -> Any:
    """Return what captures from a function, whatever that does and returns."""
    return auto_config(
        function,
        experimental_allow_control_flow="all",
        experimental_result_must_contain_buildable=False,
        experimental_exemption_policy=lambda _: True,
    )


def captured(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return what runs a function in a capture, and returns what it returns."""
    return exempting(function).as_buildable
