"""Short programs for Fiddle, as its users write them; each returns plain values.

`programs.py` runs them with Fiddle and with bytefig, and the tests with bytefig alone: then
``fiddle`` is `bytefig.configs`.
"""

from __future__ import annotations

import copy
import dataclasses
import functools
import pickle
from collections.abc import Callable
from typing import Annotated, Any, NamedTuple

import fiddle as fdl
from fiddle import arg_factory, selectors


class Width(fdl.Tag):
    """Width of a layer."""


class HiddenWidth(Width):
    """Width of a hidden layer."""


class Rate(fdl.Tag):
    """A rate of dropping."""


@dataclasses.dataclass
class Dense:
    units: int = 4
    activation: str | None = None
    rate: Annotated[float, Rate] = 0.0


@dataclasses.dataclass
class Sparse(Dense):
    density: float = 0.1


@dataclasses.dataclass
class Network:
    layers: list[Dense]
    head: Any = None
    names: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass
class Optimizer:
    rate: float
    momentum: float = 0.9

    @classmethod
    def fast(cls, rate: float = 1.0) -> Optimizer:
        return cls(rate, 0.0)


class Batch(NamedTuple):
    inputs: Any
    targets: Any = None


def pipeline(source: str, /, batch: int = 32, *steps: str, shuffle: bool = True, **options: Any):
    return source, batch, steps, shuffle, options


def collect(item: int, into: list[int]) -> list[int]:
    into.append(item)
    return into


def network() -> fdl.Config[Network]:
    shared = fdl.Config(Dense, units=8)
    return fdl.Config(Network, layers=[shared, fdl.Config(Sparse, 16), shared], head=shared)


def error_of(fn: Callable[[], object], *kinds: type[Exception]) -> str:
    """Return the first of these classes that the error of a function is of."""
    try:
        fn()
    except kinds as error:
        return next(kind.__name__ for kind in kinds if isinstance(error, kind))
    return "no error"


def edits_before_building():
    cfg = fdl.Config(Optimizer, rate=0.1)
    cfg.rate *= 2
    cfg.momentum = 0.5
    del cfg.momentum
    read = cfg.momentum
    return dataclasses.astuple(fdl.build(cfg)), read, dir(cfg) == ["momentum", "rate"]


def sharing_is_kept():
    cfg = network()
    model = fdl.build(cfg)
    copied = copy.deepcopy(cfg)
    again = fdl.build(copied)
    return (
        model.layers[0] is model.layers[2] is model.head,
        again.layers[0] is again.head,
        again.head is model.head,
        copied == cfg,
    )


def shallow_and_deep_copies():
    cfg = network()
    shallow = fdl.copy_with(cfg, names=["a"])
    deep = fdl.deepcopy_with(cfg, head=None)
    deep.layers[0].units = 99
    return (
        shallow.layers is cfg.layers,
        shallow.names,
        cfg.layers[0].units,
        deep.layers[2].units,
        deep.head,
    )


def partials():
    cfg = fdl.Partial(Optimizer, momentum=0.3)
    made = fdl.build(cfg)
    cast = fdl.cast(fdl.Config, fdl.copy_with(cfg, rate=7.0))
    return (
        isinstance(made, functools.partial),
        dataclasses.astuple(made(rate=1.0)),
        dataclasses.astuple(fdl.build(cast)),
        type(cast) is fdl.Config,
    )


def argument_factories():
    cfg = fdl.Partial(collect, into=fdl.ArgFactory(list))
    made = fdl.build(cfg)
    plain = fdl.build(fdl.Partial(collect, into=fdl.Config(list)))
    by_hand = arg_factory.partial(collect, into=list)
    return (
        [made(1), made(2)],
        [list(plain(1)), list(plain(2))],
        [by_hand(1), by_hand(2)],
        arg_factory.is_arg_factory_partial(by_hand),
    )


def default_factories_of_functions():
    fresh_list = arg_factory.default_factory(list)

    @arg_factory.supply_defaults
    def gather(item: int, into: list[int] = fresh_list) -> list[int]:
        into.append(item)
        return into

    cfg = fdl.Config(gather, 1)
    return fdl.build(cfg), fdl.build(cfg), gather(2, [0])


def positional_arguments():
    cfg = fdl.Config(pipeline, "disk", 16, "crop", "flip", prefetch=2)
    before = cfg[:]
    cfg[0] = "net"
    cfg[fdl.VARARGS :] = ["scale", "crop", "flip"]
    del cfg[3]
    cfg[-1] = "blur"
    return before, cfg[1:], cfg.batch, fdl.build(cfg)


