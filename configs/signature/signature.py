"""Signatures compiled for fast binding of arguments."""

from __future__ import annotations

import functools
import inspect
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from types import CodeType, FunctionType, MethodType
from typing import Any, Final, NamedTuple, cast, get_origin

import attrs

from ..arg_factory import is_factory_mark
from ..core.keys import ArgumentKey, Arguments
from ..core.names import callable_name, near_match
from ..core.sentinels import NO_VALUE
from ..core.shown import plain_repr
from ..core.tag_storage import ArgumentTags
from ..core.tag_type import KNOWN_TAG_NAMES
from .annotation_tags import asked_node, names_of_asked_nodes, tags_in_annotations
from .argument_storage import storing
from .sources import Source, is_source, source_of
from .taken import declares_signature, taken_by
from .weak_cache import WeakIdentityCache

# Ranks above any position: keyword-only parameters, then names taken by ``**kwargs``.
_KEYWORD_RANK: Final = 1 << 40
_EXTRA_RANK: Final = 1 << 41
_MOST_SHAPES: Final = 64
_VARIADIC_KINDS: Final = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


class Shape(NamedTuple):
    """The facts about arguments that their keys tell.

    Attributes:
        order: The keys in the order of the parameters; None if they are in that order already.
        missing: The keys of the parameters that need a value and have none, in order.
        complete: Whether they are all that a call needs, passed by name in this order.
    """

    order: tuple[ArgumentKey, ...] | None
    missing: tuple[ArgumentKey, ...]
    complete: bool


