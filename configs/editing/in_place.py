"""Edits of a node in place."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..core.keys import ArgumentKey, Arguments
from ..core.registry import BUILDABLE_TYPES
from ..core.slots import become, can_be, copy_node, set_effects
from ..core.tag_type import TagType
from ..core.transaction import Changes
from ..node.buildable import Buildable, rewrite
from ..node.dunders.deep_copies import effects_acting_on
from ..signature.signature import Signature, signature_of
from .drafts import Drafts


def replace_in_place(node: Buildable[object], other: Buildable[object]) -> None:
    """Turn ``node`` into ``other``, so that everything that refers to ``node`` sees it.

    Class, callable, tags, provenance and history become those of ``other``; the arguments, those
    of a shallow copy of it. Either everything changes or nothing.

    Args:
        node: The node to change; it keeps its identity.
        other: The node to become; it stays as it is.

    Raises:
        TypeError: One is not a buildable, or their classes are laid out differently in memory.

    Example:
        >>> from bytefig.configs import Config, Partial
        >>> cfg = Config(int)
        >>> replace_in_place(cfg, Partial(dict, a=1))
        >>> cfg
        <Partial[dict(a=1)]>
    """
    replace_all_in_place([(node, other)])


def replace_all_in_place(
    replacements: Iterable[tuple[Buildable[object], Buildable[object]]],
) -> None:
    """Replace several nodes as `replace_in_place`; all, or in case of an error none.

    Args:
        replacements: The nodes to change, and for each the node to become, as it is now.

    Effects that act on the node still do; those of the other become its own.

    Raises:
        TypeError: As `replace_in_place` does.

    Example:
        >>> from bytefig.configs import Config
        >>> one, two = Config(int), Config(str)
        >>> replace_all_in_place([(one, two), (two, one)])
        >>> one, two
        (<Config[str()]>, <Config[int()]>)
    """
    changes = Changes()
    pairs = list(replacements)
    becomes = {id(other): node for node, other in pairs}
    for node, other in pairs:
        for value in (node, other):
            if type(value) not in BUILDABLE_TYPES:
                raise TypeError(f"cannot replace in place: {value!r} is not a Buildable")
        draft = copy_node(other, dict(other.__arguments__))
        effects = effects_acting_on(becomes, other)
        set_effects(draft, (*(node.__effects__ or ()), *(effects or ())) or None)
        become(changes, node, draft)
    try:
        changes.commit()
    except TypeError as error:
        for node, other in pairs:
            if not can_be(node, type(other)):
                error.add_note(
                    f"a {type(node).__name__} cannot become a {type(other).__name__}: declare"
                    " `__slots__ = ()` in subclasses of Config, Partial and ArgFactory"
                )
        raise


def assign(buildable: Buildable[object], /, **arguments: object) -> None:
    """Set several arguments of a node; all, or in case of an error none.

    Args:
        buildable: The node.
        **arguments: The arguments.

    Raises:
        AttributeError: The callable has no such parameter.

    Example:
        >>> from bytefig.configs import Config
        >>> cfg = Config(dict, x=Config(dict))
        >>> assign(cfg.x, a=1, b=2)
        >>> cfg
        <Config[dict(x=<Config[dict(a=1, b=2)]>)]>
    """
    drafts = Drafts()
    for name, value in arguments.items():
        setattr(drafts.of(buildable), name, value)
    drafts.commit()


def update_callable(
    buildable: Buildable[object],
    new_callable: Callable[..., object],
    drop_invalid_args: bool = False,
) -> None:
    """Make a node configure another callable, with the same arguments.

    Named arguments keep their name, positional ones their position; tags go with them.

    Args:
        buildable: The node to change.
        new_callable: The callable.
        drop_invalid_args: Unset arguments that the new callable does not take.

    Raises:
        TypeError: ``new_callable`` is not callable, or does not take the arguments.

    Example:
        >>> from bytefig.configs import Config
        >>> cfg = Config(dict, real=1, imag=2)
        >>> update_callable(cfg, complex)
        >>> cfg
        <Config[complex(real=1, imag=2)]>
    """
    if type(new_callable) in BUILDABLE_TYPES:
        raise TypeError(f"cannot configure {new_callable!r}: use get_callable(node) of it")
    new = signature_of(new_callable)
    old = signature_of(buildable.__fn_or_cls__).ordered(buildable.__arguments__)
    arguments, moves, doomed = _rebind(new, old)
    if doomed and not drop_invalid_args:
        names = ", ".join(map(repr, doomed))
        raise TypeError(
            f"cannot switch to {new.name}: it does not take the arguments {names}\n"
            "  fix: unset them, or pass drop_invalid_args=True"
        )
    tags: dict[ArgumentKey, frozenset[TagType]] = {}
    tagged = buildable.__argument_tags__ or {}
    # Those of unset arguments first: a set one that has taken such a position brings its own.
    for key in sorted(tagged, key=moves.__contains__):
        target = moves[key] if key in moves else _target(new, key)
        if target is not None and (key in moves or key not in old):
            tags[target] = tagged[key]
    changes = Changes()
    rewrite(changes, buildable, new_callable, arguments, tags or None)
    changes.commit()


def _rebind(
    new: Signature, old: Arguments
) -> tuple[Arguments, dict[ArgumentKey, ArgumentKey], list[ArgumentKey]]:
    """Return arguments for another signature, their keys by the old ones, and keys left out."""
    arguments: Arguments = {}
    moves: dict[ArgumentKey, ArgumentKey] = {}
    doomed: list[ArgumentKey] = []
    variadic = len(new.keys)
    for key, value in old.items():
        target = _target(new, key)
        if target is None:
            doomed.append(key)
            continue
        if isinstance(target, int) and target >= len(new.keys):
            # Next to those that are kept, lest one that is dropped leaves a gap.
            target, variadic = variadic, variadic + 1
        if target in arguments:
            raise TypeError(
                f"cannot switch to {new.name}: {target!r} would get two values, by position and"
                " by name"
            )
        arguments[target] = value
        moves[key] = target
    return arguments, moves, doomed


def _target(new: Signature, key: ArgumentKey) -> ArgumentKey | None:
    """Return the key that an argument has with another signature; None if it is not taken."""
    if isinstance(key, int):
        if key < len(new.keys):
            return new.keys[key]
        return None if new.varargs is None else key
    if new.accepts(key):
        return key
    index = new.positional.index(key) if key in new.positional else new.positional_only
    return index if index < new.positional_only else None
