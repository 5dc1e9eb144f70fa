"""An interceptor is told of what is done with objects of the types that it guards."""

import pytest

from bytefig.tracer.engine.functions import turn_into_twin
from bytefig.tracer.engine.interceptor import Native


class Thing:
    n = 1

    def method(self):
        return self.n


class Told(Native):
    __slots__ = ("told",)

    def __init__(self):
        super().__init__()
        self.guarded_types = {Thing}
        self.told = []

    @property
    def asks_of_none(self):
        return True

    def match(self, frame, index, subject, /):
        self.told.append(("match", type(subject)))

    def is_none(self, frame, index, obj, /):
        self.told.append(("is none", type(obj)))

    def load_attr(self, frame, index, obj, name, /):
        self.told.append(("load", name))
        return super().load_attr(frame, index, obj, name)

    def store_attr(self, frame, index, obj, name, value, /):
        self.told.append(("store", name))
        super().store_attr(frame, index, obj, name, value)

    def delete_attr(self, frame, index, obj, name, /):
        self.told.append(("delete", name))
        super().delete_attr(frame, index, obj, name)


def matches_class(thing):
    for _ in [1]:
        for _ in [2]:  # below the subject are two iterators
            match thing:
                case int():
                    return "int"
                case Thing(n=1):
                    return "thing"


def matches_mapping(thing):
    for _ in [1]:
        match thing:
            case {"n": 1}:
                return "mapping"


def matches_sequence(thing):
    for _ in [1]:
        match thing:
            case [1, *_]:
                return "sequence"


def is_none(thing):
    return "none" if thing is None else "thing"


def is_not_none(thing):
    return "thing" if thing is not None else "none"


def uses_attributes(thing):
    thing.m = thing.n
    found = thing.m
    del thing.m
    return found, thing.method()


@pytest.mark.parametrize("tier", ["auto", "compile"])
@pytest.mark.parametrize(
    "function, told",
    [
        (matches_class, [("match", Thing)] * 2),
        (matches_mapping, [("match", Thing)]),
        (matches_sequence, [("match", Thing)]),
        (is_none, [("is none", Thing)]),
        (is_not_none, [("is none", Thing)]),
        (
            uses_attributes,
            [("load", "n"), ("store", "m"), ("load", "m"), ("delete", "m"), ("load", "method")],
        ),
    ],
)
def test_it_is_told_of_guarded_objects_and_of_no_others(function, told, tier, using, afresh):
    interceptor = Told()
    with using(tier):
        twin = turn_into_twin(afresh(function), interceptor)
        assert twin(Thing()) == function(Thing())
        assert interceptor.told == told
        other = type("Other", (), dict(vars(Thing)))
        assert twin(other()) == function(other())
    assert interceptor.told == told
