"""Reading a constructor: which attribute holds which parameter unchanged.

All paths are followed at once, through methods of the object and constructors of its bases, too.
Whatever cannot be followed is an `UnreadableError`: a wrong guess is worse than an error.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from types import CodeType, FunctionType
from typing import Final

from ..code.flags import CO_VARARGS, CO_VARKEYWORDS, SUSPENDABLE
from ..code.flow import Flow
from ..code.instruction import CodeNames, Handler, Instruction, read_instructions
from ..engine.functions import own_code
from .abstract import (
    NOTHING_KNOWN,
    FrameState,
    UnreadableError,
    Value,
    ValueKind,
    constant,
    parameter,
    unknown,
)
from .construction import Activation, Construction
from .own_attributes import unrecorded
from .steps import perform, take_effect

_MAX_STEPS: Final = 20_000
_MAX_DEPTH: Final = 20


class Reader(Construction):
    """Follows the constructor of one class.

    Attributes:
        forwarded: Variadic parameters whose content all went to a constructor that was followed.
        extras: Parameters that are passed on by ``**kwargs``, with their defaults.
        own: The parameters of the constructor.
    """

    def __init__(self, cls: type, variadic: Mapping[str, str]) -> None:
        """Begin; ``variadic`` names the ``*args`` and ``**kwargs`` by ``"*"`` and ``"**"``."""
        super().__init__(cls)
        self.forwarded: set[str] = set()
        self.extras: dict[str, Value] = {}
        self.own: frozenset[str] = frozenset()
        # Which function takes an extra parameter.
        self._takers: dict[str, FunctionType] = {}
        self._variadic = variadic
        self._steps = 0
        self._depth = 0

    def read(self, fn: FunctionType, variables: dict[str, Value]) -> dict[str, Value]:
        """Return the value of each attribute in the end, for some values of the parameters."""
        self.own = frozenset(variables)
        self.run(fn, variables)
        return self.attributes

    def run(self, fn: FunctionType, variables: dict[str, Value]) -> Value:
        """Follow a function, and return its result; `attributes` becomes as it leaves them."""
        fn = unrecorded(fn)
        code = own_code(fn)
        if code.co_flags & SUSPENDABLE:
            raise UnreadableError(f"calls {fn.__qualname__}, which runs later")
        if self._depth >= _MAX_DEPTH:
            raise UnreadableError("calls itself")
        self._depth += 1
        try:
            return Following(self, fn, code).run(variables)
        finally:
            self._depth -= 1

    def step(self) -> None:
        """Count an instruction."""
        self._steps += 1
        if self._steps > _MAX_STEPS:
            raise UnreadableError("is too long to be followed")

    def call(
        self, fn: FunctionType, args: Sequence[Value], kwargs: Mapping[str | None, Value]
    ) -> Value:
        """Follow a call; the key None of ``kwargs`` stands for the content of a ``**kwargs``."""
        fn = unrecorded(fn)
        return self.run(fn, self._bind(fn, args, kwargs))

    def _bind(
        self, fn: FunctionType, args: Sequence[Value], kwargs: Mapping[str | None, Value]
    ) -> dict[str, Value]:
        code = own_code(fn)
        names = code.co_varnames
        positional = names[: code.co_argcount]
        every = names[: code.co_argcount + code.co_kwonlyargcount]
        rest = names[len(every) :]
        has_args = bool(code.co_flags & CO_VARARGS)
        has_kwargs = bool(code.co_flags & CO_VARKEYWORDS)
        plain = [value for value in args if not value.starred]
        if len(plain) < len(args) and not args[-1].starred:
            raise UnreadableError(f"passes arguments to {fn.__qualname__} that cannot be followed")
        stars = args[len(plain) :]
        if (len(stars) > 1 or len(plain) > len(positional)) and (stars or not has_args):
            raise UnreadableError(f"passes arguments to {fn.__qualname__} that it does not take")
        bound = dict(zip(positional, plain, strict=False))
        extra = plain[len(positional) :]
        named = {name: value for name, value in kwargs.items() if name is not None}
        over = {name: named.pop(name) for name in list(named) if name not in every}
        bound.update(named)
        if over and not has_kwargs:
            raise UnreadableError(f"passes arguments to {fn.__qualname__} that it does not take")
        left = [name for name in every if name not in bound]
        starred = kwargs.get(None)
        passed_on = self._pass_on(fn, left, stars, starred, has_args)
        defaults = _defaults(fn, code)
        for name in left:
            if name in passed_on:
                bound[name] = passed_on[name]
                if self._takers.setdefault(name, fn) is not fn:
                    raise UnreadableError(f"passes {name} on by ** to several functions")
                self.extras[name] = defaults.get(name, NOTHING_KNOWN)
            elif name in defaults:
                bound[name] = defaults[name]
            else:
                raise UnreadableError(f"does not pass {name} to {fn.__qualname__}")
        if has_args:
            bound[rest[0]] = stars[0] if stars else Value(ValueKind.SEQUENCE, tuple(extra))
        if has_kwargs:
            content = tuple(over.items())
            mapping = Value(ValueKind.MAPPING, content, unknown(list(over.values())).roots)
            bound[rest[-1]] = starred if starred is not None and not over else mapping
            if starred is not None and over:
                bound[rest[-1]] = unknown((mapping, starred))
        return bound

    def _pass_on(
        self,
        fn: FunctionType,
        left: Sequence[str],
        stars: Sequence[Value],
        starred: Value | None,
        has_args: bool,
    ) -> dict[str, Value]:
        """Return values for parameters that ``*args`` and ``**kwargs`` of the constructor give."""
        expected = [("*", stars[0])] if stars else []
        if starred is not None:
            expected.append(("**", starred))
        for kind, value in expected:
            if value.kind is not ValueKind.PARAMETER or value.payload != self._variadic.get(kind):
                raise UnreadableError(
                    f"passes arguments to {fn.__qualname__} that cannot be followed"
                )
            self.forwarded.add(value.payload)
        if not expected or not left:
            return {}
        if starred is None or (stars and has_args):
            raise UnreadableError(f"passes arguments to {fn.__qualname__} by position only")
        only_positional = own_code(fn).co_varnames[: own_code(fn).co_posonlyargcount]
        taken = self.own | set(only_positional)
        return {name: parameter(name) for name in left if name not in taken}


def _defaults(fn: FunctionType, code: CodeType) -> dict[str, Value]:
    names = code.co_varnames[: code.co_argcount]
    given = fn.__defaults__ or ()
    found = dict(zip(names[len(names) - len(given) :], given, strict=True))
    found.update(fn.__kwdefaults__ or {})
    return {name: constant(value) for name, value in found.items()}


class Following(Flow[FrameState]):
    """Follows one function."""

    def __init__(self, reader: Reader, fn: FunctionType, code: CodeType) -> None:
        super().__init__(code)
        self._reader = reader
        self._free = _free_variables(fn, code)
        self._activation = Activation(reader, fn.__globals__, self._free.get("__class__"))

    def run(self, variables: dict[str, Value]) -> Value:
        """Follow the function, and return its result."""
        variables = {**variables, **self._free}
        for name in _rebound_inside(self.code):
            variables[name] = unknown([variables.get(name, NOTHING_KNOWN)])
        self.follow(FrameState([], variables, self._reader.attributes))
        ended = self._activation
        if ended.at_exit is None or ended.result is None:
            raise UnreadableError("never ends")
        self._reader.attributes = ended.at_exit
        return ended.result

    def perform(self, ins: Instruction, before: FrameState) -> tuple[FrameState, FrameState]:
        """Return the states after an instruction, and where it jumps to."""
        self._reader.step()
        self._reader.attributes = dict(before.attributes)
        after = before.copy()
        perform(self._activation, ins, after)
        after.attributes = self._reader.attributes
        if not ins.target:
            return after, after
        jumped = FrameState(list(before.stack), after.variables, after.attributes)
        take_effect(ins, jumped, jump=True)
        return after, jumped

    def caught(self, handler: Handler, state: FrameState) -> FrameState | None:
        """Return the state in a handler, unless the stack is one of after the handled block."""
        if len(state.stack) < handler.depth:
            return None
        stack = state.stack[: handler.depth] + [NOTHING_KNOWN] * (1 + handler.push_lasti)
        return FrameState(stack, state.variables, state.attributes)

    def joined(self, known: FrameState, state: FrameState) -> FrameState | None:
        """Return the state of both, if it is less than one."""
        return known.joined(state)


def _free_variables(fn: FunctionType, code: CodeType) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for name, cell in zip(code.co_freevars, fn.__closure__ or (), strict=False):
        with contextlib.suppress(ValueError):  # it is empty
            found[name] = Value(ValueKind.OBJECT, cell.cell_contents)
    return found


def _rebound_inside(code: CodeType) -> set[str]:
    """Return the names of variables that nested functions assign to."""
    found: set[str] = set()
    pending = [const for const in code.co_consts if isinstance(const, CodeType)]
    while pending:
        inner = pending.pop()
        pending += [const for const in inner.co_consts if isinstance(const, CodeType)]
        if inner.co_freevars:
            found |= {
                ins.local
                for ins in read_instructions(inner, CodeNames.of(inner))[0]
                if ins.name in ("STORE_DEREF", "DELETE_DEREF")
            }
    return found & set(code.co_cellvars)
