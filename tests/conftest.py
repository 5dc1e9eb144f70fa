"""Skips what this Python cannot do; see the markers in ``pyproject.toml``."""

from __future__ import annotations

import sys

import pytest

from bytefig.tracer.supported import CAN_REBUILD

ABSENT = {
    "needs_browser": "WebAssembly has no processes, and so no browser",
    "needs_scikit_learn": "scikit-learn is not installed there",
    "needs_subprocess": "WebAssembly has no processes",
    "needs_test_package": "CPython's own tests are not installed there",
    "needs_threads": "WebAssembly has no threads",
}


def pytest_runtest_setup(item: pytest.Item) -> None:
    if not CAN_REBUILD and item.get_closest_marker("needs_native_code"):
        pytest.skip("no native code is made for this version of CPython yet")
    if sys.platform == "emscripten":
        for marker in item.iter_markers():
            if marker.name in ABSENT:
                pytest.skip(ABSENT[marker.name])
