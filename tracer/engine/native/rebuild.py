"""Rebuild code objects so that CPython itself runs them, and only their calls are diverted.

A rebuilt code object has all instructions of the original, and the same names: its frame is a real
one. Added is what asks before each call, what has functions traced that it makes, and what tells of
exceptions that it handles. Where everything runs there is nothing to ask: the code stays as it is.
"""

from __future__ import annotations

import opcode
from functools import lru_cache, partial
from opcode import opmap
from types import CodeType
from typing import Any, Final

import attrs

from ...code.flags import CO_VARARGS, CO_VARKEYWORDS
from ...code.raw import caches
from ...code.wordcode import (
    COMMON_CONSTANTS,
    FLAG_BITS,
    NULL_AFTER,
    REPLACED,
    Wordcode,
    exception_table,
    named,
    number,
)
from ..interception import Interceptor
from ..values import Value
from .assembly import NOWHERE, Added, Change, read_words, write
from .call_layout import Form, call_layouts, loads_method
from .sites import Origin, Site

_MAKE_FUNCTION: Final = number("MAKE_FUNCTION")
_SET_FUNCTION_ATTRIBUTE: Final = number("SET_FUNCTION_ATTRIBUTE")
_MATCH_CLASS: Final = number("MATCH_CLASS")
_IS_OP: Final = number("IS_OP")
_LOAD_CONST: Final = number("LOAD_CONST")
_LOAD_COMMON_CONSTANT: Final = opmap.get("LOAD_COMMON_CONSTANT", -1)
#: Jumps that test for None.
_NONE_TESTS: Final = named("POP_JUMP_", "_NONE")
_PUSH_EXC_INFO: Final = number("PUSH_EXC_INFO")
_KW_NAMES: Final = number("KW_NAMES")
_PRECALL: Final = number("PRECALL")
_LOAD_METHOD: Final = number("LOAD_METHOD")
#: Asked here, so that nothing is imported while a program runs.
_CACHES: Final = caches()
#: How many more values than the original's are on the stack.
_MORE_STACK: Final = 5


def added(name: str, arg: int = 0, *, jumps: bool = False) -> Added:
    """Return an instruction to add."""
    return Added(opmap[name], arg, _CACHES[opmap[name]], jumps)


_IF_TRUE: Final = "POP_JUMP_IF_TRUE" if "POP_JUMP_IF_TRUE" in opmap else "POP_JUMP_FORWARD_IF_TRUE"
_IF_FALSE: Final = _IF_TRUE.replace("TRUE", "FALSE")


@lru_cache(maxsize=2)
def _calling(count: int) -> tuple[Added, ...]:
    """Return the last steps of a call, which are two up to 3.11."""
    return tuple(added(name, count) for name in ("PRECALL", "CALL") if name in opmap)


#: How far up the name of an attribute is in the oparg of LOAD_ATTR: below it is a flag.
_NAME_BITS: Final = 0 if 0 <= _LOAD_METHOD < 256 else 1


def _call_constant(const: int) -> tuple[Added, ...]:
    """Return instructions that replace the value on top by the result of a call with it."""
    load, swap, null = added("LOAD_CONST", const), added("SWAP", 2), added("PUSH_NULL")
    before = (load, swap, null, swap) if NULL_AFTER else (null, swap, load, swap)
    return (*before, *_calling(1))


def _call_with_copy(const: int, depth: int) -> tuple[Added, ...]:
    """Return instructions that push the result of a call with a copy of a value on the stack."""
    load, null = added("LOAD_CONST", const), added("PUSH_NULL")
    before = (load, null) if NULL_AFTER else (null, load)
    return (*before, added("COPY", depth + 2), *_calling(1))


