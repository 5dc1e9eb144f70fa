"""The garbage collector is kept away from some of our work only, and is back afterwards."""

import copy
import gc

import pytest

from bytefig.configs import Config, SerializationError, dump_json, load_json
from bytefig.configs.collecting import without_collection


class Leaf:
    """Notes whether the collector runs while it is copied."""

    def __init__(self, seen):
        self.seen = seen

    def __deepcopy__(self, memo):
        self.seen.append(gc.isenabled())
        return self


@pytest.fixture
def collector():
    """Leave the collector as it was."""
    was_enabled = gc.isenabled()
    gc.enable()
    yield
    if not was_enabled:  # pragma: no cover - it is on when tests run
        gc.disable()


@pytest.mark.usefixtures("collector")
def test_paused_inside_only():
    assert without_collection(gc.isenabled)() is False
    assert gc.isenabled()


@pytest.mark.usefixtures("collector")
def test_stays_off_if_the_program_has_turned_it_off():
    gc.disable()
    try:
        assert without_collection(gc.isenabled)() is False
        copy.deepcopy(Config(dict, a=[Config(int)]))
        assert not gc.isenabled()
    finally:
        gc.enable()


@pytest.mark.usefixtures("collector")
def test_back_after_an_error():
    with pytest.raises(ZeroDivisionError):
        without_collection(divmod)(1, 0)
    assert gc.isenabled()
    with pytest.raises(SerializationError):
        load_json(dump_json(Config(int))[:-10])
    assert gc.isenabled()


@pytest.mark.usefixtures("collector")
def test_a_users_code_runs_with_the_collector():
    seen = []
    copy.deepcopy(Config(dict, a=[Leaf(seen)], b=(Leaf(seen),), c=Leaf(seen)))
    assert seen == [True, True, True]
