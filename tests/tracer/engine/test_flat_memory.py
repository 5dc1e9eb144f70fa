"""Captured functions that are gone leave nothing behind, and no cache grows with them."""

import functools
import gc
import importlib
import os
import pkgutil
import sys
import tracemalloc

from bytefig import configs, tracer
from bytefig.configs import WeakIdentityCache
from bytefig.tracer import PolicyTable, auto_config

#: ``make flat-memory`` sets it to 100,000.
DISTINCT = int(os.environ.get("BYTEFIG_FUNCTIONS", 500 if sys.platform == "emscripten" else 1_000))
CACHED = type(functools.cache(len))
SOURCE = """
def f(width):
    scale = lambda n: n * {number}
    return Stack([Dense(width, "a{number}"), Dense({number}), Dense(scale(2))])
"""


class Dense:
    def __init__(self, units, activation=None):
        self.units, self.activation = units, activation


class Stack:
    def __init__(self, layers):
        self.layers = layers


def capture_distinct(count):
    for number in range(count):
        namespace = {"Dense": Dense, "Stack": Stack}
        exec(SOURCE.format(number=number), namespace)
        function = auto_config(namespace["f"], experimental_allow_control_flow="all")
        graph = function.as_buildable(number)
        assert graph.layers[1].units == number


def modules():
    for package in (configs, tracer):
        for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if found.name in sys.modules:
                yield importlib.import_module(found.name)


def sizes_of_caches():
    sizes = {}
    for module in modules():
        for name, value in vars(module).items():
            if isinstance(value, (WeakIdentityCache, dict)) and not name.startswith("__"):
                sizes[module.__name__, name] = len(value)
            elif isinstance(value, CACHED):
                sizes[module.__name__, name] = value.cache_info().currsize
            elif isinstance(value, PolicyTable):
                sizes[module.__name__, name] = len(value._decided)
    return sizes


def kept_by(count):
    """Return how many bytes are there more after functions have come and gone."""
    tracemalloc.start()
    try:
        capture_distinct(10)
        gc.collect()
        before = tracemalloc.get_traced_memory()[0]
        capture_distinct(count)
        gc.collect()
        return tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()


def test_a_great_many_functions_leave_nothing_behind():
    capture_distinct(300)  # what is made once, and caches that are bounded are full
    gc.collect()
    caches = sizes_of_caches()
    assert len([name for _, name in caches if name in ("_programs", "_CACHE", "_firsts")]) >= 3
    kept = min(kept_by(100) for _ in range(4))  # a table that grows once is no leak
    capture_distinct(DISTINCT)
    gc.collect()
    grown = {key: size for key, size in sizes_of_caches().items() if size > caches.get(key, 0)}
    # A bounded cache may have got some more entries, never in step with the functions.
    assert {key: size for key, size in grown.items() if size > 300} == {}
    assert kept < 100 * 50, f"{kept / 100:.0f} bytes a function stay"
