"""How the tests are run: what is skipped where it cannot be, and the settings of hypothesis.

The markers are told of in ``pyproject.toml``.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

from bytefig.tracer.supported import CAN_REBUILD

ABSENT = {
    "needs_browser": "WebAssembly has no processes, and so no browser",
    "needs_scikit_learn": "scikit-learn is not installed there",
    "needs_subprocess": "WebAssembly has no processes",
    "needs_test_package": "CPython's own tests are not installed there",
    "needs_threads": "WebAssembly has no threads",
}

# How long an example takes tells how busy the machine is, no more. In CI, what fails fails again.
settings.register_profile(
    "bytefig",
    deadline=None,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("bytefig")


def pytest_collection_finish() -> None:
    # The tests themselves are not garbage: the collections that many ask for need not look at them.
    gc.collect()
    gc.freeze()


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("no_tracer") and sys.gettrace() is not None:
        pytest.skip("a debugger or a coverage tool is there")
    if not CAN_REBUILD and item.get_closest_marker("needs_native_code"):
        pytest.skip("no native code is made for this version of CPython yet")
    if sys.platform == "emscripten":
        for marker in item.iter_markers():
            if marker.name in ABSENT:
                pytest.skip(ABSENT[marker.name])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    if item.get_closest_marker("observed") or sys.gettrace() is None:
        return (yield)
    from bytefig.tracer.engine import tiers  # not for the tests of `configs`

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tiers, "is_observed", lambda: False)
        return (yield)
