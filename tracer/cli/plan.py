"""The words of a command line: a function with its arguments, or a graph in a file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import attrs

from ...configs import BUILDABLE_TYPES, Config, signature_of
from ..auto_config import is_auto_config
from ..autoconvert import takes_configs
from ..engine.values import type_of
from ..errors import NoScriptError
from ..scripts import is_script, script_of
from ..values import Assignment, Scope, override
from ..values.files import SUFFIXES, NestedFile
from ..values.presets import says_configs
from .exit_codes import BadUsageError
from .graphs import graph_of, scope_of
from .saved import builders_in, load_saved
from .screen import step
from .target_arguments import CallArguments, node_of_arguments
from .targets import Target, has_callable, resolve_module, resolve_target, search_working_folder
from .words import Words, sort_words


@attrs.frozen
class Plan:
    """The subject of a command: a function and its possible arguments, or a graph in a file.

    Attributes:
        target: The function; None if a file has the graph of everything.
        file: The name of that file, else an empty string.
        scope: The meaning of the names in values.
        captures: Whether a plain function's graph is of interest, rather than its call.
    """

    target: Target | None
    file: str
    scope: Scope
    captures: bool

    @classmethod
    def of(
        cls, words: list[str], allow: Sequence[str], *, captures: bool, also: Sequence[object] = ()
    ) -> Plan:
        """Find the function or graph that the first words name, and take them away.

        Args:
            words: The words of the command line. If the first is no ``path=value`` or option, it is
                ``MODULE:FN``, MODULE alone, or a file that has a graph; the second may be the FN.
            allow: Names that values and files may use, beside those of the module of FN.
            captures: As the attribute.
            also: Objects that files may name.
        """
        place = words.pop(0) if words and not is_about_argument(words[0]) else ""
        if not place or place.endswith(SUFFIXES):
            search_working_folder()  # for what a file names
            return cls(None, place, scope_of(None, allow, also), captures)
        with step(f"importing {place}"):
            target = resolve_target(place) if ":" in place else _in_module(place, words)
        file = "" if target else place
        return cls(target, file, scope_of(target, allow, also), captures)

    @property
    def fn(self) -> Any:
        """The function; None if there is none, or a graph in its place."""
        found = None if self.target is None else self.target.callable
        return None if type_of(found) in BUILDABLE_TYPES else found

    def graph(self, words: Sequence[str], configs: Sequence[str] = ()) -> Any:
        """Return the graph with everything that was given.

        Args:
            words: ``--name=value`` for a parameter of FN, and ``path=value`` for the graph.
            configs: The names of files to start from.

        Raises:
            BadUsageError: Something does not fit.
            click.exceptions.Exit: The user's code failed; the traceback has been printed.
        """
        found = sort_words(words, self.fn)
        if self.file:
            configs = [self.file, *configs]
        loaded, nested = self._loaded(configs)
        if self.fn is None:
            graph = self._of_no_function(loaded)
        elif self.makes_graph:
            graph = self._captured(loaded, found)
        else:
            graph = self._configured(loaded)
            return self._changed(graph, (*nested, *found.arguments, *found.overrides))
        return self._changed(graph, (*nested, *found.overrides))

    def _loaded(self, configs: Sequence[str]) -> tuple[object, list[Assignment]]:
        """Return the graph in files, if one has a whole one, and the values that they set."""
        loaded, nested = None, list[Assignment]()
        for name in configs:
            found = load_saved(name, self.scope.allowed)
            if isinstance(found, NestedFile) and not found.is_graph:
                nested += found.assignments()
                continue
            if loaded is not None or nested:
                raise BadUsageError(
                    f"{name} has a whole graph, and is not the first file", "give it first"
                )
            loaded = found.value(self.scope) if isinstance(found, NestedFile) else found
        return loaded, nested

    def _changed(self, graph: object, assignments: Sequence[Assignment]) -> object:
        return override(graph, assignments, self.scope) if assignments else graph

    @property
    def makes_graph(self) -> bool:
        """Whether the function gives the graph, rather than being called by its root."""
        fn = self.fn
        if fn is None:
            return False
        if self.captures and not isinstance(fn, type):
            return not is_called(fn)
        return is_auto_config(fn) or (says_configs(fn) and not takes_configs(fn))

    def _of_no_function(self, loaded: object) -> object:
        if loaded is None:
            if self.target is None:
                raise BadUsageError(
                    "there is nothing to run or to show",
                    "name a function, MODULE:FN, before everything else",
                )
            return self.target.callable
        if self.target is not None:
            raise BadUsageError(f"{self.target} is a config already, and --config is another")
        return loaded

    def _captured(self, loaded: object, found: Words) -> object:
        assert self.target is not None  # it has the function
        if loaded is None:
            return graph_of(self.target, CallArguments.of(self.fn, found.arguments, self.scope))
        if found.arguments:
            raise BadUsageError(
                f"--config has the graph of {self.target}, so that it is not called with"
                f" {found.arguments[0].label}",
                "set what is in the graph: path=value",
            )
        return loaded

    def _configured(self, loaded: Any) -> object:
        if loaded is None:
            return node_of_arguments(self.fn)
        if type_of(loaded) is dict and all(type_of(key) is str for key in loaded):
            return node_of_arguments(self.fn, loaded)
        if type_of(loaded) is Config and loaded.__fn_or_cls__ is self.fn:
            return loaded
        raise BadUsageError(
            f"--config has {_what(loaded)}, not the arguments of {self.target}",
            "give a file that run --save wrote for the same function, or a dict of arguments",
        )


def is_called(fn: object) -> bool:
    """Tell whether a function is there to be called with configs or by a script, not captured.

    Example:
        >>> from bytefig.tracer import script
        >>> is_called(script(lambda: 1)), is_called(lambda: 1)
        (True, False)
    """
    return takes_configs(fn) or (is_script(fn) and not is_auto_config(fn) and not says_configs(fn))


def find_target(words: list[str]) -> Target:
    """Return the function that the first words name, and take them away.

    Args:
        words: ``MODULE:FN``, ``MODULE`` and ``FN``, or MODULE alone, for its script.

    Raises:
        BadUsageError: There is none.
        click.exceptions.Exit: The user's module failed; the traceback has been printed.
    """
    if not words or is_about_argument(words[0]):
        raise BadUsageError("there is no function named", "name one, MODULE:FN, first")
    place = words.pop(0)
    found = resolve_target(place) if ":" in place else _in_module(place, words)
    if found is None:
        raise BadUsageError(f"{place} has no script", f"name a function in it: {place}:FN")
    return found


def is_about_argument(text: str) -> bool:
    """Tell whether a word is about an argument, and names no function."""
    return text.startswith("-") or "=" in text


def _in_module(place: str, words: list[str]) -> Target | None:
    """Return the function of a module that the next word names, or that `script` marks.

    None if it has neither, but one that gives the graph that was saved in it.
    """
    module = resolve_module(place)
    if words and has_callable(module, words[0]):
        return resolve_target(f"{place}:{words.pop(0)}")
    try:
        return resolve_target(f"{place}:{script_of(module)}")
    except NoScriptError:
        if words and words[0].isidentifier():
            return resolve_target(f"{place}:{words[0]}")  # which says what there is
        if place.endswith(".py") and builders_in(module):
            return None
        raise


def _what(value: Any) -> str:
    if type_of(value) in BUILDABLE_TYPES:
        return f"a config of {signature_of(value.__fn_or_cls__).name}"
    return f"a {type_of(value).__name__}"