def ordering_of_arguments():
    cfg = fdl.Config(pipeline, "disk", shuffle=False, zip=1, batch=32)
    return (
        list(fdl.ordered_arguments(cfg).items()),
        list(fdl.ordered_arguments(cfg, include_var_keyword=False)),
        list(fdl.ordered_arguments(cfg, include_positional=False)),
        list(fdl.ordered_arguments(cfg, include_equal_to_default=False)),
        fdl.ordered_arguments(fdl.Config(Optimizer), include_defaults=True),
        fdl.ordered_arguments(fdl.Config(Optimizer), include_unset=True)["rate"] is fdl.NO_VALUE,
    )


def switching_callables():
    cfg = fdl.Config(Sparse, units=3, density=0.5)
    fdl.update_callable(cfg, Dense, drop_invalid_args=True)
    refused = error_of(lambda: fdl.update_callable(copy.copy(cfg), Optimizer), TypeError)
    fdl.assign(cfg, activation="relu", rate=0.25)
    method = fdl.Config(Optimizer.fast)
    return (
        fdl.get_callable(cfg) is Dense,
        dataclasses.astuple(fdl.build(cfg)),
        refused,
        dataclasses.astuple(fdl.build(method)),
    )


def tags_by_annotation_and_value():
    cfg = network()
    cfg.layers[1].units = HiddenWidth.new(default=16)
    fdl.add_tag(cfg.head, "units", Width)
    fdl.set_tagged(cfg, tag=Width, value=5)
    fdl.set_tagged(cfg, tag=Rate, value=0.75)
    fdl.add_tag(cfg.head, "activation", Rate)
    fdl.remove_tag(cfg.head, "activation", Rate)
    fdl.set_tags(cfg.layers[1], "density", {Rate, HiddenWidth})
    fdl.clear_tags(cfg.layers[1], "units")
    return (
        [dataclasses.astuple(layer) for layer in fdl.build(cfg).layers],
        sorted(tag.__name__ for tag in fdl.get_tags(cfg.layers[1], "density")),
        set(fdl.get_tags(cfg.layers[1], "units")),
        set(fdl.get_tags(cfg.head, "activation")),
    )


def tagged_values_in_containers():
    cfg = fdl.Config(dict, sizes=[Width.new(), Width.new(default=2)])
    unfilled = error_of(lambda: fdl.build(cfg), Exception)
    fdl.set_tagged(cfg, tag=Width, value=9)
    return unfilled, fdl.build(cfg)


def selecting_nodes():
    cfg = network()
    selectors.select(cfg, Dense).set(activation="tanh")
    selectors.select(cfg, Dense, match_subclasses=False).set(units=1)
    found = sorted(selectors.select(cfg, Dense).get("units"))
    count = len(
        list(selectors.select(cfg, Dense, buildable_type=fdl.Partial, check_nonempty=False))
    )
    selectors.select(cfg, Sparse).replace(fdl.Config(Optimizer, 0.5))
    model = fdl.build(cfg)
    return (
        found,
        count,
        [dataclasses.astuple(layer) for layer in model.layers],
        model.layers[0] is model.head,
    )


def selecting_tags():
    cfg = network()
    selectors.select(cfg, tag=Rate).replace(0.5)
    empty = error_of(
        lambda: list(selectors.select(cfg, tag=Width, check_nonempty=True)), ValueError
    )
    return list(selectors.select(cfg, tag=Rate)), empty, cfg.head.rate


def defaults_made_explicit():
    cfg = fdl.Config(Optimizer, 0.1)
    same = copy.copy(cfg)
    fdl.materialize_defaults(cfg)
    cfg_arguments = dict(cfg.__arguments__)
    return cfg_arguments, cfg == same, same.__arguments__


def equality():
    one = fdl.Config(Dense, units=4)
    tagged = fdl.Config(Dense, units=4)
    fdl.add_tag(tagged, "units", Width)
    return (
        one == tagged,
        [Width.new(1)] == [Rate.new(1)],
        one == fdl.Config(Dense),
        one == fdl.Partial(Dense),
        one == fdl.Config(Sparse),
        one == fdl.Config(Dense, units=5),
        error_of(lambda: hash(one), TypeError),
    )


def containers():
    cfg = {
        "batch": Batch(fdl.Config(dict, a=1), (fdl.Config(list), 2)),
        "rest": [fdl.Config(int, "7"), None],
    }
    return fdl.build(cfg)


def pickling():
    cfg = network()
    restored = pickle.loads(pickle.dumps(cfg))
    return restored == cfg, restored.layers[0] is restored.head


