"""The recorder: makes a CALL a node of the graph, or an ordinary call."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from types import CodeType, FunctionType, MethodType
from typing import TYPE_CHECKING, Any, Final
from weakref import ref

import attrs

from ...configs import (
    BUILDABLE_TYPES,
    Buildable,
    DefaultFactoryError,
    Partial,
    WeakIdentityCache,
    add_declared_tags,
    get_callable,
    signature_of,
)
from ...configs.for_tracer import KNOWN_TAG_NAMES, number_calls, record_node, runs
from ..engine.frame import Frame
from ..engine.frame_builtins import FRAME_BUILTINS
from ..engine.functions import is_twin, untwin
from ..engine.interception import (
    Decision,
    DeferredMethod,
    FunctionParts,
    ImplicitCallable,
    InlineCache,
    PlainCalls,
    maker_of,
)
from ..engine.interceptor import Native, is_plain_method, with_names
from ..engine.native.sites import Diverted, Site, released
from ..engine.values import Args, Kwargs, Node, Value, type_of
from ..errors import UnbuiltNodeError
from .config_types import ConfigTypes
from .deferred import Deferred, is_deferrable
from .guard import (
    ASKING,
    ATTRIBUTES,
    DEFER_IT,
    ITERATORS,
    SHOWING,
    TAKING_VALUES,
    asks_for_config,
    is_slot,
    iterated,
    named_by_cpython,
    refuse,
    refused_by_cpython,
    refused_natively,
    start_guarding,
)
from .inlinable import Captures, Inlinable
from .known import UNKNOWN, with_values
from .partials import PARTIALS, called_partial, make_node
from .policy import PolicyTable
from .policy_tables import LATEST, returns_peer_nodes
from .step_into import step_into

if TYPE_CHECKING:
    from .peer_types import PeerNodes

_CALL_IT_LATER: Final = (
    "exempt {callable}, or let a policy STEP_INTO {callable}, so that what it returns is there to "
    "be called; or call it where the built object is used"
)
_GIVE_TO_BOTH: Final = (
    "give the value of {name!r} to both callables, or move the access into the callable that"
    " receives the object"
)
_PASS_IT: Final = (
    "pass {name!r} to {{callable}}: its default is made by a factory at each call, so there is none"
    " yet"
)


@attrs.frozen
class CaptureOptions:
    """How a function is captured; see `auto_config` for the meaning.

    Attributes:
        kind: Stands for the class of configs, in what call sites remember; worked out.
    """

    policy: PolicyTable = LATEST
    types: ConfigTypes = attrs.field(factory=ConfigTypes)
    dataclass_access: bool = False
    guards: bool = True
    result_must_contain_buildable: bool = True
    deferred: bool = False
    kind: object = attrs.field(
        init=False,
        repr=False,
        eq=False,
        default=attrs.Factory(lambda self: _kind_of(self.types.config_cls), takes_self=True),
    )


class Recorder(Native):
    """Records one capture.

    What a statement calls implicitly, a function made by the traced code itself, and a builtin
    that looks at its caller's frame, run. Everything else the policy decides.

    Attributes:
        guards: Whether a node may not be used as if it were the object; see `guard`.
        refusals: The errors about such uses, the last of each place.
        policy: The table that decides about calls.
        peers: The nodes made so far, if they are of another library.
        made: The nodes made so far, if those that the result does not reach are effects of it.
        first: A number below that of each call that it records; 0 if the capture that inlines this
            one keeps the effects.
        deferred: Records what is done to objects that are not built yet; None if that is refused.
    """

    __slots__ = (
        "__weakref__",
        "_config_cls",
        "_kind",
        "_natives",
        "_options",
        "_twins",
        "deferred",
        "first",
        "guards",
        "made",
        "peers",
        "policy",
        "refusals",
    )

    def __init__(self, options: CaptureOptions) -> None:
        self.guarded_types = BUILDABLE_TYPES
        self.plain: PlainCalls = options.policy.plain
        self.guards = options.guards
        self.refusals: dict[str, UnbuiltNodeError] = {}
        if options.guards:
            start_guarding(self)
        # With a callback in C: what arrives during one in Python gets lost.
        self._twins: set[ref[FunctionType]] = set()
        self._options = options
        self._config_cls: type[Buildable[object]] = options.types.config_cls
        self._kind = options.kind
        self.policy = options.policy
        self._natives: dict[tuple[int, int], CodeType] = {}
        self.peers: PeerNodes | None = None
        self.made: list[Node] | None = None
        self.first = 0
        if options.types.foreign:
            from .peer_types import PeerNodes  # noqa: PLC0415 - rarely needed

            self.peers = PeerNodes(options.types)
            self.guarded_types = self.peers.types
        elif options.guards and options.policy.effects:
            self.made = []
        # A part of what is done would be lost where there are no effects.
        defers = options.deferred and self.made is not None
        self.deferred = Deferred(self, self._config_cls) if defers else None

    def call_at(
        self,
        frame: Frame,
        cache: InlineCache,
        fn: Value,
        values: list[Value],
        names: tuple[str, ...],
        /,
    ) -> Value:
        """Decide about a call by the memory of the CALL if it is the same, else by the policy.

        A callable that is recorded once with some shape of arguments is recorded with it again.
        """
        known, plain, kind, shape, count, bind, code, form = cache.known
        if (
            known() is fn
            and plain is self.plain
            and kind is self._kind
            and shape == names
            and count == values.__len__()
            and runs(fn, code)
        ):
            offset = frame.program.offsets[cache.index]
            node = record_node(self._config_cls, fn, bind(values), form, frame.code, offset)
            if KNOWN_TAG_NAMES:
                add_declared_tags(node)
            if self.made is not None:
                self.made.append(node)
            return node
        args, kwargs = with_names(values, names)
        made = maker_of(self, fn)(frame, cache.index, fn, args, kwargs)
        if cache.forgotten < _TOO_OFTEN and type_of(made) is self._config_cls:
            cache.forgotten += 1
            self._remember(cache, fn, values, names, made)
        return made

    def _remember(
        self, cache: InlineCache, fn: Value, values: list[Value], names: tuple[str, ...], made: Node
    ) -> None:
        """Keep how a call was recorded, unless it became something else than an ordinary node."""
        cls = self._config_cls
        if (
            cls not in BUILDABLE_TYPES
            or get_callable(made) is not fn
            or id(fn) in PARTIALS
            or type_of(fn) is MethodType
            or self.policy.decide(fn).decision is not Decision.RECORD
        ):
            return
        count = len(values)
        positional = count - len(names)
        signature = signature_of(fn)
        bind = signature.binder(positional, names)
        with suppress(TypeError):  # it cannot be referred to weakly
            code = None if signature.source is None else signature.source.code
            form = signature.form(positional)
            cache.known = (ref(fn), self.plain, self._kind, names, count, bind, code, form)

    def call(self, frame: Frame, index: int, fn: object, args: Args, kwargs: Kwargs, /) -> Value:
        """Decide about a call by the policy."""
        return maker_of(self, fn)(frame, index, fn, args, kwargs)

    def runs_unasked(self, fn: Value, /) -> bool:
        """Tell whether a statement makes the call, or the traced code made the function.

        The policy has a say in methods, but those that run need nothing else, either.
        """
        if type_of(fn) is MethodType:
            function = fn.__func__
            return (
                type_of(function) is FunctionType
                and is_twin(function)
                and self.decide(fn) is Decision.EXEMPT
            )
        return (
            isinstance(fn, ImplicitCallable)
            or (type_of(fn) is FunctionType and is_twin(fn))
            or fn is __build_class__
        )

    #: Make the call as where everything runs.
    run_unasked = Native.call

    def looks_at_frame(self, fn: object, /) -> bool:
        """Tell whether a builtin looks at its caller's frame."""
        return id(fn) in FRAME_BUILTINS

    def call_node(self, frame: Frame, index: int, fn: object, args: Args, kwargs: Kwargs) -> Value:
        """Decide about the callable of a called partial; defer the call of any other node."""
        if issubclass(type_of(fn), Partial):
            called = called_partial(self._config_cls, fn, args, kwargs)
            return self.call(frame, index, *called)
        if self.deferred is not None:
            return self.deferred.call(frame, index, fn, args, kwargs)
        refuse(frame, index, "call", fn, self.hint() + _CALL_IT_LATER)

    def hint(self, frame: Frame | None = None, index: int = 0, method: str = "") -> str:
        """Return the beginning of a fix if deferring helps, for an instruction if one is given."""
        if self.deferred is not None or self.made is None:
            return ""
        return DEFER_IT if frame is None or is_deferrable(frame, index, method) else ""

    def decide(self, fn: object, /) -> Decision:
        """Return the policy's decision; a function that cannot be inlined is recorded."""
        decision = self.policy.decide(fn).decision
        if decision is not Decision.INLINE or hasattr(fn, "as_buildable"):
            return decision
        return decision if returns_peer_nodes(fn) else Decision.RECORD

    def record(self, frame: Frame, index: int, fn: object, args: Args, kwargs: Kwargs) -> Value:
        """Return a node that stands for the call, or that is the partial which the call makes."""
        make = PARTIALS.get(id(fn))
        if make is not None:
            return make(self._options.types, frame, index, args, kwargs)
        return make_node(self._config_cls, frame, index, fn, args, kwargs)

    def runs(self, fn: object, /) -> bool:
        """Tell whether the policy exempts a callable."""
        return self.policy.decide(fn).decision is Decision.EXEMPT

    @property
    def natives(self) -> dict[tuple[int, int], CodeType]:
        """The native code of functions is kept as long as the capture lasts."""
        return self._natives

    @property
    def asks(self) -> bool:
        """Native code asks about its calls."""
        return True

    def divert(self, site: Site, fn: Value, /) -> Value:
        """Return a callable if it runs, whatever its arguments; else one that asks again."""
        if not self.runs_unasked(fn) and (
            type_of(fn) in self.guarded_types
            or type_of(fn) is DeferredMethod
            or self.decide(fn) is not Decision.EXEMPT
            or id(fn) in _LOOKED_AT
            or (self.deferred is not None and id(fn) in TAKING_VALUES)
            or is_slot(fn)
        ):
            return Diverted(site, fn)
        if type_of(fn) is MethodType:
            if self.policy.is_about_function(fn):
                site.method = fn.__func__, None
        elif is_plain_method(fn):
            method = type_of(fn.__self__), fn.__name__
            if method in self.plain.methods:
                site.method = method
        return fn

    def make_function(self, frame: Frame, made: FunctionParts, /) -> Callable[..., Value]:
        """Make a twin that lasts as long as the capture."""
        function = super().make_function(frame, made)
        return self._kept(function) if isinstance(function, FunctionType) else function

    def adopt(self, function: FunctionType, /) -> FunctionType:
        """Have a function traced as long as the capture lasts."""
        native = self.natives.get((id(function.__code__), id(function.__globals__)))
        if native is None:
            super().adopt(function)
        else:
            function.__code__ = native
        return self._kept(function)

    def _kept(self, function: FunctionType) -> FunctionType:
        self._twins.add(ref(function, self._twins.discard))
        return function

    def close(self) -> None:
        """Turn twins and nodes that are watched into ordinary ones: the capture is over."""
        if not (self._twins or self._natives or self.peers):
            return
        for twin in tuple(self._twins):
            function = twin()
            if function is not None:
                untwin(function)
        self._twins.clear()
        for code in tuple(self.natives.values()):
            released(code, _NATIVE)
        self.natives.clear()
        if self.peers is not None:
            self.peers.release()

    def inline(self, frame: Frame, index: int, fn: Inlinable, args: Args, kwargs: Kwargs) -> Value:
        """Return the graph of the function's call; one of a peer may return it by itself."""
        buildable_func: Value = getattr(fn, "as_buildable", fn)
        captures = isinstance(getattr(buildable_func, "__func__", buildable_func), Captures)
        token = INLINING.set(self if captures and self.made is not None else None)
        try:
            found = buildable_func(*args, **kwargs)
            is_peer_s = not isinstance(fn, Inlinable)  # pyright: ignore[reportUnnecessaryIsInstance]
            if is_peer_s and not self._options.types.foreign:
                from .peer_types import from_peer  # noqa: PLC0415 - rarely needed

                found = from_peer(found)
        except UnbuiltNodeError as error:
            self.refusals[str(error)] = error
            raise
        finally:
            INLINING.reset(token)
        if self.made is not None and not captures:
            self.made += number_calls(found)
        return found

    def step_into(self, frame: Frame, index: int, fn: object, args: Args, kwargs: Kwargs) -> Value:
        """Interpret the function's body, too; a class is recorded."""
        if isinstance(fn, type):
            return self.record(frame, index, fn, args, kwargs)
        stepped = step_into(fn, args, kwargs, self)
        if stepped is not None:
            return stepped()
        return super().call(frame, index, fn, args, kwargs)

    def run_exempt(self, frame: Frame, index: int, fn: object, args: Args, kwargs: Kwargs) -> Value:
        """Make the call, unless it asks a node about the object."""
        deferred = self.deferred if id(fn) in TAKING_VALUES else None
        if deferred is not None and not asks_for_config(fn, args, kwargs):
            args = with_values(deferred.values, args)
        if args:
            if type_of(args[0]) in self.guarded_types and (id(fn) in _ABOUT_NODES or is_slot(fn)):
                return self._about_node(frame, index, fn, args, kwargs)
            if self.guards and (node := iterated(fn, args)) is not None:
                refuse(frame, index, "iterate", node)
        try:
            return super().call(frame, index, fn, args, kwargs)
        except TypeError:
            frame.operands = (*args, *kwargs.values())
            raise

    def _about_node(self, frame: Frame, index: int, fn: Value, args: Args, kwargs: Kwargs) -> Value:
        """Run a builtin whose answer about a node is not the one about the object."""
        node: Node = args[0]
        method = ATTRIBUTES.get(id(fn))
        if method is not None and len(args) > 1 and isinstance(args[1], str) and not kwargs:
            return getattr(self, method)(frame, index, node, *args[1:])
        if self.guards and method is None and not asks_for_config(fn, args, kwargs):
            action = ASKING.get(id(fn)) or f"call {fn.__qualname__} of"
            refuse(frame, index, action, node)
        return super().call(frame, index, fn, args, kwargs)

    def load_attr(
        self, frame: Frame, index: int, obj: object, name: str, /, *default: object
    ) -> Value:
        """Load a field of a dataclass's config if that is allowed; defer anything else."""
        if self._is_field(obj, name):
            try:
                return getattr(obj, name)
            except (AttributeError, ValueError) as error:  # unset: nobody knows it
                if self.deferred is None and isinstance(error, DefaultFactoryError):
                    fix = _PASS_IT.format(name=name)
                    refuse(frame, index, f"read attribute {name!r} of", obj, fix)
        if self.deferred is not None:
            return self.deferred.load_attr(frame, index, obj, name, *default)
        fix = self.hint() + _GIVE_TO_BOTH.format(name=name)
        refuse(frame, index, f"read attribute {name!r} of", obj, fix)

    def store_attr(self, frame: Frame, index: int, obj: Node, name: str, value: Value, /) -> None:
        """Store a field of a dataclass's config if that is allowed; defer anything else."""
        if self._is_field(obj, name) and not _is_frozen(get_callable(obj)):
            try:
                setattr(obj, name, value)
                return
            except AttributeError:  # the constructor does not take it
                pass
        if self.deferred is not None:
            self.deferred.store_attr(frame, index, obj, name, value)
            return
        fix = f"pass {name!r} to the call that makes the object, or set it on the graph afterwards"
        refuse(frame, index, f"set attribute {name!r} of", obj, self.hint() + fix)

    def delete_attr(self, frame: Frame, index: int, obj: object, name: str, /) -> None:
        """Defer or refuse, as `load_attr` does."""
        if self.deferred is not None:
            self.deferred.delete_attr(frame, index, obj, name)
            return
        fix = f"{self.hint()}delete it on the graph afterwards"
        refuse(frame, index, f"delete attribute {name!r} of", obj, fix)

    def match(self, frame: Frame, index: int, subject: object, /) -> None:
        """Refuse a class, sequence or mapping pattern on a node."""
        if self.guards:
            refuse(frame, index, "match a pattern against", subject)

    @property
    def asks_of_none(self) -> bool:
        """Native code tells of tests for None where functions' results may be deferred."""
        return self.deferred is not None

    def is_none(self, frame: Frame, index: int, obj: Node, /) -> None:
        """Refuse it where operations are deferred, unless a class makes the object."""
        made_by_class = isinstance(get_callable(obj), type) or issubclass(type_of(obj), Partial)
        if self.deferred is None or made_by_class:
            return
        if any(self.deferred.values.of(obj) is each for each in (None, UNKNOWN)):
            refuse(frame, index, "test for None", obj)

    def explain(
        self, frame: Frame, index: int, error: TypeError, operands: tuple[object, ...], /
    ) -> BaseException | None:
        """Say that a node was used where CPython needs the object."""
        if not self.guards:
            return None
        found = refused_natively(error) or refused_by_cpython(frame, index, error, operands)
        return found or named_by_cpython(frame, index, error)

    def explain_native(self, error: TypeError, /) -> BaseException | None:
        """Say the same of native code."""
        return refused_natively(error) if self.guards else None

    def _is_field(self, node: Node, name: str) -> bool:
        if not self._options.dataclass_access:
            return False
        fn: Value = get_callable(node)
        fields: Any = getattr(fn, "__dataclass_fields__", None) if isinstance(fn, type) else None
        # An InitVar is among them too, but is no attribute; dataclasses marks it in private.
        return bool(fields) and name in fields and fields[name]._field_type.name == "_FIELD"


#: What inlines the capture that is about to run, and takes over what that records.
INLINING: Final[ContextVar[Recorder | None]] = ContextVar("bytefig_inlining", default=None)

#: A CALL that has recorded so many callables in turn will not meet the last one again.
_TOO_OFTEN: Final = 16

#: What stands for a class of nodes in the memory of a CALL, which must not keep the class alive: by
#: its methods it may lead to the code that the CALL is in. `PlainCalls` stands for the policy.
_kinds: Final[WeakIdentityCache[type, object]] = WeakIdentityCache()


def _kind_of(cls: type) -> object:
    kind = _kinds.get(cls)
    if kind is None:
        kind = object()
        _kinds.set(cls, kind)
    return kind


def _is_frozen(cls: Value) -> bool:
    return cls.__dataclass_params__.frozen


_ABOUT_NODES: Final = ASKING.keys() | ATTRIBUTES.keys()
#: Exempt, these may still not be called as they are by native code: the recorder looks at what they
#: are given. What shows text may show that of nodes.
_LOOKED_AT: Final = _ABOUT_NODES | ITERATORS | SHOWING
#: Decides for what outlives a capture.
_NATIVE: Final = Native()
