"""A node taken apart into values and the rest, as tree libraries want it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from ..core.edit import Edit, SavedEdit
from ..core.keys import ArgumentKey
from ..core.provenance import Provenance, SavedProvenance
from ..core.slots import NodeSlots
from ..core.tag_type import TagType


class BuildableTraverserMetadata(NamedTuple):
    """All of a node but the values of its arguments; ``__flatten__`` returns it.

    Attributes:
        fn_or_cls: The callable.
        argument_names: The keys of the arguments, in the order of their values.
        argument_tags: Tags by argument key, of those that have any.
        argument_history: The edits of the node, oldest first.
        provenance: Where the node was made, if known.
        form: How many of the first parameters were given by position, in a capture.
        order: Where a capture met the call: after those with a lower number. 0 if none did.
        acted_on: The node, if it has effects: those of what is made of the values act on that.

    Example:
        >>> from bytefig.configs import Config
        >>> values, metadata = Config(dict, a=1, b=2).__flatten__()
        >>> metadata.arguments(value * 10 for value in values)
        {'a': 10, 'b': 20}
        >>> Config.__unflatten__([3, 4], metadata)
        <Config[dict(a=3, b=4)]>
    """

    fn_or_cls: Callable[..., object]
    argument_names: tuple[ArgumentKey, ...]
    argument_tags: Mapping[ArgumentKey, frozenset[TagType]]
    argument_history: tuple[Edit | SavedEdit, ...] = ()
    provenance: Provenance | SavedProvenance | None = None
    form: int = 0
    order: int = 0
    acted_on: NodeSlots | None = None

    def without_history(self) -> BuildableTraverserMetadata:
        """Return the same without edits, and without the place where the node was made."""
        return self._replace(argument_history=(), provenance=None)

    def arguments(self, values: Iterable[object]) -> dict[ArgumentKey, object]:
        """Return the arguments with these values.

        Raises:
            ValueError: There are too many or too few.
        """
        return dict(zip(self.argument_names, values, strict=True))

    def tags(self) -> dict[ArgumentKey, set[TagType]]:
        """Return the tags as sets that can be changed."""
        return {key: set(tags) for key, tags in self.argument_tags.items()}

    def history(self) -> list[Edit | SavedEdit]:
        """Return the edits as a list that can be changed."""
        return list(self.argument_history)
