"""What each call of a code object would call, read from its bytecode without running it.

A small symbolic interpreter that follows what a callable's expression is made of: names,
attributes, imports and functions. See `callee_stack` for everything else.
"""

from __future__ import annotations

import dis
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from types import CodeType, ModuleType
from typing import Any, Final

import attrs

from ..frame import builtin_names, type_of
from ..instruction import CodeNames
from ..opcodes.lazy_imports import LazyImport
from ..program import argument_count
from .assignments import ASSIGNS, HIGH, LOW, Variable, count_assignments, variable
from .callee_stack import (
    ENDS,
    IMPLICIT,
    JUMPS,
    NULL_AFTER,
    STACK_RULES,
    UNKNOWN,
    Kind,
    Stack,
    Symbol,
    apply_effect,
    extended,
    handlers,
    joined,
    push_callable,
    stack_effect,
    take,
)
from .static_lookup import MISSING, static_attribute

#: The callee in code that nothing leads to.
UNREACHED: Final = Symbol(Kind.UNKNOWN, why="nothing leads to it")


@attrs.frozen
class Call:
    """A call site, and what it calls.

    Attributes:
        code: The code object that holds the instruction.
        positions: Its place in the source.
        applied: Whether it is how a decorator, or an assertion's exception, is called: a decorator
            that is itself the result of a call has the place of that call.
        callee: What is called.
    """

    code: CodeType
    positions: dis.Positions
    applied: bool
    callee: Symbol


def find_calls(
    code: CodeType, global_names: dict[str, Any], closure: Mapping[str, Any]
) -> Iterator[Call]:
    """Yield the calls of a code object and of those nested in it; implicit calls are left out.

    Args:
        code: The code object of a function.
        global_names: Its global namespace.
        closure: What the filled cells of its free variables hold.
    """
    shared = _Shared(global_names, builtin_names(global_names), count_assignments(code))
    outer = {
        name: Symbol(Kind.KNOWN, name, value)
        for name, value in closure.items()
        if not shared.assigned[None, name]
    }
    pending = [(code, outer)]
    while pending:
        code, outer = pending.pop()
        analysis = _Analysis(code, shared, outer)
        yield from analysis.run()
        for const in code.co_consts:
            if isinstance(const, CodeType):
                pending.append((const, {name: analysis.load(name) for name in const.co_freevars}))


@attrs.frozen
class _Shared:
    """What the code objects of one function have in common.

    Attributes:
        assigned: How often each variable is assigned to.
        attributes: Results of attribute look-ups: a bound method must stay the same object, to
            be recognised where branches join. The owners are kept alive.
    """

    globals: dict[str, Any]
    builtins: dict[str, Any]
    assigned: Counter[Variable]
    attributes: dict[tuple[int, str], tuple[Any, Any]] = attrs.field(
        factory=dict[tuple[int, str], tuple[Any, Any]]
    )


_CALLS: Final = frozenset({"CALL", "CALL_FUNCTION_EX", "CALL_KW"})
#: How the names of functions start that CPython makes for an expression and calls at once.
_IMPLICIT_NAMES: Final = (
    *("<dictcomp>", "<genexpr>", "<listcomp>", "<setcomp>", "<generic parameters of"),
)


