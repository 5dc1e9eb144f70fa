"""`Buildable`: a callable with some of its arguments, not called yet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from sys import _getframe as _caller  # pyright: ignore[reportPrivateUsage]
from types import GenericAlias
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from ..core import above
from ..core.edit import Edit, History
from ..core.errors import DefaultFactoryError
from ..core.keys import Arguments
from ..core.names import callable_name
from ..core.own_code import OWN, hide_own_frames
from ..core.provenance import Provenance, SavedProvenance
from ..core.registry import BUILDABLE_TYPES
from ..core.sentinels import NO_VALUE
from ..core.slots import (
    NodeSlots,
    fill_new_node,
    new_node,
    next_number,
    set_arguments,
    set_callable,
    set_effects,
    set_history,
    set_order,
    set_tags,
)
from ..core.tag_storage import TAGGED_TYPES, expand_tagged, tags_of_new
from ..core.tag_type import KNOWN_TAG_NAMES, ArgumentTags
from ..core.transaction import Changes, commit, set_item
from ..core.watching import Operations, used
from ..signature.signature import asked_nodes, current_signature, signature_of
from ..symbols import bound_in_module
from ..traversal.paths import Attr, Index, PathElement
from ..traversal.traverse import register_buildable
from .dunders.deep_copies import copy_alone, deepcopy_graph, effects_acting_on
from .dunders.equality import equal
from .dunders.pickle_order import OfModule, state_of
from .dunders.representation import represent
from .history import EXCLUDED, adding, custom, differences, record, suspended, user_provenance
from .peer_methods import look_up
from .positional import PositionalKey, del_items, get_items, set_items
from .pytree import BuildableTraverserMetadata

if TYPE_CHECKING:
    from typing import Generic as _Generic
    from typing import Self
else:

    class _Generic:
        # `typing.Generic` has attributes that are not dunders, and would hide arguments.
        __slots__ = ()
        __class_getitem__ = classmethod(GenericAlias)


T_co = TypeVar("T_co", covariant=True)


class Buildable(NodeSlots, Operations, _Generic[T_co]):
    """Base of the classes whose instances are the nodes of a config graph.

    Arguments are attributes. The class has dunder members only, so that every other name is free,
    and `_repr_html_`, which notebooks look for. Where no argument has these names, ``clone``,
    ``walk`` and ``broadcast`` are what NeMo Run has under them, ``getdoc`` is what IPython asks for
    ``node?``, and ``__name__`` is the callable's.

    Attributes:
        __fn_or_cls__: The callable.
        __arguments__: The arguments that are set, by the storage rule: by position (int) for
            positional-only and variadic parameters, else by name (str).
        __provenance__: Where the node was made, if known.
        __argument_tags__: The tags of arguments by argument key, of those that have any; None if
            none has. Copies share the dict, so it is replaced and never changed.
        __history__: The edits since the node was made; None if there were none.
        __form__: How many of the first parameters were given by position, in a capture.
        __order__: Where a capture met the call: after those with a lower number. 0 if none did.
        __effects__: The calls of a capture that act on the node, and whose results nothing else
            uses; None if there are none. `effects` finds all of a graph.

    Subclasses hold no state of their own: copies do not carry it.
    """

    __slots__ = ()

    __fn_or_cls__: Callable[..., T_co]

    if TYPE_CHECKING:  # `__getattr__` finds them, after the arguments.
        __name__: str

        def clone(self) -> Self: ...  # noqa: D102 - see `peer_methods`
        def walk(self, /, **functions: Callable[[object], object]) -> Self: ...  # noqa: D102
        def broadcast(self, /, **values: object) -> Self: ...  # noqa: D102

    def __init__(
        self, fn_or_cls: Callable[..., T_co] | dict[str, object], /, *args: object, **kwargs: object
    ) -> None:
        """Bind arguments to a callable; some may be missing, to be set later.

        What ``Annotated[T | None, Config[T]]`` annotates, and is not given, is a `Config` of T;
        `Partial` and `ArgFactory` can stand there, too.

        Args:
            fn_or_cls: The function, class or other callable to configure; ``{}`` stands for `dict`.
            *args: Positional arguments.
            **kwargs: Named arguments.

        Raises:
            TypeError: ``fn_or_cls`` is not callable, or does not take these arguments.
            ValueError: ``fn_or_cls`` is a buildable itself.
        """
        # This is the hot path of graphs that are written by hand.
        if type(fn_or_cls) in BUILDABLE_TYPES:
            kind = type(self).__name__
            raise ValueError(
                f"{kind}() configures a callable, not a {type(fn_or_cls).__name__}; to change the"
                f" arguments use copy.copy(node) and set them, to change the class use"
                f" {kind}(get_callable(node), ...)"
            )
        fn: Any = dict if type(fn_or_cls) is dict and not fn_or_cls else fn_or_cls
        signature = current_signature(fn)
        arguments: Any = kwargs  # a new dict for each call
        try:
            if args:
                arguments = signature.bind(args, kwargs)
            elif kwargs and signature.varkw is None and not signature.names.issuperset(kwargs):
                raise signature.unknown(kwargs)
        except TypeError as error:
            hide_own_frames(error)
            raise
        if signature.asked:
            for name, (kind, asked) in asked_nodes(fn, signature).items():
                if name not in arguments:
                    arguments[name] = kind(asked)
        frame = _caller(1)
        if suspended() or custom() or EXCLUDED or OWN.hold(frame.f_globals):
            fill_new_node(self, fn, arguments, user_provenance())
        else:  # Nearly always; `user_provenance` would find the same, in more time.
            fill_new_node(self, fn, arguments, frame.f_code, frame.f_lasti)
        if KNOWN_TAG_NAMES:
            add_declared_tags(self)

    def __init_subclass__(cls, **kwargs: object) -> None:
        """Add the subclass to `BUILDABLE_TYPES`."""
        super().__init_subclass__(**kwargs)
        register_buildable(cls)

    @classmethod
    def __from_bound__(
        cls,
        fn_or_cls: Callable[..., object],
        arguments: Arguments,
        provenance: Provenance | SavedProvenance | None,
        tags: ArgumentTags | None = None,
        history: History | None = None,
    ) -> Self:
        """Make a node without checking anything.

        Annotations and tagged values give it no tags: that is `add_declared_tags`.

        Args:
            fn_or_cls: The callable.
            arguments: Arguments by the storage rule; the node owns the dict from now on.
            provenance: Where the node is made.
            tags: Tags of its arguments; the node does not change the dict.
            history: Its edits so far; the node owns the list from now on.
        """
        return new_node(cls, fn_or_cls, arguments, provenance, 0, tags, history)

    def __build__(self, /, *args: object, **kwargs: object) -> Any:
        """Return the object that the node builds, given its built arguments.

        Raises:
            NotImplementedError: The subclass does not say how.
        """
        raise NotImplementedError(f"{type(self).__name__} does not define __build__")

    def __getattr__(self, name: str) -> Any:
        """Return the argument, or its default; else look the name up by `peer_methods.look_up`.

        Raises:
            AttributeError: The argument is unknown, or is unset and has no default.
        """
        if name in _SLOTS:  # An instance made past every constructor: do not recurse.
            raise AttributeError(name)
        value = self.__arguments__.get(name, NO_VALUE)
        if value is NO_VALUE and name not in self.__arguments__:
            value = current_signature(self.__fn_or_cls__).default(name)
            if value is NO_VALUE:
                value = look_up(self, name)
            if value is NO_VALUE:
                used(self, "unpack")
                _raise_unset(self, name)
        used(self, "read an attribute of")
        return value

    def __setattr__(self, name: str, value: object) -> None:
        """Set the argument.

        Raises:
            AttributeError: The callable has no such parameter.
        """
        signature = current_signature(self.__fn_or_cls__)
        # Python itself sets dunders, such as `__orig_class__` in `Config[T](fn)`; `**kwargs`
        # must not swallow them.
        if name not in signature.names and (not signature.accepts(name) or _is_dunder(name)):
            raise AttributeError(f"cannot set {name!r}: {signature.explain(name)}")
        arguments = self.__arguments__
        if type(value) in TAGGED_TYPES:
            _assign(self, {**arguments, name: value}, self.__argument_tags__)
            return
        if suspended():
            arguments[name] = value
            return
        # What `Changes` and `record` would do, in less time: it is what programs do most.
        old = arguments.get(name, NO_VALUE)
        do, undo = adding(self, [Edit(name, old, value, "set", user_provenance(), next_number())])
        put_back = (set_item, arguments, name, old)
        if old is NO_VALUE and name not in arguments:
            put_back = (arguments.pop, name, None)
        commit(((set_item, arguments, name, value), do), (put_back, undo))

    def __delattr__(self, name: str) -> None:
        """Unset the argument.

        Raises:
            AttributeError: The argument is not set.
        """
        if name not in self.__arguments__:
            fn = callable_name(self.__fn_or_cls__)
            raise AttributeError(f"argument {name!r} of {fn} is not set, so it cannot be deleted")
        arguments = dict(self.__arguments__)
        del arguments[name]
        _assign(self, arguments, self.__argument_tags__)

    def __getitem__(self, key: PositionalKey) -> Any:
        """Return a positional argument, or a list of them for a slice."""
        answer = used(self, "index or iterate", "getitem", key)
        if answer is not None:
            return answer
        return get_items(signature_of(self.__fn_or_cls__), self.__arguments__, key)

    def __setitem__(self, key: PositionalKey, value: object) -> None:
        """Set a positional argument, or the ones of a slice."""
        if used(self, "set an item of", "setitem", key, value) is not None:
            return
        arguments, signature = dict(self.__arguments__), signature_of(self.__fn_or_cls__)
        tags = set_items(signature, arguments, key, value, self.__argument_tags__)
        _assign(self, arguments, tags)

    def __delitem__(self, key: PositionalKey) -> None:
        """Unset a positional argument, or the ones of a slice."""
        if used(self, "delete an item of", "delitem", key) is not None:
            return
        arguments, signature = dict(self.__arguments__), signature_of(self.__fn_or_cls__)
        tags = del_items(signature, arguments, key, self.__argument_tags__)
        _assign(self, arguments, tags)

    def __dir__(self) -> Iterable[str]:
        """Return the names of the arguments that can be, or are, set."""
        named = {key for key in self.__arguments__ if isinstance(key, str)}
        return named | signature_of(self.__fn_or_cls__).names

    def __eq__(self, other: object) -> bool:
        """Return whether class, callable, arguments and sharing are the same."""
        answer = used(self, "compare", "eq", other)
        if answer is not None:
            return answer
        if type(other) not in BUILDABLE_TYPES:
            return NotImplemented
        return equal(self, other)  # pyright: ignore[reportArgumentType] - the line above

    def __hash__(self) -> int:
        """Refuse: a node can be edited.

        Raises:
            TypeError: Always.
        """
        used(self, "hash")
        raise TypeError(
            f"a {type(self).__name__} can be edited, so it has no hash; key by id(node) instead"
        )

    def __repr__(self) -> str:
        """Return the graph as text."""
        used(self, "make text of")
        return represent(self)

    def _repr_html_(self) -> str:
        """Return the graph as a fragment of HTML, for notebooks."""
        used(self, "make text of")
        return above.notebook_view(self)

    def __copy__(self) -> Self:
        """Return a node with the same arguments, which can be set independently."""
        return copy_alone(self)

    def __deepcopy__(self, memo: dict[int, object]) -> Any:
        """Return a copy of the whole graph; sharing is kept, callables are not copied."""
        return deepcopy_graph(self, memo)

    def __flatten__(self) -> tuple[tuple[Any, ...], BuildableTraverserMetadata]:
        """Return the values of the arguments in order, and all the rest of the node."""
        arguments = signature_of(self.__fn_or_cls__).ordered(self.__arguments__)
        return tuple(arguments.values()), BuildableTraverserMetadata(
            self.__fn_or_cls__,
            tuple(arguments),
            dict(self.__argument_tags__ or {}),
            tuple(self.__history__ or ()),
            self.__provenance__,
            self.__form__,
            self.__order__,
            self if self.__effects__ else None,
        )

    @classmethod
    def __unflatten__(cls, values: Iterable[object], metadata: BuildableTraverserMetadata) -> Self:
        """Return a node of this class from the result of ``__flatten__``, unchecked."""
        node = new_node(
            cls,
            metadata.fn_or_cls,
            metadata.arguments(values),
            metadata.provenance,
            0,
            dict(metadata.argument_tags) or None,
            metadata.history() or None,
            metadata.form,
            metadata.order,
        )
        if metadata.acted_on is not None:
            becomes = {id(metadata.acted_on): node}
            set_effects(node, effects_acting_on(becomes, metadata.acted_on))
        return node

    def __path_elements__(self) -> tuple[PathElement, ...]:
        """Return the step to each of the values of ``__flatten__``."""
        ordered = signature_of(self.__fn_or_cls__).ordered(self.__arguments__)
        return tuple(Attr(key) if isinstance(key, str) else Index(key) for key in ordered)

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle; the provenance and the history become plain text.

        No depth is too much, except in a deep cycle that does not lead through the root.
        """
        bound = bound_in_module(self.__fn_or_cls__)
        fn = self.__fn_or_cls__ if bound is None else OfModule(*bound)
        made_from = (type(self), fn, self.__provenance__, self.__form__)
        return _empty_node, made_from, state_of(self)

    def __setstate__(self, state: Sequence[Any]) -> None:
        """Receive the rest when unpickled."""
        # A pickle of 0.1 ends with the history; only arguments are a dict so far from the end.
        count = 3 if isinstance(state[-3], dict) else 5
        arguments, tags, history, *later = state[-count:]
        moment, effects = later or (None, None)
        set_arguments(self, arguments)
        set_tags(self, tags)
        set_history(self, history)
        set_effects(self, effects)
        if moment is not None:
            block, rank = moment
            set_order(self, block.number(rank))