def _ask(depth: int, site: int, ask: int, pair: int) -> tuple[Added, ...]:
    """Return instructions that replace a callable by the one that its site names.

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
class EntryPoint:
    """The point where an interpreted frame goes on, and its state there.

    Attributes:
        offset: The offset of the instruction in the original, in bytes; 0 for the start.
        slots: The numbers of the local slots that are bound, free variables left out.
        stack: How many values follow each other, for each row of them; between rows is a NULL.
        calls: Whether something is called first, whose result is pushed.
        observed: Whether the new frame is to be seen by debuggers and the like. What does that is
            where something may arrive before any handler of the user's is there for it.
    """

    offset: int
    slots: tuple[int, ...]
    stack: tuple[int, ...]
    calls: bool
    observed: bool

    def constants(self) -> int:
        """Return how many constants its instructions use."""
        return 2 + len(self.stack) + self.calls

    def at(self, words: Wordcode) -> int:
        """Return the number of the instruction."""
        return words.at(self.offset // 2)

    def instructions(self, words: Wordcode, first: int) -> tuple[tuple[int, Added], ...]:
        """Return instructions that give a new frame of the code the state of the interpreted one.

        Args:
            words: The original.
            first: The number of the first of its constants: what deletes all items of a list; the
                values of the slots; the rows of the stack; what is called.

        Returns:
            The instructions, and the numbers of those whose places they have.
        """
        free = len(words.code.co_freevars)
        starting = [added("COPY_FREE_VARS", free)] if free and self.offset else []
        starting += [added("RESUME")] if self.offset and (self.observed or self.calls) else []
        found = _unpacked(len(self.slots), first + 1, first)
        found += [added("STORE_FAST", slot) for slot in self.slots]
        if words.code.co_argcount and 0 not in self.slots:
            found.append(added("DELETE_FAST", 0))
        for place, count in enumerate(self.stack):
            if place:
                found.append(added("PUSH_NULL"))
            found += _unpacked(count, first + 2 + place, first)
        if self.calls:
            call, null = added("LOAD_CONST", first + 2 + len(self.stack)), added("PUSH_NULL")
            found += [*((call, null) if NULL_AFTER else (null, call)), *_calling(0)]
        place = self.at(words) - 1 if self.calls else NOWHERE
        first_line = words.ops.index(opmap["RESUME"])  # what is before it may have no line
        return (*((first_line, each) for each in starting), *((place, each) for each in found))


def _unpacked(count: int, values: int, everything: int) -> list[Added]:
    """Return instructions that take the values out of a constant list: the first is on top."""
    if not count:
        return []
    load = added("LOAD_CONST", values)
    clear = (load, added("LOAD_CONST", everything), added("DELETE_SUBSCR"))
    return [load, added("UNPACK_SEQUENCE", count), *clear]


@attrs.frozen(eq=False)
class Template:
    """Rebuilt code, apart from the parts that depend on the interceptor.

    It keeps no reference to the original, which is what it is kept for.

    Attributes:
        code: The code object; placeholders stand for the constants that differ.
        offsets: By code unit, the offset in the original, in bytes.
        touched: See `_Asking`.
        calls: By call, the code unit it is at.
        handled: See `Rebuilt`.
        asks: Whether its calls are diverted.
    """

    code: CodeType
    offsets: tuple[int, ...]
    touched: tuple[tuple[str, str | None], ...]
    calls: tuple[int, ...]
    handled: tuple[range, ...]
    asks: bool

    def instance(
        self,
        code: CodeType,
        interceptor: Interceptor[Any],
        global_names: dict[str, Value],
        entering: tuple[object, ...] = (),
    ) -> CodeType:
        """Return the code with sites of its own, which ask an interceptor.

        Args:
            code: The original.
            interceptor: Who decides.
            global_names: Those of the function.
            entering: The constants of its `Entry`.
        """
        origin = Origin(code, interceptor, self.offsets, global_names, self.handled)
        if not self.asks:
            inner = _marked(code.co_consts, interceptor, global_names)
            return self.code.replace(co_consts=(*inner, *entering, origin))
        hooks = (origin.made, origin.caught, type, interceptor.guarded_types)
        assert len(hooks) == _HOOKS
        consts: list[Value] = [*code.co_consts, *entering, *hooks]
        for method, name in self.touched:
            hook = getattr(origin, method)
            consts.append(hook if name is None else partial(hook, name))
        for unit in self.calls:
            site = Site(unit, origin)
            origin.sites.append(site)
            consts += (site, site.ask)
        return self.code.replace(co_consts=(*consts, origin))


def marked(code: CodeType, interceptor: Interceptor[Any], global_names: dict[str, Any]) -> CodeType:
    """Return code of which nothing is diverted, but which tells where it comes from."""
    origin = Origin(code, interceptor, (), global_names)
    return code.replace(co_consts=(*_marked(code.co_consts, interceptor, global_names), origin))


def _marked(
    consts: tuple[object, ...], interceptor: Interceptor[Any], global_names: dict[str, Any]
) -> tuple[object, ...]:
    """Return constants, and of the functions that are made of them the same."""
    return tuple(
        marked(const, interceptor, global_names) if type(const) is CodeType else const
        for const in consts
    )


def rebuild(
    code: CodeType, *, asks: bool, of_none: bool = False, entry: EntryPoint | None = None
) -> Template:
    """Rebuild a code object.

    Args:
        code: The code object.
        asks: Whether its calls are diverted, or all run as they are.
        of_none: Whether it tells of tests for None, too.
        entry: Where to begin, if that is not the first instruction.

    Raises:
        UnsupportedInstructionError: It has an instruction of which it is not known what it does to
            the stack.
    """
    words = read_words(code)
    first = len(code.co_consts)
    hooks = first + (entry.constants() if entry else 0)
    asking = _Asking(words, hooks, of_none) if asks else None
    consts = hooks + (asking.constants if asking else 0) - first + 1
    written = write(
        words,
        asking.changes if asking else {},
        (*code.co_consts, *(None,) * consts),
        _MORE_STACK + (len(entry.slots) if entry else 0),
        entry.instructions(words, first) if entry else (),
        entry.at(words) if entry else 0,
    )
    return Template(
        written.code.replace(
            co_consts=(),
            co_names=(*code.co_names, _PAIR) if asking else code.co_names,
            **(_with_one_argument(code) if entry else {}),
        ),
        written.offsets,
        tuple(asking.touched) if asking else (),
        tuple(written.starts[index] for index in asking.calls) if asking else (),
        _handled(written.code) if asking else (),
        asks,
    )


def _handled(code: CodeType) -> tuple[range, ...]:
    """Return the code units from which an exception goes to a handler that tells of it."""
    return tuple(
        range(start, start + length)
        for start, length, handler, _ in exception_table(code)
        if code.co_code[2 * handler] == _PUSH_EXC_INFO
    )


class _Asking:
    """The additions to code that asks.

    Attributes:
        changes: By the number of an instruction.
        touched: What touches objects that may be nodes: the name of a method of `Origin`, and that
            of an attribute or None.
        calls: The numbers of the calls.
    """

    def __init__(self, words: Wordcode, hooks: int, of_none: bool) -> None:
        self._words = words
        self._depths = {
            target: depth + push_lasti for _, _, target, depth, push_lasti in words.handlers()
        }
        self._made, self._caught, self._type, self._guarded = range(hooks, hooks + _HOOKS)
        self._first = hooks + _HOOKS
        self.changes: dict[int, Change] = {}
        self.touched: list[tuple[str, str | None]] = []
        layouts = call_layouts(words)
        self.calls = sorted(layouts)
        methods = {each.loaded for each in layouts.values() if each.form is Form.METHOD}
        for index, op in enumerate(words.ops):
            name = _CHANGED.get(op)
            if op == _MAKE_FUNCTION:
                self.changes[_last_of_function(words, index)] = Change(
                    after=_call_constant(self._made)
                )
            elif name is not None and (name != "common" or words.args[index] in REPLACED):
                self.changes[index] = getattr(self, f"_{name}")(index)
            elif of_none and op in _NONE_TESTS:
                self.changes[index] = self._told("is_none", 1)
            elif of_none and op == _IS_OP and _is_none(words, index - 1):
                self.changes[index] = self._told("is_none", 2)
            elif index in methods:  # of ``super()``
                self.changes[index] = Change(instead=_plain_load(words, index))
        site, pair = self._first + len(self.touched), len(words.code.co_names)
        for index in self.calls:
            before = _ask(layouts[index].depth, site, site + 1, pair)
            self.changes[_first_of_call(words, index)] = Change(before=before)
            site += 2
        self.constants = site - hooks

    def _handler(self, index: int) -> Change:
        """Return the instructions that ask which error a handler is given.

        What arrives meanwhile is given to the handler, too: or a ``with`` block would not be left.
        """
        asked = _call_with_copy(self._caught, 1)
        # On the stack are what was handled before, the error, and the one to handle.
        replaced = (added("SWAP", 3), *map(added, ("POP_EXCEPT", "POP_TOP", "PUSH_EXC_INFO")))
        if index not in self._depths:
            return Change(after=asked + replaced)
        return Change(after=asked, handler=replaced, depth=self._depths[index] + 2)

    def _load(self, index: int) -> Change:
        plain = _plain_load(self._words, index)
        slow = (*self._call_hook("load_attr", index), *plain[1:])
        return self._unless_guarded(1, slow, plain)

    def _store(self, index: int) -> Change:
        slow = (added("BUILD_TUPLE", 2), *self._call_hook("store_attr", index), added("POP_TOP"))
        return self._unless_guarded(1, slow, self._same(index))

    def _delete(self, index: int) -> Change:
        slow = (*self._call_hook("delete_attr", index), added("POP_TOP"))
        return self._unless_guarded(1, slow, self._same(index))

    def _match(self, index: int) -> Change:
        return self._told("match", 3 if self._words.ops[index] == _MATCH_CLASS else 1)

    def _told(self, hook: str, depth: int) -> Change:
        """Return instructions that tell of a value before an instruction looks at it."""
        told = (added("COPY", depth), *self._call_hook(hook, None), added("POP_TOP"))
        return Change(before=self._guard(depth, len(told)) + told)

    def _common(self, _: int) -> Change:
        return Change(after=self._call_hook("common", None))

    def _same(self, index: int) -> tuple[Added, ...]:
        op = self._words.ops[index]
        return (added(opcode.opname[op], self._words.args[index]),)

    def _guard(self, depth: int, over: int) -> tuple[Added, ...]:
        """Return instructions that skip others unless a value is of a guarded type."""
        return (
            *_call_with_copy(self._type, depth),
            added("LOAD_CONST", self._guarded),
            added("CONTAINS_OP", 0),
            added(_IF_FALSE, over, jumps=True),
        )

    def _unless_guarded(
        self, depth: int, slow: tuple[Added, ...], plain: tuple[Added, ...]
    ) -> Change:
        slow = (*slow, added("JUMP_FORWARD", len(plain), jumps=True))
        return Change(instead=(*self._guard(depth, len(slow)), *slow, *plain))

    def _call_hook(self, name: str, index: int | None) -> tuple[Added, ...]:
        """Return instructions that call a method of `Origin` with the value on top of the stack."""
        self.touched.append((name, None if index is None else self._name(index)))
        return _call_constant(self._first + len(self.touched) - 1)

    def _name(self, index: int) -> str:
        words = self._words
        flags = FLAG_BITS.get(opcode.opname[words.ops[index]], 0)
        return words.code.co_names[words.args[index] >> flags]


#: The instructions that change in code that asks, by what makes the change: a call apart.
_CHANGED: Final = {
    number(name): change
    for name, change in {
        "DELETE_ATTR": "delete",
        "LOAD_COMMON_CONSTANT": "common",
        "LOAD_ATTR": "load",
        "LOAD_METHOD": "load",
        "MATCH_CLASS": "match",
        "MATCH_MAPPING": "match",
        "MATCH_SEQUENCE": "match",
        "PUSH_EXC_INFO": "handler",
        "STORE_ATTR": "store",
    }.items()
    if 0 <= number(name) < 256
}
#: How many constants code that asks has besides those of attributes and calls.
_HOOKS: Final = 4
_PAIR: Final = "pair"


def _with_one_argument(code: CodeType) -> dict[str, Any]:
    """Return the changes to code that a frame goes on in: ``super()`` wants an argument."""
    return {
        "co_argcount": min(code.co_argcount, 1),
        "co_posonlyargcount": 0,
        "co_kwonlyargcount": 0,
        "co_flags": code.co_flags & ~(CO_VARARGS | CO_VARKEYWORDS),
    }


def _is_none(words: Wordcode, index: int) -> bool:
    """Tell whether an instruction loads None, which is a common constant since 3.15."""
    op, arg = words.ops[index], words.args[index]
    if op == _LOAD_CONST:
        return words.code.co_consts[arg] is None
    return op == _LOAD_COMMON_CONSTANT and COMMON_CONSTANTS[arg] is None


def _last_of_function(words: Wordcode, index: int) -> int:
    """Return the last of the instructions that make a function."""
    while words.ops[index + 1] == _SET_FUNCTION_ATTRIBUTE:
        index += 1
    return index


def _first_of_call(words: Wordcode, index: int) -> int:
    """Return the first of the instructions that only a call has, which are up to three."""
    for op in (_PRECALL, _KW_NAMES):
        if op >= 0 and index and words.ops[index - 1] == op:
            index -= 1
    return index


def _plain_load(words: Wordcode, index: int) -> tuple[Added, ...]:
    """Return instructions that load an attribute, bound and with a NULL, not a method."""
    op, oparg = words.ops[index], words.args[index]
    if not loads_method(words, index):
        return (added(opcode.opname[op], oparg),)
    load = added("LOAD_ATTR", oparg) if op == _LOAD_METHOD else added(opcode.opname[op], oparg & ~1)
    null = added("PUSH_NULL")
    return (load, null) if NULL_AFTER else (load, null, added("SWAP", 2))
