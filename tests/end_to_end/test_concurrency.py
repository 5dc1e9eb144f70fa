"""Many captures of one function at the same time, in threads and in asyncio tasks."""

import asyncio
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from bytefig.configs import Config, build
from bytefig.tracer import auto_config, exempt


class Dense:
    def __init__(self, units):
        self.units = units


class Sequential:
    def __init__(self, layers):
        self.layers = layers


def make_builder():
    """A function whose code nobody has decoded yet."""
    namespace = {"Dense": Dense, "Sequential": Sequential}
    exec(
        "def model(first, n):\n"
        "    scale = lambda x: x * first\n"
        "    return Sequential([Dense(scale(i)) for i in range(n)])",
        namespace,
    )
    return auto_config(namespace["model"], experimental_allow_control_flow="all")


def expected(first, n):
    return Config(Sequential, [Config(Dense, first * i) for i in range(n)])


# CPython 3.11 lets a thread die that starts while another one sets its trace function.
@pytest.mark.no_tracer
@pytest.mark.needs_threads
def test_threads():
    threads, rounds = 8, 30
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for _ in range(rounds):
            builder = make_builder()
            barrier = threading.Barrier(threads)

            def capture(number, builder=builder, barrier=barrier):
                barrier.wait(60)  # so that a thread that ends before is an error, not a deadlock
                config = builder.as_buildable(number, 20)
                config.layers[0].units = -number
                return number, config, [layer.units for layer in build(config).layers]

            with ThreadPoolExecutor(threads) as pool:
                for number, config, units in pool.map(capture, range(threads)):
                    wanted = expected(number, 20)
                    wanted.layers[0].units = -number
                    assert config == wanted
                    assert units == [-number, *(number * i for i in range(1, 20))]
    finally:
        sys.setswitchinterval(interval)


@pytest.mark.needs_threads
def test_threads_that_capture_while_another_one_calls():
    builder = make_builder()
    stop = threading.Event()
    failures = []

    def call():
        while not stop.is_set():
            if [layer.units for layer in builder(3, 5).layers] != [0, 3, 6, 9, 12]:
                failures.append("the plain call went wrong")

    caller = threading.Thread(target=call)
    caller.start()
    try:
        for _ in range(200):
            assert builder.as_buildable(3, 5) == expected(3, 5)
    finally:
        stop.set()
        caller.join()
    assert not failures


def test_tasks():
    @exempt
    async def fetch(number):
        await asyncio.sleep(0)
        return number

    @auto_config(experimental_allow_control_flow="all")
    async def model(number, n):
        layers = []
        for i in range(n):
            layers.append(Dense(await fetch(number) * i))
        return Sequential(layers)

    async def main():
        return await asyncio.gather(*(model.as_buildable(number, 5) for number in range(20)))

    for number, config in enumerate(asyncio.run(main())):
        assert config == expected(number, 5)