class _Analysis:
    """The symbolic run of one code object."""

    def __init__(self, code: CodeType, shared: _Shared, outer: Mapping[str, Symbol]) -> None:
        self._code = code
        self._shared = shared
        self._outer = outer
        self._names = CodeNames.of(code)
        self._parameters = frozenset(self._names.localsplus[: argument_count(code)])
        self._instructions = list(dis.get_instructions(code))
        self._index = {ins.offset: index for index, ins in enumerate(self._instructions)}
        self._handlers = dict(handlers(code))
        self._leaders = {handler[0] for handler in self._handlers.values()} | {
            ins.argval for ins in self._instructions if ins.opcode in JUMPS
        }
        self._assigned: dict[str, Symbol] = {}
        self._entries: dict[int, tuple[Symbol, ...]] = {}
        self._pending: list[int] = []
        self._callees: dict[int, tuple[Symbol, bool]] = {}

    def run(self) -> Iterator[Call]:
        """Yield the calls of this code object."""
        before = None
        while before != self._assigned:  # what is assigned late may be loaded early, in a loop
            before = dict(self._assigned)
            self._walk()
        for ins in self._instructions:
            if ins.opname in _CALLS:
                callee, applied = self._callees.get(ins.offset, (UNREACHED, False))
                if callee.kind is not Kind.IMPLICIT:
                    assert ins.positions is not None
                    yield Call(self._code, ins.positions, applied, callee)

    def load(self, name: str) -> Symbol:
        """Return what is known of a local, cell or free variable."""
        if name in self._code.co_freevars:
            why = f"{name!r} is a variable of an enclosing function, or not set yet"
            return self._outer.get(name, Symbol(Kind.UNKNOWN, name, why=why))
        if name in self._parameters:
            return Symbol(Kind.UNKNOWN, name, why=f"{name!r} is a parameter")
        # Assigned once: where it can be read at all, it has that value.
        once = self._shared.assigned[variable(self._code, self._names, name)] == 1
        value = self._assigned.get(name) if once else None
        if value is not None and value.kind in (Kind.KNOWN, Kind.MADE):
            return attrs.evolve(value, text=name)
        return Symbol(Kind.UNKNOWN, name, why=f"{name!r} is a local variable")

    def _walk(self) -> None:
        self._entries = {0: ()}
        self._pending = [0]
        while self._pending:
            start = self._pending.pop()
            stack = list(self._entries[start])
            index = self._index[start]
            for ins in self._instructions[index:]:
                if ins.offset in self._leaders and ins.offset != start:
                    self._flow(ins.offset, stack)
                    break
                self._flow_to_handler(ins, stack)
                self._step(ins, stack)
                if ins.opname in ENDS:
                    break

    def _flow(self, target: int, stack: Stack) -> None:
        """Join a stack into the one a place is entered with."""
        known = self._entries.get(target)
        if known is None:
            entry = tuple(stack)
        elif len(known) == len(stack):
            entry = tuple(map(joined, known, stack))
        else:
            entry = (UNKNOWN,) * min(len(known), len(stack))
        if entry != known:
            self._entries[target] = entry
            self._pending.append(target)

    def _flow_to_handler(self, ins: dis.Instruction, stack: Stack) -> None:
        handler = self._handlers.get(ins.offset)
        if handler is not None:
            target, depth, pushed = handler
            self._flow(target, stack[:depth] + [UNKNOWN] * pushed)

    def _step(self, ins: dis.Instruction, stack: Stack) -> None:
        rule = _RULES.get(ins.opname)
        if rule is not None:
            rule(self, ins, stack)
        elif ins.opname in STACK_RULES:
            STACK_RULES[ins.opname](ins, stack)
        else:
            if ins.opcode in JUMPS:
                jumped = list(stack)
                apply_effect(ins, jumped, jump=True)
                self._flow(ins.argval, jumped)
            apply_effect(ins, stack, jump=False)

    def load_local(self, ins: dis.Instruction, stack: Stack) -> None:
        stack.append(self.load(self._names.localsplus[ins.arg or 0]))

    def load_two(self, ins: dis.Instruction, stack: Stack) -> None:
        arg = ins.arg or 0
        stack += [self.load(self._names.localsplus[slot]) for slot in (arg >> HIGH, arg & LOW)]

    def store_local(self, ins: dis.Instruction, stack: Stack) -> None:
        for slot in ASSIGNS[ins.opname](ins.arg or 0):
            (value,) = take(stack, 1)
            name = self._names.localsplus[slot]
            self._assigned[name] = joined(self._assigned.get(name, value), value)

    def store_load(self, ins: dis.Instruction, stack: Stack) -> None:
        self.store_local(ins, stack)
        stack.append(self.load(self._names.localsplus[(ins.arg or 0) & LOW]))

    def load_global(self, ins: dis.Instruction, stack: Stack) -> None:
        name = ins.argval
        push_callable(stack, self._global(name), stack_effect(ins) == 2)

    def _global(self, name: str) -> Symbol:
        if self._shared.assigned[None, name]:
            return Symbol(Kind.UNKNOWN, name, why=f"the function assigns to {name!r}")
        for namespace in (self._shared.globals, self._shared.builtins):
            if name in namespace:
                return _found(name, namespace[name])
        return Symbol(Kind.UNKNOWN, name, why=f"{name!r} is not defined now")

    def load_name(self, ins: dis.Instruction, stack: Stack) -> None:
        name = ins.argval
        take(stack, 1 - stack_effect(ins))
        stack.append(Symbol(Kind.UNKNOWN, name, why=f"a class body looks up {name!r}"))

    def load_attribute(self, ins: dis.Instruction, stack: Stack) -> None:
        (owner,) = take(stack, 1)
        push_callable(stack, self._attribute(owner, ins.argval), stack_effect(ins) == 1)

    def load_super_attribute(self, ins: dis.Instruction, stack: Stack) -> None:
        take(stack, 3)
        written = "super(...)" if (ins.arg or 0) & 2 else "super()"
        why = "the method depends on the type of the object"
        value = Symbol(Kind.UNKNOWN, f"{written}.{ins.argval}", why=why)
        push_callable(stack, value, stack_effect(ins) == -1)

    def _attribute(self, owner: Symbol, name: str) -> Symbol:
        text = extended(owner.text, f".{name}")
        if owner.kind is not Kind.KNOWN:
            return Symbol(Kind.UNKNOWN, text, why=owner.why)
        known = self._shared.attributes.get((id(owner.value), name))
        if known is None:
            known = owner.value, static_attribute(owner.value, name)
            self._shared.attributes[id(owner.value), name] = known
        if known[1] is MISSING:
            why = f"{name!r} of {owner.text} cannot be looked up without running code"
            return Symbol(Kind.UNKNOWN, text, why=why)
        return _found(text, known[1])

    def import_name(self, ins: dis.Instruction, stack: Stack) -> None:
        level, fromlist = take(stack, 2)
        name, module = ins.argval, None
        if level.kind is Kind.KNOWN and not level.value:
            top = name if fromlist.value else name.partition(".")[0]
            module = sys.modules.get(top)
        if type_of(module) is ModuleType:
            stack.append(Symbol(Kind.KNOWN, name, module))
        else:
            stack.append(_imported(name))

    def import_from(self, ins: dis.Instruction, stack: Stack) -> None:
        (module,) = take(stack, 1)
        stack += [module, self._attribute(module, ins.argval)]

    def make_function(self, ins: dis.Instruction, stack: Stack) -> None:
        code = take(stack, 1 - stack_effect(ins))[-1]
        name = code.value.co_name if type_of(code.value) is CodeType else "<unknown>"
        stack.append(IMPLICIT if name.startswith(_IMPLICIT_NAMES) else Symbol(Kind.MADE, name))

    def call(self, ins: dis.Instruction, stack: Stack) -> None:
        operands = take(stack, self._operand_count(ins))
        null = operands[1 if NULL_AFTER else 0].kind is Kind.NULL
        callee = operands[1 if null and not NULL_AFTER else 0]
        if callee.kind is Kind.CLASS and len(operands) > 3:
            callee = attrs.evolve(callee, text=f"class {operands[3].value}")
        self._callees[ins.offset] = callee, not null
        empty = ins.opname == "CALL" and not ins.arg
        text = extended(callee.text, "()" if empty else "(...)")
        stack.append(Symbol(Kind.UNKNOWN, text, why="it is the result of a call"))

    def _operand_count(self, ins: dis.Instruction) -> int:
        if ins.opname == "CALL_FUNCTION_EX":
            return 1 - stack_effect(ins)
        return (ins.arg or 0) + (3 if ins.opname == "CALL_KW" else 2)


