"""The policy tables that come with bytefig: `LATEST`, `V1`, and one made from a predicate."""

from __future__ import annotations

import builtins
import copy
import dataclasses
import enum
import functools
import inspect
import itertools
import sys
import typing
from collections.abc import Callable, Iterable, Iterator
from types import BuiltinFunctionType, FunctionType, MethodType, MethodWrapperType
from typing import Any, Final

import attrs

from ...configs import Buildable, Config, Partial, arg_factory, build, signature_of
from ...configs.for_tracer import OWN
from ..engine.interception import Decision
from ..engine.interceptor import C_CALLABLES, HEAP_TYPE
from ..engine.values import Value, type_of
from .inlinable import EXEMPTING, Inlinable
from .partials import inlined_partial
from .policy import PolicyTable, set_pickling
from .rules import DrawsGlobally, InModule, InstanceOf, Is, Named, Rule, about_kind, module_of


@about_kind
def _always_inlines(fn: object) -> bool:
    return isinstance(fn, Inlinable) and fn.always_inline


@about_kind
def _is_builtin(fn: object) -> bool:
    if type_of(fn) in C_CALLABLES:
        return True
    # A class that user code makes in a namespace without a ``__name__`` says "builtins" too, but
    # is a heap type.
    return isinstance(fn, type) and fn.__module__ == "builtins" and not fn.__flags__ & HEAP_TYPE


@about_kind
def _is_method(fn: object) -> bool:
    return isinstance(fn, MethodType) and not isinstance(fn.__self__, type)


@about_kind
def _makes_configs(fn: object) -> bool:
    if isinstance(fn, type):
        return issubclass(fn, Buildable)
    return OWN.hold_module(module_of(fn))


def _annotated_result(fn: object) -> object:
    """Return the class that a function is annotated to return; None if that is not known."""
    function = getattr(fn, "__func__", fn)
    if not isinstance(function, FunctionType):
        return None
    try:
        returned: Any = function.__annotations__.get("return")
    except Exception:  # from 3.14 on they are evaluated now, and may be anything
        return None
    if isinstance(returned, str):  # by its name, as evaluating it might take long
        first, *names = returned.partition("[")[0].strip().split(".")
        returned = function.__globals__.get(first)
        for name in names:
            returned = getattr(returned, name, None)
    return typing.get_origin(returned) or returned


@about_kind
def _returns_nodes(fn: object) -> bool:
    kind = _annotated_result(fn)
    return isinstance(kind, type) and issubclass(kind, Buildable)


@about_kind
def _makes_peer_nodes(fn: object) -> bool:
    peers = loaded_peers()
    return peers is not None and peers.is_peer_class(fn)


@about_kind
def returns_peer_nodes(fn: object) -> bool:
    """Tell whether a function returns nodes of another library, by its annotation or decorator."""
    peers = loaded_peers()
    if peers is None:
        return False
    # NeMo Run marks what its `autoconvert` returns, and what shall pass for it.
    return getattr(fn, "__auto_config__", False) is True or peers.is_peer_class(
        _annotated_result(fn)
    )


@about_kind
def _is_peer_auto_config(fn: Value) -> bool:
    peers = loaded_peers()
    return peers is not None and peers.is_peer_auto_config(fn) and fn.always_inline


def loaded_peers() -> Any:
    """Return the module that knows the nodes of other libraries, or None if nobody can have any."""
    if "fiddle" not in sys.modules:  # whoever has something of it
        return None
    from ...configs.for_tracer import peers  # noqa: PLC0415 - rarely needed

    return peers


@about_kind
def _is_exempting(fn: object) -> bool:
    return any(fn is each for each in EXEMPTING)


@about_kind
def _is_exception(fn: object) -> bool:
    return isinstance(fn, type) and issubclass(fn, BaseException)


@about_kind
def _is_numpy_scalar_or_dtype(fn: object) -> bool:
    # By name: numpy is not imported for this.
    return isinstance(fn, type) and any(
        base.__module__ == "numpy" and base.__name__ in ("generic", "dtype") for base in fn.__mro__
    )


#: Functions of NumPy that change what they are given, read or write files, or set options.
_NUMPY_ACTS: Final = ("copyto", "fill_", "from", "load", "place", "put", "save", "set", "gen")


@about_kind
def _is_pure_numpy(fn: object) -> bool:
    module = module_of(fn)
    return (
        module.partition(".")[0] == "numpy"
        and not module.startswith("numpy.random")
        and not isinstance(fn, type)
        and not getattr(fn, "__name__", "").startswith(_NUMPY_ACTS)
    )


