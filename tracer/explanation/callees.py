"""The callee of each call of a code object, read from its bytecode without running it.

A small symbolic interpreter that follows what a callable's expression is made of: names,
attributes, imports and functions. See `callee_stack` for everything else.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import CodeType, ModuleType
from typing import Final

import attrs

from ..code.flags import argument_count
from ..code.flow import Flow
from ..code.instruction import Handler, Instruction
from ..code.wordcode import Position, positions_of
from ..engine.frame import builtin_names
from ..engine.opcodes.lazy_imports import LazyImport
from ..engine.values import type_of
from .assignment_counts import Variable, assigned, count_assignments, variable
from .callee_stack import (
    IMPLICIT,
    STACK_RULES,
    UNKNOWN,
    Knowledge,
    Lineage,
    Stack,
    Symbol,
    apply_effect,
    callees_of,
    extended,
    joined,
    push_callable,
    split_call,
    take,
    unknown_symbol,
)
from .static_lookup import MISSING, attribute_if_static
from .uses import Use, derive, uses

#: The callee in code that nothing leads to.
UNREACHED: Final = unknown_symbol(UNKNOWN.text, "nothing leads to it")


@attrs.frozen
class CallSite:
    """A call site, and its callee.

    Attributes:
        code: The code object that holds the instruction.
        position: Its place in the source.
        applied: Whether it is how a decorator, or an assertion's exception, is called: a decorator
            that is itself the result of a call has the place of that call.
        callee: What is called.
    """

    code: CodeType
    position: Position
    applied: bool
    callee: Symbol


@attrs.frozen
class PlacedUse:
    """A use of a value, and its place in the source."""

    position: Position
    use: Use


def find_calls(
    code: CodeType, global_names: dict[str, object], closure: Mapping[str, object]
) -> tuple[list[CallSite], list[PlacedUse]]:
    """Return the calls of a code object and of those nested in it, and the uses of their results.

    Implicit calls are left out, and what nested code does: nobody knows when that runs. The closure
    holds the content of the filled cells, by the name of the free variable.
    """
    shared = _Shared(global_names, builtin_names(global_names), count_assignments(code))
    outer = {
        name: Symbol(Knowledge.KNOWN, name, value)
        for name, value in closure.items()
        if not shared.assigned[None, name]
    }
    first = _Analysis(code, shared, outer)
    calls: list[CallSite] = []
    pending = [first]
    while pending:
        analysis = pending.pop()
        calls += analysis.run()
        for const in analysis.code.co_consts:
            if isinstance(const, CodeType):
                known = {name: analysis.load(name) for name in const.co_freevars}
                pending.append(_Analysis(const, shared, known))
    return calls, [*first.uses()]


@attrs.frozen
class _Shared:
    """The state that the code objects of one function share.

    Attributes:
        assigned: How often each variable is assigned to.
        attributes: Results of attribute look-ups: a bound method must stay the same object, to
            be recognised where branches join. The owners are kept alive.
    """

    globals: dict[str, object]
    builtins: dict[str, object]
    assigned: Counter[Variable]
    attributes: dict[tuple[int, str], tuple[object, object]] = attrs.field(
        factory=dict[tuple[int, str], tuple[object, object]]
    )


_CALLS: Final = frozenset({"CALL", "CALL_FUNCTION_EX", "CALL_KW"})
#: How the names of functions start that CPython makes for an expression and calls at once.
_IMPLICIT_NAMES: Final = (
    *("<dictcomp>", "<genexpr>", "<listcomp>", "<setcomp>", "<generic parameters of"),
)


class _Analysis(Flow[Stack]):
    """The symbolic run of one code object."""

    def __init__(self, code: CodeType, shared: _Shared, outer: Mapping[str, Symbol]) -> None:
        super().__init__(code)
        self._shared = shared
        self._outer = outer
        self._parameters = frozenset(self.names.localsplus[: argument_count(code)])
        self._assigned: dict[str, Symbol] = {}
        self._callees: dict[int, tuple[Symbol, bool]] = {}
        self._uses: dict[int, tuple[Use, ...]] = {}

    def run(self) -> Iterator[CallSite]:
        """Yield the calls of this code object."""
        before = None
        while before != self._assigned:  # what is assigned late may be loaded early, in a loop
            before = dict(self._assigned)
            self.follow([])
        positions = positions_of(self.code)
        for ins in self.instructions:
            if ins.name in _CALLS:
                callee, applied = self._callees.get(ins.index, (UNREACHED, False))
                if callee.kind is not Knowledge.IMPLICIT:
                    yield CallSite(self.code, positions[ins.offset // 2], applied, callee)

    def uses(self) -> Iterable[PlacedUse]:
        """Return the uses of the results of calls, after `run`, if all copies of code have them."""
        positions = positions_of(self.code)
        copies: dict[tuple[Position, str], list[tuple[Use, ...]]] = {}
        for index, done in sorted(self._uses.items()):
            ins = self.instructions[index - 1]
            copies.setdefault((positions[ins.offset // 2], ins.name), []).append(done)
        found: dict[tuple[Position, str], PlacedUse] = {}
        for (position, _), (first, *others) in copies.items():
            for use in first:
                if all(use.action in [each.action for each in other] for other in others):
                    found[position, use.action] = PlacedUse(position, use)
        return found.values()

    def load(self, name: str) -> Symbol:
        """Return the knowledge about a local, cell or free variable."""
        if name in self.code.co_freevars:
            why = f"{name!r} is a variable of an enclosing function, or not set yet"
            return self._outer.get(name, unknown_symbol(name, why))
        if name in self._parameters:
            return unknown_symbol(name, f"{name!r} is a parameter")
        # Assigned once: where it can be read at all, it has that value.
        once = self._shared.assigned[variable(self.code, self.names, name)] == 1
        value = self._assigned.get(name) if once else None
        if value is not None and value.kind in (Knowledge.KNOWN, Knowledge.MADE):
            return attrs.evolve(value, text=name)
        return unknown_symbol(name, f"{name!r} is a local variable", value and value.origin)

    def perform(self, ins: Instruction, before: Stack) -> tuple[Stack, Stack]:
        """Return the stack after an instruction, and where it jumps to."""
        after, jumped = list(before), list(before)
        self._uses[ins.index] = uses(ins, before)
        rule = _RULES.get(ins.name)
        if rule is not None:
            rule(self, ins, after)
        elif ins.name in STACK_RULES:
            STACK_RULES[ins.name](ins, after)
        else:
            if ins.target:
                apply_effect(ins, jumped, jump=True)
            apply_effect(ins, after)
        derive(ins, self._uses[ins.index], before, after)
        return after, jumped

    def caught(self, handler: Handler, state: Stack) -> Stack:
        """Return the stack of a handler, with the exception."""
        return state[: handler.depth] + [UNKNOWN] * (1 + handler.push_lasti)

    def joined(self, known: Stack, state: Stack) -> Stack | None:
        """Return the common knowledge of two stacks; nothing, if one is higher."""
        if len(known) == len(state):
            entry = list(map(joined, known, state))
        else:
            entry = [UNKNOWN] * min(len(known), len(state))
        return None if entry == known else entry

    def load_local(self, ins: Instruction, stack: Stack) -> None:
        stack += map(self.load, ins.locals)

    def store_local(self, ins: Instruction, stack: Stack) -> None:
        for name in assigned(ins):
            (value,) = take(stack, 1)
            self._assigned[name] = joined(self._assigned.get(name, value), value)

    def store_load(self, ins: Instruction, stack: Stack) -> None:
        self.store_local(ins, stack)
        stack.append(self.load(ins.locals[1]))

    def load_global(self, ins: Instruction, stack: Stack) -> None:
        push_callable(stack, self._global(ins.text), ins.pushes_null)

    def _global(self, name: str) -> Symbol:
        if self._shared.assigned[None, name]:
            return unknown_symbol(name, f"the function assigns to {name!r}")
        for namespace in (self._shared.globals, self._shared.builtins):
            if name in namespace:
                return _found(name, namespace[name])
        return unknown_symbol(name, f"{name!r} is not defined now")

    def load_name(self, ins: Instruction, stack: Stack) -> None:
        name = ins.local if "DEREF" in ins.name else ins.text
        apply_effect(ins, stack)
        stack.pop()
        stack.append(unknown_symbol(name, f"a class body looks up {name!r}"))

    def load_attribute(self, ins: Instruction, stack: Stack) -> None:
        (owner,) = take(stack, 1)
        push_callable(stack, self._attribute(owner, ins.text), ins.pushes_null)

    def load_super_attribute(self, ins: Instruction, stack: Stack) -> None:
        take(stack, 3)
        written = "super(...)" if ins.oparg & 2 else "super()"
        why = "the method depends on the type of the object"
        push_callable(stack, unknown_symbol(f"{written}.{ins.text}", why), ins.pushes_null)

    def _attribute(self, owner: Symbol, name: str) -> Symbol:
        text = extended(owner.text, f".{name}")
        if owner.kind is not Knowledge.KNOWN:
            origin = owner.origin and attrs.evolve(owner.origin, derived=True)
            return unknown_symbol(text, owner.why, origin)
        known = self._shared.attributes.get((id(owner.value), name))
        if known is None:
            known = owner.value, attribute_if_static(owner.value, name)
            self._shared.attributes[id(owner.value), name] = known
        if known[1] is MISSING:
            return unknown_symbol(
                text, f"{name!r} of {owner.text} cannot be looked up without running code"
            )
        return _found(text, known[1])

    def import_name(self, ins: Instruction, stack: Stack) -> None:
        level, fromlist = take(stack, 2)
        name, module = ins.text, None
        if level.kind is Knowledge.KNOWN and not level.value:
            top = name if fromlist.value else name.partition(".")[0]
            module = sys.modules.get(top)
        is_module = type_of(module) is ModuleType
        stack.append(Symbol(Knowledge.KNOWN, name, module) if is_module else _imported(name))

    def import_from(self, ins: Instruction, stack: Stack) -> None:
        (module,) = take(stack, 1)
        stack += [module, self._attribute(module, ins.text)]

    def make_function(self, ins: Instruction, stack: Stack) -> None:
        code = take(stack, ins.popped)[-1]
        name = code.value.co_name if type_of(code.value) is CodeType else "<unknown>"
        stack.append(IMPLICIT if name.startswith(_IMPLICIT_NAMES) else Symbol(Knowledge.MADE, name))

    def call(self, ins: Instruction, stack: Stack) -> None:
        operands = take(stack, ins.popped)
        callee, given = split_call(operands)
        if callee.kind is Knowledge.CLASS and len(operands) > 3:
            callee = attrs.evolve(callee, text=f"class {operands[3].value}")
        self._callees[ins.index] = callee, given is None
        empty = ins.name == "CALL" and not ins.oparg
        text = extended(callee.text, "()" if empty else "(...)")
        origin = callee.origin and attrs.evolve(callee.origin, derived=True, called=True)
        if callee.kind is Knowledge.KNOWN:
            others = callees_of(operand.origin for operand in operands)
            origin = Lineage((callee.value, *(fn for fn in others if fn is not callee.value)))
        stack.append(unknown_symbol(text, "it is the result of a call", origin))


def _found(text: str, value: object) -> Symbol:
    return _imported(text) if type_of(value) is LazyImport else Symbol(Knowledge.KNOWN, text, value)


def _imported(text: str) -> Symbol:
    return unknown_symbol(text, f"{text!r} is imported when it runs")


#: The opcodes that callables are made with.
_RULES: Final[dict[str, Callable[[_Analysis, Instruction, Stack], None]]] = {
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
        (
            *("LOAD_DEREF", "LOAD_FAST", "LOAD_FAST_BORROW", "LOAD_FAST_CHECK"),
            *("LOAD_FAST_LOAD_FAST", "LOAD_FAST_BORROW_LOAD_FAST_BORROW"),
        ),
        _Analysis.load_local,
    ),
    **dict.fromkeys(("STORE_DEREF", "STORE_FAST", "STORE_FAST_STORE_FAST"), _Analysis.store_local),
    "STORE_FAST_LOAD_FAST": _Analysis.store_load,
    "IMPORT_FROM": _Analysis.import_from,
    "IMPORT_NAME": _Analysis.import_name,
    "LOAD_GLOBAL": _Analysis.load_global,
    "LOAD_SUPER_ATTR": _Analysis.load_super_attribute,
    "MAKE_FUNCTION": _Analysis.make_function,
}
