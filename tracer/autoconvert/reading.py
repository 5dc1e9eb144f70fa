"""Reading a constructor: which attribute holds which parameter unchanged.

The instructions are followed on all paths at once, with what is known of each value in its place.
Methods of the object that the constructor calls, and the constructors of its bases, are followed
too. Whatever cannot be followed is an `UnreadableError`: a wrong guess is worse than an error.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from types import CodeType, FunctionType, MemberDescriptorType
from typing import Final

from ..code.flags import CO_COROUTINE
from ..engine.functions import own_code
from ..engine.values import type_of
from .abstract import (
    LITERALS,
    NOTHING_KNOWN,
    SELF,
    THE_OBJECT,
    Kind,
    Root,
    State,
    UnreadableError,
    Value,
    join,
    joined_names,
    parameter,
    unknown,
)
from .attributes import unrecorded
from .listing import Listed, listing

_MAX_STEPS: Final = 20_000
_MAX_DEPTH: Final = 20
_LAZY: Final = CO_COROUTINE | inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR
_MISSING: Final = object()


class Reader:
    """Follows the constructor of one class.

    Attributes:
        cls: The class.
        touched: What the constructor may have changed after it was passed.
        used: Parameters that it looks at.
        written: Attributes that it may set.
        forwarded: Variadic parameters whose content all went to a constructor that was followed.
        extras: Parameters that are passed on by ``**kwargs``, with their defaults.
        shared: The ids of containers that variables refer to: they may be filled.
    """

    def __init__(self, cls: type, variadic: Mapping[str, str]) -> None:
        """Begin; ``variadic`` names the ``*args`` and ``**kwargs`` by ``"*"`` and ``"**"``."""
        self.cls = cls
        self.touched: set[Root] = set()
        self.used: set[str] = set()
        self.written: set[str] = set()
        self.forwarded: set[str] = set()
        self.extras: dict[str, Value] = {}
        self.shared: set[int] = set()
        # Which function takes an extra parameter.
        self._takers: dict[str, FunctionType] = {}
        self.own: frozenset[str] = frozenset()
        self._variadic = variadic
        self._steps = 0
        self._depth = 0
        # What the function that is followed has set so far.
        self.attributes: dict[str, Value] = {}

    def read(self, fn: FunctionType, variables: dict[str, Value]) -> dict[str, Value]:
        """Return what is known of each attribute in the end.

        Args:
            fn: The constructor.
            variables: The value of each of its parameters.

        Raises:
            UnreadableError: It does something that cannot be followed.
        """
        self.own = frozenset(variables)
        self.run(fn, variables)
        return self.attributes

    def run(self, fn: FunctionType, variables: dict[str, Value]) -> Value:
        """Follow a function; `attributes` becomes what they are when it returns.

        Returns:
            What it returns.
        """
        fn = unrecorded(fn)
        code = own_code(fn)
        if code.co_flags & _LAZY:
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

    def touch(self, values: Sequence[Value], how: str) -> None:
        """Note that the state of values may be changed by code that is not followed.

        Raises:
            UnreadableError: One refers to the object under construction.
        """
        for value in values:
            if THE_OBJECT in value.roots:
                raise UnreadableError(f"passes the object itself to {how}")
            self.touched |= value.roots

    def store(self, name: str, value: Value) -> None:
        """Set an attribute of the object."""
        found = inspect.getattr_static(self.cls, name, None)
        if isinstance(found, property):
            if not isinstance(found.fset, FunctionType):
                raise UnreadableError(f"sets the property {name}, which cannot be followed")
            self.call(found.fset, [SELF, value], {})
            return
        if not isinstance(found, MemberDescriptorType) and hasattr(type_of(found), "__set__"):
            value = NOTHING_KNOWN  # a descriptor does with it what it likes
        self.written.add(name)
        self.attributes[name] = value

    def load(self, name: str) -> Value:
        """Return an attribute of the object."""
        if name == "__dict__":
            raise UnreadableError("uses the __dict__ of the object")
        if name == "__class__":
            return Value(Kind.OBJECT, self.cls)
        found = inspect.getattr_static(self.cls, name, None)
        if isinstance(found, property):
            if not isinstance(found.fget, FunctionType):
                raise UnreadableError(f"reads the property {name}, which cannot be followed")
            return self.call(found.fget, [SELF], {})
        if name in self.attributes:
            value = self.attributes[name]
            if value.kind in LITERALS:  # it may be filled from now on
                self.attributes[name] = unknown([value])
            return value
        if isinstance(found, FunctionType):
            return Value(Kind.METHOD, found, SELF.roots)
        if isinstance(found, staticmethod | classmethod | type):
            return Value(Kind.OBJECT, found)
        if name.startswith("__") and hasattr(found, "__get__"):
            return Value(Kind.UNKNOWN, None, SELF.roots)
        return NOTHING_KNOWN

    def load_super(self, after: type, name: str) -> Value:
        """Return an attribute of ``super()``."""
        mro = self.cls.__mro__
        for base in mro[mro.index(after) + 1 :] if after in mro else ():
            found = vars(base).get(name, _MISSING)
            if found is _MISSING:
                continue
            if isinstance(found, FunctionType):
                return Value(Kind.METHOD, found, SELF.roots)
            if base is object and name in ("__init__", "__setattr__"):
                return Value(Kind.METHOD, found, SELF.roots)
            break
        return Value(Kind.UNKNOWN, None, SELF.roots)

    def call(
        self, fn: FunctionType, args: Sequence[Value], kwargs: Mapping[str | None, Value]
    ) -> Value:
        """Follow a call; what ``kwargs`` has for None is the content of a ``**kwargs``."""
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
        has_args = bool(code.co_flags & inspect.CO_VARARGS)
        has_kwargs = bool(code.co_flags & inspect.CO_VARKEYWORDS)
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
            bound[rest[0]] = stars[0] if stars else Value(Kind.SEQUENCE, tuple(extra))
        if has_kwargs:
            content = tuple(over.items())
            mapping = Value(Kind.MAPPING, content, unknown(list(over.values())).roots)
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
            if value.kind is not Kind.PARAMETER or value.payload != self._variadic.get(kind):
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
    return {name: Value(Kind.CONSTANT, value) for name, value in found.items()}


class Following:
    """Follows one function."""

    def __init__(self, reader: Reader, fn: FunctionType, code: CodeType) -> None:
        self.reader = reader
        self.fn = fn
        self.code = code
        self.instructions = listing(code)
        self.states: list[State | None] = [None] * len(self.instructions)
        self.pending: list[int] = []
        self.result: Value | None = None
        self.at_exit: dict[str, Value] | None = None
        self.class_cell: Value | None = None

    def run(self, variables: dict[str, Value]) -> Value:
        """Follow the function, and return what it returns."""
        from .steps import perform  # noqa: PLC0415 - it needs this module

        code = self.code
        free = _free_variables(self.fn, code)
        self.class_cell = free.get("__class__")
        variables = {**variables, **free}
        for name in _rebound_inside(code):
            variables[name] = unknown([variables.get(name, NOTHING_KNOWN)])
        self._enter(0, State([], variables, self.reader.attributes))
        while self.pending:
            index = self.pending.pop()
            state = self.states[index]
            assert state is not None  # `_enter` put it there
            self.reader.step()
            listed = self.instructions[index]
            before = state.copy()
            self.reader.attributes = dict(state.attributes)
            after = perform(self, listed, before)
            after.attributes = self.reader.attributes
            self._leave(index, listed, state, after)
        if self.at_exit is None or self.result is None:
            raise UnreadableError("never ends")
        self.reader.attributes = self.at_exit
        return self.result

    def returns(self, value: Value, attributes: dict[str, Value]) -> None:
        """Note one way in which the function ends."""
        self.result = value if self.result is None else join(self.result, value)
        self.at_exit = (
            dict(attributes) if self.at_exit is None else joined_names(self.at_exit, attributes)
        )

    def _leave(self, index: int, listed: Listed, before: State, after: State) -> None:
        if listed.protection is not None:
            # The exception may come before or after what the instruction does.
            caught = listed.protection
            for state in (before, after):
                stack = state.stack[: caught.depth]
                stack += [NOTHING_KNOWN] * (1 + caught.pushes_lasti)
                if len(stack) == caught.depth + 1 + caught.pushes_lasti:
                    self._enter(caught.target, State(stack, state.variables, state.attributes))
        if listed.target is not None:
            stack = list(before.stack)
            popped, pushed = listed.jump_effect
            taken = stack[len(stack) - popped :]
            del stack[len(stack) - popped :]
            stack += [unknown(taken)] * pushed
            self._enter(listed.target, State(stack, after.variables, after.attributes))
        if listed.falls_through:
            self._enter(index + 1, after)

    def _enter(self, index: int, state: State) -> None:
        known = self.states[index]
        merged = state.copy() if known is None else known.joined(state)
        if merged is not None:
            self.states[index] = merged
            if index not in self.pending:
                self.pending.append(index)


def _free_variables(fn: FunctionType, code: CodeType) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for name, cell in zip(code.co_freevars, fn.__closure__ or (), strict=False):
        try:
            found[name] = Value(Kind.OBJECT, cell.cell_contents)
        except ValueError:  # it is empty
            continue
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
                each.arg.name
                for each in listing(inner)
                if each.name in ("STORE_DEREF", "DELETE_DEREF")
            }
    return found & set(code.co_cellvars)
