"""Tag arguments, and set or list tagged ones."""

from .core.sentinels import NO_VALUE
from .core.tag_type import TagType
from .editing.tags import (
    Tag,
    TaggedValue,
    TaggedValueCls,
    TaggedValueNotFilledError,
    add_tag,
    clear_tags,
    get_tags,
    list_tags,
    materialize_tags,
    remove_tag,
    set_argument,
    set_arguments,
    set_tagged,
    set_tags,
    tagged_arguments,
)

__all__ = [
    "NO_VALUE",
    "Tag",
    "TagType",
    "TaggedValue",
    "TaggedValueCls",
    "TaggedValueNotFilledError",
    "add_tag",
    "clear_tags",
    "get_tags",
    "list_tags",
    "materialize_tags",
    "remove_tag",
    "set_argument",
    "set_arguments",
    "set_tagged",
    "set_tags",
    "tagged_arguments",
]