#: The factories of defaults that make something new, and no factory at all.
_NEW_CONTAINERS: Final = (dict, list, set, tuple, dataclasses.MISSING)


@about_kind
def _is_plain_dataclass(fn: object) -> bool:
    if not isinstance(fn, type) or not dataclasses.is_dataclass(fn):
        return False
    factories: list[Any] = [field.default_factory for field in dataclasses.fields(fn)]
    return (
        "__init__" in vars(fn)
        and getattr(fn, "__dataclass_params__").init  # noqa: B009 - in private
        and not hasattr(fn, "__post_init__")
        and all(each in _NEW_CONTAINERS or _is_plain_dataclass(each) for each in factories)
    )


@about_kind
def _has_no_signature(fn: Value) -> bool:
    return not signature_of(fn).inferred


_INLINES: Final = Rule(_always_inlines, Decision.INLINE, "it is an auto_config function")
_PARTIAL: Final = Rule(
    Is((functools.partial, arg_factory.partial)), Decision.RECORD, "it becomes a Partial"
)
_EXEMPTING: Final = (
    Rule(_is_exempting, Decision.EXEMPT, "it marks what is not recorded"),
    Rule(_makes_peer_nodes, Decision.EXEMPT, "it makes a node of another library"),
    Rule(_is_peer_auto_config, Decision.INLINE, "it is an auto_config function of Fiddle"),
    Rule(Is((inlined_partial,)), Decision.RECORD, "it becomes a Partial"),
)

#: Calls that do nothing but give a value; see `Rule.pure`.
PURE: Final = (
    Rule(_is_pure_numpy, Decision.RECORD, "it is a pure function of NumPy", pure=True),
    *(
        Rule(InModule(name), Decision.RECORD, f"it is a pure function of {name}", pure=True)
        for name in ("posixpath", "ntpath", "genericpath")
    ),
    Rule(Is((dataclasses.replace,)), Decision.RECORD, "it copies a dataclass", pure=True),
    Rule(_is_plain_dataclass, Decision.RECORD, "it makes a dataclass", pure=True),
)

_READERS: Final = """
    os.getenv json.load json.loads tomllib._parser.load tomllib._parser.loads yaml.safe_load
    uuid.uuid1 uuid.uuid3 uuid.uuid4 uuid.uuid5 platform.* shutil.which getpass.getuser
    torch.cuda.is_available torch.cuda.device_count jax._src.xla_bridge.*device*
    jax._src.xla_bridge.default_backend jax._src.xla_bridge.process_*
"""
#: Calls that tell where the program runs, or what a file says: builders decide by it.
READERS: Final = tuple(
    Rule(Named(name), Decision.EXEMPT, "it reads what is there while the function runs")
    for name in _READERS.split()
)

#: The default. Like `V1`, with what the reference page promises (methods of ordinary instances and
#: callables without a signature run as usual) and what builders use that is no part of a graph.
LATEST: Final = PolicyTable(
    (
        _INLINES,
        Rule(
            InstanceOf(Inlinable),
            Decision.RECORD,
            "it is an auto_config function that can be inlined",
        ),
        _PARTIAL,
        *_EXEMPTING,
        Rule(DrawsGlobally(), Decision.RECORD, "it uses a random generator that all code shares"),
        Rule(_is_builtin, Decision.EXEMPT, "it is a builtin or a C function"),
        Rule(_is_method, Decision.EXEMPT, "it is a method of an instance"),
        Rule(_makes_configs, Decision.EXEMPT, "it works on configs itself"),
        Rule(_returns_nodes, Decision.EXEMPT, "it returns configs, as its annotation says"),
        Rule(returns_peer_nodes, Decision.INLINE, "it returns configs of another library"),
        Rule(_is_exception, Decision.EXEMPT, "it is an exception class"),
        Rule(InstanceOf(enum.EnumMeta), Decision.EXEMPT, "it looks up a member of an enum"),
        Rule(_is_numpy_scalar_or_dtype, Decision.EXEMPT, "it is a numpy scalar or dtype"),
        *(
            Rule(InModule(name), Decision.EXEMPT, f"it comes from {name}")
            for name in (
                *("itertools", "math", "cmath", "random", "pathlib", "logging", "copy", "operator"),
                *("typing", "inspect", "warnings"),
            )
        ),
        Rule(_has_no_signature, Decision.EXEMPT, "its signature cannot be inferred"),
        *READERS,
        *PURE,
    )
)

#: The default where operations are deferred, so that a ``with`` of a device is, too.
DEFERRING: Final = LATEST.extend(
    Rule(Named("torch.device"), Decision.RECORD, "it may be entered in a build", pure=True)
)