_SLOTS = frozenset((*NodeSlots.__slots__, "__provenance__"))

register_buildable(Buildable)


def rewrite(
    changes: Changes,
    node: Buildable[object],
    fn_or_cls: Callable[..., object],
    arguments: Arguments,
    tags: ArgumentTags | None,
) -> None:
    """Have a node's callable, arguments and tags replaced, unchecked, and keep a record of it."""
    record(changes, node, differences(node, fn_or_cls, arguments, tags))
    changes.slot(set_callable, node, node.__fn_or_cls__, fn_or_cls)
    changes.slot(set_arguments, node, node.__arguments__, arguments)
    changes.slot(set_tags, node, node.__argument_tags__, tags)


def add_declared_tags(node: Buildable[object]) -> None:
    """Give a new node the tags in its annotations, and the ones of tagged values in its arguments.

    `Buildable.__init__` does this; after `Buildable.__from_bound__` it is up to the caller.
    """
    signature = signature_of(node.__fn_or_cls__)
    tags = tags_of_new(node.__arguments__, signature.tags, len(signature.keys))
    if tags is not None:
        set_tags(node, tags)


def set_tags_unchecked(node: Buildable[object], tags: ArgumentTags | None) -> None:
    """Replace the tags of all arguments of a node, and keep a record of the change."""
    _assign(node, node.__arguments__, tags)