@attrs.frozen(eq=False)
class Signature:
    """The parameters of one callable, laid out for binding.

    It must not refer to the callable: it is the value of a cache that the callable is the key of.

    Attributes:
        name: Name of the callable, for messages.
        positional: Names of the parameters that can be given by position, in order.
        positional_only: How many of those cannot be given by name.
        keyword_only: Names of the keyword-only parameters, in order.
        varargs: Name of the ``*args`` parameter, or None.
        varkw: Name of the ``**kwargs`` parameter, or None.
        defaults: Defaults by argument key. A default made by a factory is not among them.
        factories: Argument keys whose default is made by a factory at each call.
        tags: Tags in the annotations of parameters, by argument key; None if there are none.
        asked: Names of parameters whose annotation asks for a node where nothing is given; see
            `asked_nodes`.
        complete: The keys of which `shape` has said that they are. For a look-up without a call.
        by_name: Whether all arguments are stored, and passed, by name.
        unlisted: Names that a call takes although the callable's own signature has none of them;
            also those of variadic parameters.
        declared: Whether the class itself says what its fields are. Then a call may have others,
            as far as its ``**kwargs`` take them, but none is set by hand.
        source: What it was read from.
        inferred: Whether this was read from the callable; if not, it takes any arguments.
        exact_form: Whether it may matter what is passed by position and what by name.
    """

    name: str
    positional: tuple[str, ...]
    positional_only: int
    keyword_only: tuple[str, ...]
    varargs: str | None
    varkw: str | None
    defaults: Mapping[ArgumentKey, object] = attrs.field(repr=plain_repr)
    factories: frozenset[ArgumentKey]
    inferred: bool = True
    tags: ArgumentTags | None = None
    unlisted: frozenset[str] = frozenset()
    declared: bool = False
    source: Source | None = attrs.field(default=None, repr=False)
    exact_form: bool = True
    asked: frozenset[str] = frozenset()
    keys: tuple[ArgumentKey, ...] = attrs.field(init=False)
    names: frozenset[str] = attrs.field(init=False)
    by_name: bool = attrs.field(init=False)
    required: frozenset[ArgumentKey] = attrs.field(init=False)
    _arity: int = attrs.field(init=False)
    _closed: bool = attrs.field(init=False)
    _ranks: dict[ArgumentKey, int] = attrs.field(init=False)
    complete: set[tuple[ArgumentKey, ...]] = attrs.field(init=False)
    _shapes: dict[tuple[ArgumentKey, ...], Shape] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Prepare the tables for binding: attrs calls this once the fields are set."""
        count = self.positional_only
        keys: tuple[ArgumentKey, ...] = (*range(count), *self.positional[count:])
        every = (*keys, *self.keyword_only)
        unlisted = self.unlisted - {self.varargs, self.varkw}
        ranks: dict[ArgumentKey, int] = {key: rank for rank, key in enumerate(keys)}
        for rank, name in enumerate(self.keyword_only, _KEYWORD_RANK):
            ranks[name] = rank
        names = frozenset((*self.positional[count:], *self.keyword_only)) | unlisted
        put = object.__setattr__
        put(self, "keys", keys)
        put(self, "names", names)
        put(self, "by_name", not self.positional_only and self.varargs is None)
        put(self, "required", frozenset(every) - self.defaults.keys() - self.factories)
        put(self, "_arity", len(keys))
        put(self, "_closed", self.varkw is None)
        put(self, "_ranks", ranks)
        put(self, "complete", set())
        put(self, "_shapes", {})

    def bind(self, args: tuple[object, ...], kwargs: Mapping[str, object]) -> Arguments:
        """Return the arguments by the storage rule, in the order given; some may be missing.

        Args:
            args: Positional arguments.
            kwargs: Named arguments.

        Returns:
            A new dict.

        Raises:
            TypeError: An argument is unknown or given twice, or there are too many.

        Example:
            >>> def fn(a, /, b, *args, c=1): ...
            >>> signature_of(fn).bind((1, 2, 3), {"c": 4})
            {0: 1, 'b': 2, 2: 3, 'c': 4}
        """
        # The zip stops at the shorter one on purpose.
        stored: Arguments = dict(zip(self.keys, args))  # noqa: B905 - `strict=` costs time
        count = len(args)
        if count > self._arity:
            if self.varargs is None:
                most = f"at most {self._arity} positional arguments"
                raise TypeError(f"{self.name} takes {most}, got {count}")
            stored.update(enumerate(args[self._arity :], self._arity))
        if kwargs:
            stored.update(kwargs)
            if len(stored) != count + len(kwargs):
                raise self._duplicate(count, kwargs)
            if self._closed and not self.names.issuperset(kwargs):
                raise self.unknown(kwargs)
        return stored

    def binder(
        self, count: int, names: tuple[str, ...] = ()
    ) -> Callable[[Sequence[object]], Arguments]:
        """Return a function that binds as `bind`, for calls of one shape.

        For an inline cache at a call site, where the shape never changes: what can be wrong with it
        is found here, and never looked at again.

        Args:
            count: How many arguments are given by position.
            names: The names of the others, in the order in which they are given.

        Returns:
            A function of the values, first those given by position, in a tuple or list of exactly
            ``count + len(names)``. It returns a new dict.

        Raises:
            TypeError: As `bind` does.

        Example:
            >>> bind = signature_of(lambda a, b, *rest, c=1: None).binder(1, ("c",))
            >>> bind((1, 2))
            {'a': 1, 'c': 2}
        """
        return storing(tuple(self.bind((None,) * count, dict.fromkeys(names))))

    def form(self, count: int) -> int:
        """Return how many of the first keys a call of so many positional arguments passes so.

        None, where there is no other way for those.
        """
        if count <= self.positional_only:
            return 0
        return count if count < self._arity else self._arity

    def call_arguments(
        self, stored: Mapping[ArgumentKey, object], form: int = 0
    ) -> tuple[list[object], dict[str, object]]:
        """Return the positional and the named arguments of a call of the callable.

        Parameters that take both forms are passed by name, so that a partial can override them,
        unless ``*args`` follow them or the call is known to have passed them by position. A gap
        before a positional-only argument is filled by its default.

        Args:
            stored: Arguments by the storage rule.
            form: How many of the first keys are passed by position, up to one that is not set.

        Raises:
            TypeError: A positional argument is missing before one that is set.

        Example:
            >>> def fn(a, /, b): ...
            >>> signature_of(fn).call_arguments({0: 1, "b": 2})
            ([1], {'b': 2})
            >>> signature_of(fn).call_arguments({0: 1, "b": 2}, 2)
            ([1, 2], {})
        """
        if self.by_name and not form:
            return [], cast("dict[str, object]", self.ordered(stored))
        variadic = sum(1 for key in stored if isinstance(key, int) and key >= self._arity)
        count = self._arity if variadic else self.positional_only
        while count and not variadic and self.keys[count - 1] not in stored:
            count -= 1
        while count < form and self.keys[count] in stored:
            count += 1
        args: list[object] = []
        for index, key in enumerate(self.keys[:count]):
            value = stored[key] if key in stored else self.default(key)
            if value is NO_VALUE and key not in stored:
                raise TypeError(
                    f"{self.name} needs its positional argument {index} ({self.positional[index]})"
                    " because a later one is set"
                )
            args.append(value)
        args.extend(stored[index] for index in range(self._arity, self._arity + variadic))
        passed = frozenset(self.keys[:count])
        kwargs: dict[str, object] = {
            key: value
            for key, value in self.ordered(stored).items()
            if isinstance(key, str) and key not in passed
        }
        return args, kwargs

    def ordered(self, stored: Mapping[ArgumentKey, object]) -> Arguments:
        """Return the arguments in the order of the parameters, ``**kwargs`` last as given.

        Example:
            >>> signature_of(lambda a, b: 0).ordered({"b": 2, "a": 1})
            {'a': 1, 'b': 2}
        """
        order = self.shape(stored).order
        return dict(stored) if order is None else {key: stored[key] for key in order}

    def shape(self, stored: Iterable[ArgumentKey]) -> Shape:
        """Return the shape of arguments by their keys; kept, since many nodes share a shape.

        Example:
            >>> signature_of(lambda a, b, c: 0).shape(("b", "a"))
            Shape(order=('a', 'b'), missing=('c',), complete=False)
        """
        keys = tuple(stored)
        found = self._shapes.get(keys)
        if found is None:
            order = tuple(sorted(keys, key=self._rank))
            missing = sorted(self.required.difference(keys), key=self._rank)
            complete = self.by_name and order == keys and not missing
            found = Shape(None if order == keys else order, tuple(missing), complete)
            if len(self._shapes) >= _MOST_SHAPES:  # of ``**kwargs`` there is no end
                self._shapes.clear()
                self.complete.clear()
            self._shapes[keys] = found
            if complete:
                self.complete.add(keys)
        return found

    def _rank(self, key: ArgumentKey) -> int:
        rank = self._ranks.get(key)
        if rank is not None:
            return rank
        return key if isinstance(key, int) else _EXTRA_RANK

    def default(self, key: ArgumentKey) -> object:
        """Return the default of the parameter with this argument key, or `NO_VALUE`."""
        return self.defaults.get(key, NO_VALUE)

    def missing(self, stored: Mapping[ArgumentKey, object]) -> list[ArgumentKey]:
        """Return the keys of the parameters that need a value and have none, in order."""
        return list(self.shape(stored).missing)

    def parameter_name(self, key: ArgumentKey) -> str:
        """Return the name of the parameter that is not variadic and has this argument key."""
        return self.positional[key] if isinstance(key, int) else key

    def accepts(self, name: str) -> bool:
        """Return whether an argument of this name can be stored under its name."""
        if name in self.names:
            return True
        if self.varkw is None or self.declared:
            return False
        # Reserved: a positional parameter's name would be easy to mistake for the parameter.
        return name != self.varargs and name not in self.positional

    def explain(self, name: str, others: Collection[str] = ()) -> str:
        """Return why a name is not accepted, and the fix; ``**kwargs`` take the others."""
        if name in self.positional:
            index = self.positional.index(name)
            return f"parameter {name!r} of {self.name} is positional only; use [{index}]"
        if name == self.varargs:
            return f"parameter {name!r} of {self.name} is variadic; use [VARARGS:]"
        listed = (*self.positional[self.positional_only :], *self.keyword_only, *others)
        known = ", ".join(listed) or "none"
        near = near_match(name, [*self.names, *others])
        return f"{self.name} has no parameter {name!r}{near} (parameters: {known})"

    def unknown(self, kwargs: Mapping[str, object]) -> TypeError:
        """Return the error that one of these names belongs to no parameter."""
        unknown = next(name for name in kwargs if name not in self.names)
        return TypeError(f"cannot bind argument {unknown!r}: {self.explain(unknown)}")

    def _duplicate(self, count: int, kwargs: Mapping[str, object]) -> TypeError:
        name = next(name for name in self.keys[:count] if name in kwargs)
        return TypeError(
            f"{self.name} got multiple values for argument {name!r}: by position and by name"
        )


_CACHE: Final[WeakIdentityCache[object, Signature]] = WeakIdentityCache()
_find_entry: Final = _CACHE.entries.get


def signature_of(fn: Callable[..., object]) -> Signature:
    """Return the compiled signature of a callable, from a weak cache if possible.

    A callable whose signature cannot be inferred gets one that takes any arguments.

    Args:
        fn: A function, class, or other callable; a generic alias counts as its origin.

    Raises:
        TypeError: ``fn`` is not callable.

    Example:
        >>> signature_of(lambda a, *rest, b=2: None).defaults
        {'b': 2}
    """
    entry = _find_entry(id(fn))  # `_CACHE.get` without the call: every node asks
    if entry is not None and entry[0]() is fn:
        return entry[1]
    found = _compile(fn)
    _CACHE.set(fn, found)
    return found


def current_signature(fn: Callable[..., object]) -> Signature:
    """Return the signature as `signature_of`, anew if the callable was changed in place.

    Raises:
        TypeError: ``fn`` is not callable.

    Example:
        >>> def fn(a): ...
        >>> fn_of_before = signature_of(fn)
        >>> fn.__code__ = (lambda a, b: None).__code__
        >>> signature_of(fn).keys, current_signature(fn).keys
        (('a',), ('a', 'b'))
    """
    entry = _find_entry(id(fn))
    if entry is not None and entry[0]() is fn and is_source(entry[1].source, fn):
        return entry[1]
    found = _compile(fn)
    _CACHE.set(fn, found)
    return found


def _compile(fn: Callable[..., object]) -> Signature:
    if not callable(fn):
        raise TypeError(f"{fn!r} is not callable: pass a function or a class")
    found = _inspect(fn)
    if found is None:
        return Signature(callable_name(fn), (), 0, (), "args", "kwargs", {}, frozenset(), False)
    layout = _Layout()
    for parameter in found.parameters.values():
        layout.add(parameter)
    taken = taken_by(fn)
    if taken is not None:
        layout.widen(taken)
    return Signature(
        callable_name(fn),
        tuple(layout.positional),
        layout.positional_only,
        tuple(layout.keyword_only),
        layout.variadic.get(inspect.Parameter.VAR_POSITIONAL),
        layout.variadic.get(inspect.Parameter.VAR_KEYWORD),
        layout.defaults,
        frozenset(layout.factories),
        tags=tags_in_annotations(fn, layout.annotations) if KNOWN_TAG_NAMES else None,
        unlisted=frozenset(layout.unlisted),
        declared=layout.variadic.get(inspect.Parameter.VAR_KEYWORD) in layout.unlisted
        and declares_signature(get_origin(fn) or fn),
        source=source_of(fn),
        exact_form=taken is not None or not _takes_either_form(get_origin(fn) or fn),
        asked=names_of_asked_nodes(fn, layout.annotations),
    )


def asked_nodes(fn: Callable[..., object], signature: Signature) -> dict[str, tuple[Any, object]]:
    """Return the classes and callables of the nodes that annotations ask for, by parameter.

    The signature does not hold them, since it must not refer to the callable.

    Example:
        >>> from typing import Annotated
        >>> from bytefig.configs import Config
        >>> def fit(steps: int, log: Annotated[dict | None, Config[dict]] = None): ...
        >>> asked_nodes(fit, signature_of(fit))
        {'log': (<class 'bytefig.configs.node.kinds.Config'>, <class 'dict'>)}
    """
    if not signature.asked:
        return {}
    parameters = native_signature(get_origin(fn) or fn).parameters
    found = {
        name: asked_node(fn, name, parameters[name].annotation)
        for name in signature.ordered(dict.fromkeys(signature.asked))
        if isinstance(name, str)
    }
    return {name: node for name, node in found.items() if node is not None}


@attrs.define
class _Layout:
    """The parameters of a callable while they are sorted."""

    positional: list[str] = attrs.field(factory=list[str])
    positional_only: int = 0
    keyword_only: list[str] = attrs.field(factory=list[str])
    variadic: dict[object, str] = attrs.field(factory=dict[object, str])
    defaults: Arguments = attrs.field(factory=dict[ArgumentKey, object])
    factories: set[ArgumentKey] = attrs.field(factory=set[ArgumentKey])
    annotations: dict[ArgumentKey, tuple[str, object]] = attrs.field(
        factory=dict[ArgumentKey, tuple[str, object]]
    )
    unlisted: set[str] = attrs.field(factory=set[str])

    def add(self, parameter: inspect.Parameter) -> None:
        """Add the next parameter."""
        kind, name = parameter.kind, parameter.name
        if kind in _VARIADIC_KINDS:
            self.variadic[kind] = name
            return
        only = kind is parameter.POSITIONAL_ONLY
        key: ArgumentKey = len(self.positional) if only else name
        self.positional_only += only
        (self.keyword_only if kind is parameter.KEYWORD_ONLY else self.positional).append(name)
        self.annotations[key] = (name, parameter.annotation)
        if is_factory_mark(parameter.default):
            self.factories.add(key)
        elif parameter.default is not parameter.empty:
            self.defaults[key] = parameter.default

    def widen(self, taken: inspect.Signature) -> None:
        """Add the parameters that are really taken; a parameter that is there keeps its key."""
        parameters = taken.parameters.values()
        placed = [it.name for it in parameters if it.kind <= it.POSITIONAL_OR_KEYWORD]
        count = len(self.positional)
        variadic = {it.kind: it.name for it in parameters if it.kind in _VARIADIC_KINDS}
        if len(placed) > count and inspect.Parameter.VAR_POSITIONAL not in self.variadic:
            if placed[:count] == self.positional and not self.positional_only:
                self.positional += [
                    name for name in placed[count:] if name not in self.keyword_only
                ]
            else:
                variadic.setdefault(inspect.Parameter.VAR_POSITIONAL, "args")
        self.unlisted.update(variadic[kind] for kind in variadic.keys() - self.variadic.keys())
        self.variadic = {**variadic, **self.variadic}
        known = {*self.positional, *self.keyword_only}
        for parameter in parameters:
            name = parameter.name
            if parameter.kind in _VARIADIC_KINDS or name in known or name.startswith("__"):
                continue
            if parameter.kind is not parameter.POSITIONAL_ONLY:
                self.unlisted.add(name)
            if parameter.default is not parameter.empty and not name.startswith("_"):
                self.defaults[name] = parameter.default


if sys.version_info >= (3, 14):
    from annotationlib import Format, get_annotations

    def own_annotations(cls: type) -> Mapping[str, object]:
        """Return the annotations in the body of a class, without its bases."""
        return get_annotations(cls, format=Format.FORWARDREF)

    def native_signature(fn: object) -> inspect.Signature:
        """Return ``inspect``'s signature; an annotation that fails is left as a reference."""
        return inspect.signature(fn, annotation_format=Format.FORWARDREF)

