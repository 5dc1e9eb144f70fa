"""Values of the standard library and of torch, in JSON and in source."""

import collections
import copy
import decimal
import fractions
import re
import sys
import types
import uuid
import zoneinfo

import pytest

from bytefig.configs import Config, SerializationError, dump_json, load_json, to_source
from bytefig.configs.diffing import build_diff

ALLOW = ["collections", "decimal", "fractions", "re", "torch", "uuid", "zoneinfo", __name__]


def holder(value=None):
    return value


def rebuilt(graph):
    names = {}
    exec(to_source(graph), names)
    return names["build_config"]()


VALUES = [
    collections.Counter("abca"),
    collections.Counter({("a", 1): 2}),
    decimal.Decimal("1.50"),
    fractions.Fraction(1, 3),
    fractions.Fraction(2**70, 3),
    re.compile("a+", re.IGNORECASE),
    re.compile(rb"\d"),
    bytearray(b"\x00a"),
    bytearray(),
    uuid.UUID(int=7),
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_standard_library(value):
    node = Config(holder, value)
    for made in (load_json(dump_json(node), allow=ALLOW), rebuilt(node), copy.deepcopy(node)):
        assert made == node and type(made.value) is type(value)
        assert build_diff(node, made).changes == ()


def test_time_zones():
    try:
        zone = zoneinfo.ZoneInfo("Europe/Berlin")
    except zoneinfo.ZoneInfoNotFoundError:
        pytest.skip("no time zones are installed")
    node = Config(holder, zone)
    assert load_json(dump_json(node), allow=ALLOW) == node == rebuilt(node)


@pytest.mark.parametrize(
    ("value", "old", "new"),
    [
        (fractions.Fraction(1, 3), '{"ref": "list-', '{"int": "0x3", "x": "'),
        (fractions.Fraction(1, 3), '"items": [1, 3]', '"items": ["1e999999999"]'),
        (re.compile("a"), '"items": ["a", 32]', '"items": ["(", 32]'),
        (re.compile("a"), '"items": ["a", 32]', '"items": [1, 32]'),
        (
            collections.Counter("a"),
            '"type": "dict", "entries": {"a": 1}',
            '"type": "list", "items": []',
        ),
        (bytearray(b"a"), '"YQ=="', '"?"'),
    ],
)
def test_what_codecs_refuse(value, old, new):
    text = dump_json(Config(holder, value))
    assert old in text
    with pytest.raises(SerializationError):
        load_json(text.replace(old, new), allow=ALLOW)


@pytest.fixture
def torch(monkeypatch):
    """A module that stands for torch as far as its plain values go."""
    module = types.ModuleType("torch")

    def made(kind, **members):
        module.__dict__[kind] = type(kind, (), {"__module__": "torch", **members})
        return module.__dict__[kind]

    for kind, names in {
        "dtype": ("float32", "bfloat16"),
        "memory_format": ("channels_last",),
        "layout": ("strided",),
    }.items():
        cls = made(kind, __repr__=lambda self: f"torch.{self.name}")
        for name in names:
            value = module.__dict__[name] = cls()
            value.name = name
    module.Size = type("Size", (tuple,), {"__module__": "torch"})

    class device:  # noqa: N801 - as torch has it
        __module__, __qualname__ = "torch", "device"

        def __init__(self, name):
            self.name = name

        def __str__(self):
            return self.name

        def __eq__(self, other):
            return self.name == other.name

        __hash__ = None

    module.device = device
    monkeypatch.setitem(sys.modules, "torch", module)
    return module


def test_plain_values_of_torch(torch):
    values = [torch.float32, torch.bfloat16, torch.channels_last, torch.strided]
    values += [torch.device("cuda:0"), torch.Size([2, 3]), torch.Size([])]
    node = Config(holder, values)
    for made in (load_json(dump_json(node), allow=ALLOW), rebuilt(node)):
        assert made == node
        assert [type(value) for value in made.value] == [type(value) for value in values]
    assert "torch.channels_last" in to_source(node)
    with pytest.raises(SerializationError, match="not a dtype"):
        load_json(dump_json(torch.float32).replace('"float32"', '"strided"'), allow=ALLOW)
    with pytest.raises(SerializationError, match="not a list of integers"):
        load_json(dump_json(torch.Size([2])).replace("[2]", '["a"]'), allow=ALLOW)