def _assign(node: Buildable[object], arguments: Arguments, tags: ArgumentTags | None) -> None:
    # Tagged values among the arguments that are new are expanded.
    if not TAGGED_TYPES.isdisjoint(map(type, arguments.values())):
        variadic = len(signature_of(node.__fn_or_cls__).keys)
        tags = expand_tagged(arguments, node.__arguments__, tags, variadic)
    changes = Changes()
    rewrite(changes, node, node.__fn_or_cls__, arguments, tags)
    changes.commit()


def _empty_node(
    cls: type[Buildable[object]],
    fn: Callable[..., object],
    provenance: SavedProvenance | None,
    form: int = 0,  # pickles of 0.1 have none
) -> Buildable[object]:
    return new_node(cls, fn, {}, provenance, form=form)


def _is_dunder(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _raise_unset(node: Buildable[object], name: str) -> NoReturn:
    fn = node.__fn_or_cls__
    signature = signature_of(fn)
    if name in signature.factories:
        raise DefaultFactoryError(
            f"the default of argument {name!r} of {signature.name} is made by a factory at each"
            f" call, so it cannot be read; set the argument first"
        )
    if name in signature.names:
        message = f"argument {name!r} of {signature.name} is not set and has no default"
    elif signature.varkw is None or not signature.accepts(name):
        message = f"cannot read {name!r}: {signature.explain(name)}"
    else:
        message = f"argument {name!r} of {signature.name} is not set"
    if not _is_dunder(name) and hasattr(fn, name):
        message += (
            f"; {signature.name} itself has an attribute of this name, which only exists once the"
            f" {type(node).__name__} is built"
        )
    raise AttributeError(message)
