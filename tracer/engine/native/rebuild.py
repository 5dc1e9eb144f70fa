"""Rebuild code objects so that CPython itself runs them, and only their calls are diverted.

A rebuilt code object has all instructions of the original, and the same names: its frame is a real
one. Added is what asks before each call, what has functions traced that it makes, and what tells of
exceptions that it handles. Where everything runs there is nothing to ask: the code stays as it is.
"""

from __future__ import annotations

import opcode
from opcode import opmap
from types import CodeType
from typing import Any, Final

import attrs

from ...code.flags import CO_VARARGS, CO_VARKEYWORDS
from ...code.wordcode import NULL_AFTER, Wordcode, number
from ..interception import Interceptor
from .assembly import NOWHERE, Added, Change, read, write
from .calls import Form, call_forms
from .sites import Origin, Site

_MAKE_FUNCTION: Final = number("MAKE_FUNCTION")
_SET_FUNCTION_ATTRIBUTE: Final = number("SET_FUNCTION_ATTRIBUTE")
_PUSH_EXC_INFO: Final = number("PUSH_EXC_INFO")
_KW_NAMES: Final = number("KW_NAMES")
_PRECALL: Final = number("PRECALL")
_LOAD_METHOD: Final = number("LOAD_METHOD")
#: How many more values than the original's are on the stack.
_MORE_STACK: Final = 5

_caches: Any = getattr(opcode, "_inline_cache_entries")  # noqa: B009 - it is private


def added(name: str, arg: int = 0, *, jumps: bool = False) -> Added:
    """Return an instruction to add."""
    found = _caches.get(name, 0) if isinstance(_caches, dict) else _caches[opmap[name]]
    return Added(opmap[name], arg, int(found), jumps)


_IF_TRUE: Final = (
    "POP_JUMP_IF_TRUE" if "POP_JUMP_IF_TRUE" in opmap else "POP_JUMP_FORWARD_IF_TRUE"
)
#: The last steps of a call, before and after specialised ones had an instruction of their own.
_CALL_ONE: Final = (
    *([added("PRECALL", 1)] if "PRECALL" in opmap else []),
    added("CALL", 1),
)
_CALL_NONE: Final = tuple(each._replace(arg=0) for each in _CALL_ONE)
#: How far up the name of an attribute is in the oparg of LOAD_ATTR: below it is a flag.
_NAME_BITS: Final = 0 if 0 <= _LOAD_METHOD < 256 else 1


def _call_constant(const: int) -> tuple[Added, ...]:
    """Return what calls a constant with the value on top of the stack, which its result replaces."""
    load, swap, null = added("LOAD_CONST", const), added("SWAP", 2), added("PUSH_NULL")
    before = (load, swap, null, swap) if NULL_AFTER else (null, swap, load, swap)
    return (*before, *_CALL_ONE)


def _ask(depth: int, site: int, ask: int, pair: int) -> tuple[Added, ...]:
    """Return what replaces a callable by what its site says to call.

    Args:
        depth: How deep on the stack the callable is.
        site: The number of the constant that is the site.
        ask: That of its method `Site.ask`.
        pair: The number of the name of its `Site.pair`.
    """
    asking = _call_constant(ask)
    swap, pop = added("SWAP", 2), added("POP_TOP")
    to_top = (added("SWAP", depth),) if depth > 1 else ()
    return (
        *to_top,
        added("LOAD_CONST", site),
        added("LOAD_ATTR", pair << _NAME_BITS),
        added("UNPACK_SEQUENCE", 2),  # callable, what to call, the known one
        added("COPY", 3),
        added("IS_OP", 0),
        added(_IF_TRUE, 2 + len(asking), jumps=True),
        pop,
        *asking,
        added("JUMP_FORWARD", 2, jumps=True),
        swap,
        pop,
        *to_top,
    )


