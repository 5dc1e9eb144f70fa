"""What MkDocs, and Griffe, which reads the docstrings for it, have to be told of this project."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

import griffe

EXAMPLE = re.compile(r"^Example:$", re.MULTILINE)
SESSION = re.compile(r"^( *)```python(.*)\n( *>>> (?:.*\n)*?)\n?\1```$", re.MULTILINE)


class PublicNames(griffe.Extension):
    """Show examples as such, and functions that have the name of the module they come from."""

    def on_instance(self, *, obj: griffe.Object, **_kwargs: Any) -> None:
        """Give ``Example:`` the title that Griffe reads as one of code with its output."""
        if obj.docstring is not None:
            obj.docstring.value = EXAMPLE.sub("Examples:", obj.docstring.value)

    def on_class_members(self, *, cls: griffe.Class, **_kwargs: Any) -> None:
        """Leave out special methods: the language says what they do."""
        for name in [*cls.members]:
            if name.startswith("__") and name != "__init__":
                del cls.members[name]

    def on_package(self, *, pkg: griffe.Module, **_kwargs: Any) -> None:
        """Let imported names hide submodules of the same name, as they do when Python runs."""
        modules = [*modules_of(pkg)]
        hidden: dict[int, griffe.Object | griffe.Alias] = {}
        for module in modules:
            for member in module.members.values():
                if isinstance(member, griffe.Alias):
                    with suppress(griffe.AliasResolutionError):  # of another library
                        member.resolve_target()  # before what it leads through is hidden
            for name in set(module.modules) & set(module.imports) & set(module.exports or ()):
                if module.imports[name] != module[name].path:
                    hidden[id(module[name])] = pkg.modules_collection[module.imports[name]]
        for module in modules:
            for name, member in [*module.members.items()]:
                found = (
                    member.target
                    if isinstance(member, griffe.Alias) and member.resolved
                    else member
                )
                if id(found) in hidden:
                    module.members[name] = griffe.Alias(name, hidden[id(found)], parent=module)


def modules_of(module: griffe.Module) -> Any:
    """Yield a module and all that it contains."""
    yield module
    for inside in module.modules.values():
        yield from modules_of(inside)


def on_page_markdown(markdown: str, **_kwargs: Any) -> str:
    """Have examples with prompts coloured as such, so that the copy button can leave those out."""
    return SESSION.sub(r"\1```pycon\2\n\3\1```", markdown)
