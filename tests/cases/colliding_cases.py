"""Keys that all have the same hash, and count how often they are compared."""

import typing


class Fields(typing.NamedTuple):
    number: int


class Key(Fields):
    _fields = ("number",)
    compared = 0

    def __hash__(self):
        return 7

    def __eq__(self, other):
        Key.compared += 1
        return self.number == other.number
