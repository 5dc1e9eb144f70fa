"""Tests of `bytefig.configs.core.provenance`."""

import copy
import dis
import pickle

import pytest

from bytefig.configs import Provenance, SavedProvenance


def sample(x):
    y = x
    return "é", print(y)


def _call_offset(code):
    names = ("CALL", "CALL_FUNCTION", "PRECALL")
    return next(step.offset for step in dis.get_instructions(code) if step.opname in names)


def test_position_of_a_call():
    code = sample.__code__
    provenance = Provenance(code, _call_offset(code))
    assert provenance.filename == __file__
    assert provenance.line == code.co_firstlineno + 2
    # A count of bytes: the letter before the call takes two.
    assert provenance.column == len('    return "é", '.encode())
    assert provenance.function == "sample"
    assert str(provenance) == f"{__file__}:{provenance.line} in sample"


@pytest.mark.parametrize("offset", [1_000_000])
def test_unknown_offset_falls_back_to_the_first_line(offset):
    provenance = Provenance(sample.__code__, offset)
    assert provenance.line == sample.__code__.co_firstlineno
    assert provenance.column is None


def test_unknown_line_falls_back_to_the_first_line():
    code = sample.__code__.replace(co_linetable=b"")
    assert Provenance(code, 0).line == sample.__code__.co_firstlineno


def test_qualified_name():
    def inner():
        pass

    assert Provenance(inner.__code__, 0).function == "test_qualified_name.<locals>.inner"


def test_copies_are_the_same_object():
    provenance = Provenance(sample.__code__, 0)
    assert copy.copy(provenance) is provenance
    assert copy.deepcopy(provenance) is provenance


def test_pickle_keeps_the_text():
    provenance = Provenance(sample.__code__, _call_offset(sample.__code__))
    saved = pickle.loads(pickle.dumps(provenance))
    assert isinstance(saved, SavedProvenance)
    assert str(saved) == str(provenance)
    assert saved.column == provenance.column
    assert pickle.loads(pickle.dumps(saved)) == saved


def test_is_frozen():
    with pytest.raises(AttributeError):
        Provenance(sample.__code__, 0).offset = 3