#: The exception classes that `V1` names.
_V1_EXCEPTIONS: Final = """
    Arithmetic Assertion Attribute BlockingIO BrokenPipe Buffer ChildProcess Connection
    ConnectionAborted ConnectionRefused ConnectionReset EOF Environment FileExists FileNotFound
    FloatingPoint IO Import Indentation Index Interrupted IsADirectory Key Lookup Memory
    ModuleNotFound Name NotADirectory NotImplemented OS Overflow Permission ProcessLookup
    Recursion Reference Runtime Syntax System Tab Timeout Type UnboundLocal UnicodeDecode
    UnicodeEncode Unicode UnicodeTranslate Value ZeroDivision
"""
_V1_WARNINGS: Final = """
    Bytes Deprecation Future Import PendingDeprecation Resource Runtime Syntax Unicode User
"""
_V1_CLASSES: Final = """
    BaseException Exception GeneratorExit KeyboardInterrupt StopAsyncIteration StopIteration
    SystemExit Warning bool bytearray bytes classmethod complex dict enumerate filter float
    frozenset int list map memoryview object property range reversed set slice staticmethod str
    super tuple type zip
"""
_V1_ITERTOOLS: Final = """
    accumulate chain combinations combinations_with_replacement compress count cycle dropwhile
    groupby islice permutations product repeat starmap takewhile tee zip_longest
"""
_V1_LOGGING: Final = "critical debug error exception fatal info log warn warning"


def _v1_objects() -> Iterator[object]:
    for names, suffix in ((_V1_EXCEPTIONS, "Error"), (_V1_WARNINGS, "Warning"), (_V1_CLASSES, "")):
        yield from (getattr(builtins, f"{name}{suffix}") for name in names.split())
    yield from (getattr(itertools, name) for name in _V1_ITERTOOLS.split())
    yield from (build, Config, Partial, copy.copy, copy.deepcopy, inspect.signature, typing.cast)


@about_kind
def _v1_logging(fn: object) -> bool:
    if module_of(fn) != "logging":
        return False
    owner, _, name = getattr(fn, "__qualname__", "").rpartition(".")
    # A logger has no `log` in the list, the module has.
    return name in _V1_LOGGING.split() and (owner == "" or (owner == "Logger" and name != "log"))


@about_kind
def _is_c_function(fn: object) -> bool:
    return isinstance(fn, BuiltinFunctionType | MethodWrapperType)


#: What Fiddle 0.3.1 exempts, and nothing else: for graphs that must stay as they are.
V1: Final = PolicyTable(
    (
        _INLINES,
        _PARTIAL,
        *_EXEMPTING,
        Rule(Is(tuple(_v1_objects())), Decision.EXEMPT, "it is in the list of version 1"),
        Rule(_v1_logging, Decision.EXEMPT, "it is in the list of version 1"),
        Rule(_is_c_function, Decision.EXEMPT, "it is a builtin function"),
    ),
    effects=False,
)


_KNOWN_RULES: Final = (*LATEST.rules, *V1.rules)


def from_predicate(exempts: Callable[[object], object]) -> PolicyTable:
    """Return a table that exempts a callable if a predicate is true of it, and records all others.

    The predicate replaces the default rules, as ``experimental_exemption_policy`` does in Fiddle:
    only the special calls (auto_config functions, partials, `exempt`) are decided before.

    Example:
        >>> from bytefig.tracer.recording.policy_tables import from_predicate
        >>> from_predicate(lambda fn: fn is len).decide(print).decision
        <Decision.RECORD: 'make a config node of it'>
    """
    return PolicyTable(
        (
            _INLINES,
            _PARTIAL,
            *_EXEMPTING,
            Rule(_Says(exempts), Decision.EXEMPT, "the exemption policy says so"),
        )
    )


@attrs.frozen
class _Says:
    """Matches a callable if a predicate is true of it."""

    predicate: Callable[[Value], object]

    def __call__(self, fn: object) -> bool:
        return bool(self.predicate(fn))


def _pickle_table(table: PolicyTable) -> tuple[object, ...]:
    known = {id(rule): place for place, rule in enumerate(_KNOWN_RULES)}
    return table_of, ([known.get(id(rule), rule) for rule in table.rules], table.effects)


set_pickling(_pickle_table)


def table_of(rules: Iterable[object], effects: bool) -> PolicyTable:
    """Return a table of rules, which may be places in the tables above, one after the other."""
    found = tuple(_KNOWN_RULES[rule] if isinstance(rule, int) else rule for rule in rules)
    for table in (LATEST, V1):
        if found == table.rules and effects == table.effects:
            return table
    return PolicyTable(found, effects=effects)