else:

    def own_annotations(cls: type) -> Mapping[str, object]:
        """Return the annotations in the body of a class, without its bases."""
        return vars(cls).get("__annotations__", {})

    def native_signature(fn: Any) -> inspect.Signature:
        """Return ``inspect``'s signature."""
        return inspect.signature(fn)


def _inspect(fn: Callable[..., object]) -> inspect.Signature | None:
    # `list[int]` and `Model[int]` are called with the parameters of `list` and `Model`.
    try:
        found = native_signature(get_origin(fn) or fn)
    except Exception:  # an object may answer inspect's questions with any error
        return None
    if _is_bound_by_dispatch(fn) and found == native_signature(inspect.unwrap(fn)):
        # It says that it takes ``self``, too.
        return found.replace(parameters=[*found.parameters.values()][1:])
    return found


#: What `functools.singledispatchmethod` binds is a function of this code, or of this class.
_BINDING: Final[Any] = vars(functools.singledispatchmethod)["__get__"]
_CONSTANTS: Final[tuple[object, ...]] = _BINDING.__code__.co_consts
_BOUND_CODES: Final = frozenset(one for one in _CONSTANTS if type(one) is CodeType)
_BOUND_CLASS: Final[Any] = getattr(functools, "_singledispatchmethod_get", ())


def _is_bound_by_dispatch(fn: object) -> bool:
    is_function = type(fn) is FunctionType
    if not (fn.__code__ in _BOUND_CODES if is_function else isinstance(fn, _BOUND_CLASS)):
        return False
    return not isinstance(getattr(fn, "__wrapped__", None), staticmethod)


def _takes_either_form(fn: object) -> bool:
    """Return whether Python itself binds all arguments, as the signature says."""
    if isinstance(fn, type):
        if type(fn).__call__ is not type.__call__ or hasattr(fn, "__signature__"):
            return False
        init, new = fn.__init__, fn.__new__
        if new is not object.__new__ and init is not object.__init__:
            return False  # two functions may name their parameters differently
        fn = new if init is object.__init__ else init
    elif type(fn) is MethodType:
        fn = fn.__func__
    return type(fn) is FunctionType and fn.__dict__.keys().isdisjoint(_OTHER_SIGNATURE)


_OTHER_SIGNATURE: Final = ("__signature__", "__wrapped__")