def _found(text: str, value: Any) -> Symbol:
    return _imported(text) if type_of(value) is LazyImport else Symbol(Kind.KNOWN, text, value)


def _imported(text: str) -> Symbol:
    return Symbol(Kind.UNKNOWN, text, why=f"{text!r} is imported when it runs")


_Rule = Callable[[_Analysis, dis.Instruction, Stack], None]

#: The opcodes that callables are made with.
_RULES: Final[dict[str, _Rule]] = {
    **dict.fromkeys(_CALLS, _Analysis.call),
    **dict.fromkeys(("LOAD_ATTR", "LOAD_METHOD"), _Analysis.load_attribute),
    **dict.fromkeys(
        (
            *("LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR_DEREF", "LOAD_FROM_DICT_OR_GLOBALS"),
            "LOAD_NAME",
        ),
        _Analysis.load_name,
    ),
    **dict.fromkeys(
        ("LOAD_DEREF", "LOAD_FAST", "LOAD_FAST_BORROW", "LOAD_FAST_CHECK"), _Analysis.load_local
    ),
    **dict.fromkeys(
        ("LOAD_FAST_LOAD_FAST", "LOAD_FAST_BORROW_LOAD_FAST_BORROW"), _Analysis.load_two
    ),
    **dict.fromkeys(("STORE_DEREF", "STORE_FAST", "STORE_FAST_STORE_FAST"), _Analysis.store_local),
    "STORE_FAST_LOAD_FAST": _Analysis.store_load,
    "IMPORT_FROM": _Analysis.import_from,
    "IMPORT_NAME": _Analysis.import_name,
    "LOAD_GLOBAL": _Analysis.load_global,
    "LOAD_SUPER_ATTR": _Analysis.load_super_attribute,
    "MAKE_FUNCTION": _Analysis.make_function,
}