@attrs.frozen
class Entry:
    """Where a frame that was interpreted goes on, and what it has then.

    Attributes:
        offset: The offset of the instruction in the original, in bytes.
        slots: The numbers of the local slots that are bound, free variables left out.
        stack: How many values follow each other, for each row of them; between rows is a NULL.
        calls: Whether something is called first, whose result is pushed.
    """

    offset: int
    slots: tuple[int, ...]
    stack: tuple[int, ...]
    calls: bool

    def constants(self) -> int:
        """Return how many constants its instructions use."""
        return 2 + len(self.stack) + self.calls

    def at(self, words: Wordcode) -> int:
        """Return the number of the instruction."""
        return words.at(self.offset // 2)

    def instructions(self, words: Wordcode, first: int) -> tuple[tuple[int, Added], ...]:
        """Return what makes a new frame of the code what the interpreted one was.

        Args:
            words: The original.
            first: The number of the first of its constants: what deletes all items of a list; the
                values of the slots; the rows of the stack; what is called.

        Returns:
            The instructions, and the numbers of those whose places they have.
        """
        free = len(words.code.co_freevars)
        starting = [added("COPY_FREE_VARS", free)] if free else []
        starting.append(added("RESUME"))
        found = _unpacked(len(self.slots), first + 1, first)
        found += [added("STORE_FAST", slot) for slot in self.slots]
        for place, count in enumerate(self.stack):
            if place:
                found.append(added("PUSH_NULL"))
            found += _unpacked(count, first + 2 + place, first)
        if self.calls:
            call, null = added("LOAD_CONST", first + 2 + len(self.stack)), added("PUSH_NULL")
            found += [*((call, null) if NULL_AFTER else (null, call)), *_CALL_NONE]
        place = self.at(words) - 1 if self.calls else NOWHERE
        return (*((0, each) for each in starting), *((place, each) for each in found))


def _unpacked(count: int, values: int, everything: int) -> list[Added]:
    """Return what takes the values out of the list that is a constant: the first is on top."""
    if not count:
        return []
    load = added("LOAD_CONST", values)
    clear = (load, added("LOAD_CONST", everything), added("DELETE_SUBSCR"))
    return [load, added("UNPACK_SEQUENCE", count), *clear]


@attrs.frozen(eq=False)
class Template:
    """Rebuilt code, but for what differs between those who decide about its calls.

    It keeps no reference to the original, which is what it is kept for.

    Attributes:
        code: The code object; placeholders stand for the constants that differ.
        offsets: By code unit, the offset in the original, in bytes.
        calls: By call, the code unit it is at.
        asks: Whether its calls are diverted.
    """

    code: CodeType
    offsets: tuple[int, ...]
    calls: tuple[int, ...]
    asks: bool

    def instance(
        self,
        code: CodeType,
        interceptor: Interceptor[Any],
        global_names: dict[str, Any],
        entering: tuple[Any, ...] = (),
    ) -> CodeType:
        """Return the code with sites of its own, which ask an interceptor.

        Args:
            code: The original.
            interceptor: Who decides.
            global_names: Those of the function.
            entering: The constants of its `Entry`.
        """
        origin = Origin(code, interceptor, self.offsets, global_names)
        if not self.asks:
            inner = _marked(code.co_consts, interceptor, global_names)
            return self.code.replace(co_consts=(*inner, *entering, origin))
        consts: list[Any] = [*code.co_consts, *entering, origin.made, origin.caught]
        for unit in self.calls:
            site = Site(unit, origin)
            origin.sites.append(site)
            consts += (site, site.ask)
        return self.code.replace(co_consts=(*consts, origin))


def marked(
    code: CodeType, interceptor: Interceptor[Any], global_names: dict[str, Any]
) -> CodeType:
    """Return code of which nothing is diverted, and which tells all the same where it comes from."""
    origin = Origin(code, interceptor, (), global_names)
    return code.replace(co_consts=(*_marked(code.co_consts, interceptor, global_names), origin))


def _marked(
    consts: tuple[Any, ...], interceptor: Interceptor[Any], global_names: dict[str, Any]
) -> tuple[Any, ...]:
    """Return constants, and of the functions that are made of them the same."""
    return tuple(
        marked(const, interceptor, global_names) if type(const) is CodeType else const
        for const in consts
    )


def rebuild(code: CodeType, *, asks: bool, entry: Entry | None = None) -> Template:
    """Rebuild a code object.

    Args:
        code: The code object.
        asks: Whether its calls are diverted, or all run as they are.
        entry: Where to begin, if that is not the first instruction.

    Raises:
        UnsupportedInstructionError: It has an instruction of which it is not known what it does to
            the stack.
    """
    words = read(code)
    forms = call_forms(words) if asks else {}
    first = len(code.co_consts)
    hooks = first + (entry.constants() if entry else 0)
    pair = len(code.co_names)
    changes = _telling(words, hooks) if asks else {}
    calls = sorted(forms)
    for place, index in enumerate(calls):
        form = forms[index]
        site = hooks + 2 + 2 * place
        before = _ask(form.depth, site, site + 1, pair)
        changes[_first_of_call(words, index)] = Change(before=before)
        if form.form is Form.METHOD:
            changes[form.loaded] = Change(instead=_plain_load(words, form.loaded))
    more = hooks - first + (2 + 2 * len(calls) if asks else 0) + 1
    written = write(
        words,
        changes,
        (*code.co_consts, *(None,) * more),
        _MORE_STACK + (len(entry.slots) if entry else 0),
        entry.instructions(words, first) if entry else (),
        entry.at(words) if entry else 0,
    )
    return Template(
        written.code.replace(
            co_consts=(),
            co_names=(*code.co_names, "pair") if calls else code.co_names,
            **(_WITHOUT_ARGUMENTS if entry else {}),
            co_flags=code.co_flags & ~(_CO_VARIADIC if entry else 0),
        ),
        written.offsets,
        tuple(written.starts[index] for index in calls),
        asks,
    )


#: Of code that a frame goes on in.
_WITHOUT_ARGUMENTS: Final = {"co_argcount": 0, "co_posonlyargcount": 0, "co_kwonlyargcount": 0}
_CO_VARIADIC: Final = CO_VARARGS | CO_VARKEYWORDS


def _telling(words: Wordcode, hooks: int) -> dict[int, Change]:
    """Return what tells of functions that were made, and of exceptions that are handled."""
    ops = words.ops
    found: dict[int, Change] = {}
    caught = (added("COPY", 1), *_call_constant(hooks + 1), added("POP_TOP"))
    for index, op in enumerate(ops):
        if op == _MAKE_FUNCTION:
            while ops[index + 1] == _SET_FUNCTION_ATTRIBUTE:
                index += 1  # noqa: PLW2901 - to the last one
            found[index] = Change(after=_call_constant(hooks))
        elif op == _PUSH_EXC_INFO:
            found[index] = Change(after=caught)
    return found


def _first_of_call(words: Wordcode, index: int) -> int:
    """Return the first of the instructions that only a call has, which are up to three."""
    for op in (_PRECALL, _KW_NAMES):
        if op >= 0 and index and words.ops[index - 1] == op:
            index -= 1
    return index


def _plain_load(words: Wordcode, index: int) -> tuple[Added, ...]:
    """Return what loads an attribute bound, with a NULL beside it, in place of a method load."""
    op, oparg = words.ops[index], words.args[index]
    if op == _LOAD_METHOD:
        load = added("LOAD_ATTR", oparg)
    else:
        load = added(opcode.opname[op], oparg & ~1)
    null = added("PUSH_NULL")
    return (load, null) if NULL_AFTER else (load, null, added("SWAP", 2))
