"""Changes are made all at once, or not at all."""

from collections import OrderedDict, defaultdict, deque

import pytest

from bytefig.configs import Config
from bytefig.configs.core.slots import become
from bytefig.configs.core.transaction import Changes, set_item


class Refusing(dict):
    """A dict that takes no item called no."""

    def __setitem__(self, key, value):
        if key == "no":
            raise KeyboardInterrupt
        super().__setitem__(key, value)


def everything():
    return {
        "list": [1, 2],
        "deque": deque([1, 2], maxlen=3),
        "dict": {"a": 1, "b": 2},
        "ordered": OrderedDict(a=1, b=2),
        "default": defaultdict(int, a=1),
        "node": Config(dict, a=1),
        "items": {"x": 1},
        "more": [1],
    }


def changes_of(found):
    changes = Changes()
    changes.contents(found["list"], [3])
    changes.contents(found["deque"], [3, 4])
    for name in ("dict", "ordered", "default"):
        changes.contents(found[name], {"c": 3, "a": 4})
    become(changes, found["node"], Config(list))
    changes.item(found["items"], "x", 2)
    changes.item(found["items"], "y", 3)
    changes.item(found["list"], 0, 4)
    more = found["more"]
    changes.operation((more.extend, [2, 3]), (set_item, more, slice(1, None), ()))
    return changes


def test_all():
    found = everything()
    before = dict(found)
    changes_of(found).commit()
    assert found == {
        "list": [4],
        "deque": deque([3, 4]),
        "dict": {"c": 3, "a": 4},
        "ordered": OrderedDict(c=3, a=4),
        "default": {"c": 3, "a": 4},
        "node": Config(list),
        "items": {"x": 2, "y": 3},
        "more": [1, 2, 3],
    }
    assert all(found[name] is before[name] for name in found)
    assert found["default"].default_factory is int


def test_none():
    found, refusing = everything(), Refusing(a=1)
    changes = changes_of(found)
    changes.item(refusing, "a", 2)
    changes.item(refusing, "no", 2)
    changes.item(refusing, "b", 2)
    with pytest.raises(KeyboardInterrupt):
        changes.commit()
    assert found == everything()
    assert list(found["ordered"]) == ["a", "b"]
    assert refusing == {"a": 1}
    assert found["node"].__history__ is None


def test_a_list_that_holds_what_is_set():
    items = [1, 2]
    changes = Changes()
    changes.item(items, 1, items)
    changes.commit()
    assert items[1] is items
