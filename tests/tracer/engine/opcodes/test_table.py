import dis
import opcode
import subprocess
import sys

import pytest

from bytefig.tracer import supported
from bytefig.tracer.engine.opcodes import ELIDED, HANDLERS, UNSUPPORTED, table


def real_opcodes():
    """The opcodes a compiler can emit: neither pseudo, specialised nor instrumented ones."""
    metadata = sys.modules.get("_opcode_metadata")
    if metadata is None and sys.version_info >= (3, 13):
        import _opcode_metadata as metadata
    specialised = set(metadata._specialized_opmap if metadata else opcode._specialized_instructions)
    return {
        name
        for name, number in dis.opmap.items()
        if number < 256 and name not in specialised and not name.startswith(("INSTRUMENTED", "<"))
    }


def test_every_opcode_is_handled_or_refused_with_a_reason():
    listed = [set(HANDLERS), set(ELIDED), set(UNSUPPORTED)]
    assert set.union(*listed) == real_opcodes()
    assert sum(map(len, listed)) == len(set.union(*listed))
    assert all(UNSUPPORTED.values())


def test_merging_refuses_a_handler_that_two_concerns_define():
    with pytest.raises(ValueError, match="defines again: \\['COPY'"):
        table.merge((table.stack, table.stack))


def test_selecting_refuses_a_handler_that_does_not_exist():
    with pytest.raises(ValueError, match="no such handlers: \\['JMUP'\\]"):
        table.binders_of({"JUMP_FORWARD": "JMUP"}, {})


def test_every_version_asks_for_handlers_that_exist():
    handlers = table.merge(table.CONCERNS)
    asked = set()
    for module in table.VERSIONS.values():
        asked |= set(module.OPCODES.values())
        table.binders_of(module.OPCODES, handlers)
    assert asked == set(handlers)


def test_every_supported_version_has_a_table():
    assert tuple(table.VERSIONS) == supported.SUPPORTED


def test_another_version_is_refused():
    with pytest.raises(ImportError, match=r"reads the bytecode of CPython 3\.11, .* not of 3\.10"):
        supported.checked_version((3, 10))
    with pytest.raises(ImportError, match=r"not of 3\.16; fix: run one of those versions"):
        supported.checked_version((3, 16))


@pytest.mark.needs_subprocess
def test_another_version_is_refused_before_code_is_made_for_it():
    """By hand, that is: such code may crash it."""
    told = "import sys, bytefig.configs; sys.version_info = (3, 99); import bytefig.tracer"
    run = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=False)
    last = run.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: bytefig.tracer reads the bytecode of CPython 3.11, ")
    assert "not of 3.99; fix: " in last
