import collections
import dataclasses

import pytest


@dataclasses.dataclass
class Point:
    x: int
    y: int = 0


class Odd:
    __match_args__ = "x"


class Repeats:
    __match_args__ = ("x", "x")
    x = 1


def match(subject):
    match subject:
        case None:
            return "none"
        case True | False:
            return "bool", subject
        case int(n) if n > 100:
            return "big", n
        case -1 | 0 | 1:
            return "small", subject
        case str() as text:
            return "text", text
        case Point(0, y=0):
            return "origin"
        case Point(x, y) | [Point(x, y)]:
            return "point", x, y
        case []:
            return "empty"
        case [1, *rest]:
            return "one", rest
        case (a, b) | (a, _, b):
            return "pair", a, b
        case [*_, 9]:
            return "nine"
        case {"k": [v, *_], **others}:
            return "key", v, others
        case {"a": 1, "b": b}:
            return "a", b
        case {}:
            return "mapping"
        case float(real=r, imag=i):
            return "float", r, i
        case _:
            return "other"


@pytest.mark.parametrize(
    "subject",
    [
        None,
        True,
        1,
        500,
        7,
        "s",
        b"s",
        Point(0),
        Point(3, 4),
        [Point(1)],
        [],
        (),
        [1],
        [1, 2, 3],
        (5, 6),
        [4, 5, 6],
        range(2),
        [2, 3, 4, 9],
        {"k": [1, 2], "z": 3},
        {"k": []},
        {"a": 1, "b": 2},
        {"a": 1},
        {},
        collections.OrderedDict(k=(7,)),
        collections.deque([1, 2]),
        2.5,
        {1, 2},
        object,
    ],
    ids=repr,
)
def test_match(same, subject):
    same(match, subject)


def errors_too_many(subject):
    match subject:
        case Point(1, 2, 3):
            return 1


def errors_not_a_class(subject):
    thing = 5
    match subject:
        case thing():
            return 1


def errors_match_args(subject):
    match subject:
        case Odd(1):
            return 1


def errors_repeated(subject):
    match subject:
        case Repeats(1, x=1):
            return 1


def errors_no_positional(subject):
    match subject:
        case object(1):
            return 1


def errors_duplicate_key(subject):
    key = collections.namedtuple("Keys", "a b")("k", "k")
    match subject:
        case {key.a: 1, key.b: 2}:
            return 1


@pytest.mark.parametrize(
    "function, subject",
    [
        (errors_too_many, Point(1, 2)),
        (errors_not_a_class, 1),
        (errors_match_args, Odd()),
        (errors_repeated, Repeats()),
        (errors_no_positional, 1),
        (errors_duplicate_key, {"k": 1}),
    ],
)
def test_errors(twin, function, subject):
    def run(fn):
        try:
            return fn(subject)
        except (TypeError, ValueError) as error:
            return type(error), str(error)

    assert run(twin(function)) == run(function)


def test_a_defaultdict_does_not_grow(twin):
    subject = collections.defaultdict(list)
    assert twin(match)(subject) == "mapping"
    assert not subject


def test_a_match_inside_of_loops(same):
    def matches(subject):
        for left in [1]:
            for right in [2]:
                match subject:
                    case {"k": value}:
                        return left, right, value
                    case [value, *_]:
                        return right, left, value
                    case Point(x=value):
                        return value

    def matches_in_one(subject):
        for left in [1]:
            match subject:
                case {"k": value}:
                    return left, value

    for subject in ({"k": 3}, [4, 5], Point(6)):
        same(matches, subject)
        same(matches_in_one, subject)