def mistakes():
    cfg = fdl.Config(Optimizer)

    def fail(message: str) -> None:
        raise KeyError(message)

    return (
        error_of(lambda: setattr(cfg, "speed", 1), AttributeError),
        error_of(lambda: cfg.speed, AttributeError),
        error_of(lambda: cfg.rate, AttributeError),
        error_of(lambda: delattr(cfg, "rate"), AttributeError),
        error_of(lambda: fdl.build(cfg), TypeError),
        error_of(lambda: fdl.Config(Optimizer, speed=1), TypeError),
        error_of(lambda: fdl.Config(cfg), ValueError),
        error_of(lambda: fdl.Config(3), TypeError),
        error_of(lambda: fdl.Config(Network).names, ValueError),
        error_of(lambda: fdl.build(fdl.Config(fail, "x")), KeyError),
        error_of(lambda: fdl.Config(pipeline)[9], IndexError),
    )


def flattening():
    cfg = fdl.Config(pipeline, "disk", 8, "crop", zip=1)
    values, metadata = cfg.__flatten__()
    rebuilt = type(cfg).__unflatten__([1, 2, 3, 4], metadata)
    return (
        values,
        isinstance(metadata, fdl.BuildableTraverserMetadata),
        metadata.argument_names,
        metadata.arguments(values),
        rebuilt[:],
        [getattr(step, "name", step) for step in cfg.__path_elements__()][1::2],
    )


#: Each program and what it returns, with either library.
PROGRAMS: dict[str, tuple[Callable[[], Any], Any]] = {
    "edits before building": (edits_before_building, ((0.2, 0.9), 0.9, True)),
    "sharing is kept": (sharing_is_kept, (True, True, False, True)),
    "shallow and deep copies": (shallow_and_deep_copies, (True, ["a"], 8, 99, None)),
    "partials": (partials, (True, (1.0, 0.3), (7.0, 0.3), True)),
    "argument factories": (
        argument_factories,
        ([[1], [2]], [[1], [1, 2]], [[1], [2]], True),
    ),
    "default factories of functions": (default_factories_of_functions, ([1], [1], [0, 2])),
    "positional arguments": (
        positional_arguments,
        (
            ["disk", 16, "crop", "flip"],
            [16, "scale", "blur"],
            16,
            ("net", 16, ("scale", "blur"), True, {"prefetch": 2}),
        ),
    ),
    "ordering of arguments": (
        ordering_of_arguments,
        (
            [(0, "disk"), ("batch", 32), ("shuffle", False), ("zip", 1)],
            [0, "batch", "shuffle"],
            ["batch", "shuffle", "zip"],
            [0, "shuffle", "zip"],
            {"momentum": 0.9},
            True,
        ),
    ),
    "switching callables": (
        switching_callables,
        (True, (3, "relu", 0.25), "TypeError", (1.0, 0.0)),
    ),
    "tags by annotation and value": (
        tags_by_annotation_and_value,
        (
            [(5, None, 0.75), (5, None, 0.75, 0.1), (5, None, 0.75)],
            ["HiddenWidth", "Rate"],
            set(),
            set(),
        ),
    ),
    "tagged values in containers": (
        tagged_values_in_containers,
        ("Exception", {"sizes": [9, 9]}),
    ),
    "selecting nodes": (
        selecting_nodes,
        ([1, 16], 0, [(1, "tanh", 0.0), (0.5, 0.9), (1, "tanh", 0.0)], True),
    ),
    "selecting tags": (selecting_tags, ([0.5, 0.5], "ValueError", 0.5)),
    "defaults made explicit": (
        defaults_made_explicit,
        ({"rate": 0.1, "momentum": 0.9}, True, {"rate": 0.1}),
    ),
    "equality": (equality, (True, True, True, False, False, False, "TypeError")),
    "containers": (containers, {"batch": Batch({"a": 1}, ([], 2)), "rest": [7, None]}),
    "pickling": (pickling, (True, True)),
    "mistakes": (
        mistakes,
        (
            *["AttributeError"] * 4,
            *["TypeError"] * 2,
            "ValueError",
            "TypeError",
            "ValueError",
            "KeyError",
            "IndexError",
        ),
    ),
    "flattening": (
        flattening,
        (
            ("disk", 8, "crop", 1),
            True,
            (0, "batch", 2, "zip"),
            {0: "disk", "batch": 8, 2: "crop", "zip": 1},
            [1, 2, 3],
            ["batch", "zip"],
        ),
    ),
}
