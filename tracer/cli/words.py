"""The words after ``bytefig run MODULE:FN``: arguments, ``--name=value``, and ``path=value``."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from typing import Final

import attrs

from ...configs import Attr, Index, Signature, signature_of
from ...configs.for_tracer import Hints, hints_of, options_of
from ..values import Assignment, parse_assignment
from ..values.assignments import is_assignment
from ..values.combination import SIGNS
from .exit_codes import BadUsageError

#: What begins with a ``-`` and is a value.
_NUMBER: Final = re.compile(r"-[\d.]")
_FORM = "write --name=value for a parameter, and path=value for something in the graph"


@attrs.frozen
class Words:
    """Values of parameters, and of places in the graph."""

    arguments: list[Assignment]
    overrides: list[Assignment]


def sort_words(words: Sequence[str], fn: Callable[..., object] | None) -> Words:
    """Tell arguments and overrides apart.

    ``--name value`` is two words for ``--name=value``. A parameter that takes True or False needs
    no value: ``--name``, or ``--no-name``. A ``-`` stands for a ``_`` where no parameter has it.
    ``--path=value`` with a path of several steps is ``path=value``. A word that is none of these is
    the value of the next parameter that takes one by position.
    """
    return _Sorter(fn).sort(words)


class _Sorter:
    """Sorts the words for one function."""

    def __init__(self, fn: Callable[..., object] | None) -> None:
        self._signature = None if fn is None else signature_of(fn)
        self._hints = None if fn is None else hints_of(fn)
        self._found = Words([], [])
        self._given: dict[str, str] = {}
        self._count = 0

    def sort(self, words: Sequence[str]) -> Words:
        rest = list(reversed(words))
        while rest:
            word = rest.pop()
            if word.startswith("--"):
                self._option(word, rest)
            elif word.startswith("-") and not _NUMBER.match(word):
                raise BadUsageError(f"there is no option {word}", _FORM)
            elif is_assignment(word):
                self._found.overrides.append(parse_assignment(word))
            else:
                self._by_position(word)
        return self._found

    def _option(self, word: str, rest: list[str]) -> None:
        written, equals, text = word[2:].partition("=")
        sign = written[-1:] if equals and written[-1:] in SIGNS else ""
        written = written.removesuffix(sign)
        if "." in written or "[" in written:
            # A string in brackets may have a ``=``.
            whole = word[2:] if equals else f"{word[2:]}={self._next(written, rest)}"
            self._found.overrides.append(parse_assignment(_underscored(whole)))
            return
        if self._signature is None or self._hints is None:
            raise BadUsageError(f"{word} sets a parameter, but there is no MODULE:FN", _FORM)
        name, flag = _parameter(written, self._signature, self._hints)
        if not equals and flag is not None:
            text = str(flag)
        elif not equals:
            text = self._next(written, rest)
        elif flag is False:
            raise BadUsageError(f"--{written} takes no value", f"write --{written}")
        self._add(name, text, f"--{written}", sign)

    def _next(self, written: str, rest: list[str]) -> str:
        if not rest or rest[-1].startswith("--"):
            raise BadUsageError(f"--{written} needs a value", f"write --{written}=VALUE")
        return rest.pop()

    def _by_position(self, word: str) -> None:
        signature = self._signature
        if signature is None:
            raise BadUsageError(f"{word!r} is no path=value, and there is no MODULE:FN", _FORM)
        index, self._count = self._count, self._count + 1
        if index < len(signature.positional):
            name = signature.positional[index]
            self._add(name, word, name)
        elif signature.varargs is not None:
            label = f"{signature.varargs}[{index - len(signature.positional)}]"
            self._found.arguments.append(Assignment((Index(index),), word, label))
        else:
            takes = ", ".join(signature.positional) or "nothing"
            raise BadUsageError(
                f"{word!r} is one value too many: {signature.name} takes {takes} by position", _FORM
            )

    def _add(self, name: str, text: str, label: str, sign: str = "") -> None:
        assert self._signature is not None  # or it would have no name
        before = self._given.setdefault(name, label)
        if not sign and before != label and name in (label, before):
            raise BadUsageError(f"{name} is given by position, and as --{name}", "leave one out")
        key = argument_key(name, self._signature)
        path = (Index(key) if isinstance(key, int) else Attr(key),)
        self._found.arguments.append(Assignment(path, text, label, sign))


def _underscored(text: str) -> str:
    """Return an override whose names have a ``_`` where a ``-`` was written."""
    end = next((at for at, char in enumerate(text) if char in "[="), len(text))
    return text[: end - 1].replace("-", "_") + text[end - 1 :]


def _parameter(written: str, signature: Signature, hints: Hints) -> tuple[str, bool | None]:
    """Return the parameter of an option, and its value without a text, if it needs none."""
    names = (*signature.positional, *signature.keyword_only)
    if not written:
        raise BadUsageError("there is no name after --", _FORM)
    for name in (written, written.replace("-", "_")):
        if name in names or (signature.varkw and name.isidentifier()):
            return name, (True if _takes_bool(name, signature, hints) else None)
    negated = written.removeprefix("no-").replace("-", "_")
    if written.startswith("no-") and negated in names and _takes_bool(negated, signature, hints):
        return negated, False
    # Let the graph itself say what is wrong, with what else there is.
    return written.replace("-", "_"), None


def _takes_bool(name: str, signature: Signature, hints: Hints) -> bool:
    return bool in options_of(hints.of(argument_key(name, signature), len(signature.keys)))


def argument_key(name: str, signature: Signature) -> int | str:
    """Return the key of the parameter of a name."""
    positional_only = signature.positional[: signature.positional_only]
    return positional_only.index(name) if name in positional_only else name


def described_parameters(fn: Callable[..., object]) -> list[tuple[inspect.Parameter, str]]:
    """Return the parameters of a function, and the description of each in its docstring.

    Example:
        >>> def train(epochs: int = 3, *, lr: float):
        ...     '''Train.
        ...
        ...     Args:
        ...         epochs: How often all data
        ...             is seen.
        ...     '''
        >>> [(parameter.name, said) for parameter, said in described_parameters(train)]
        [('epochs', 'How often all data is seen.'), ('lr', '')]
    """
    try:
        parameters = inspect.signature(fn).parameters.values()
    except (TypeError, ValueError):
        return []
    said = _said_in(inspect.getdoc(fn) or "")
    return [(parameter, said.get(parameter.name, "")) for parameter in parameters]


def _said_in(text: str) -> dict[str, str]:
    """Return the texts of the section ``Args:``, by parameter."""
    said: dict[str, str] = {}
    name, indent, inside = "", 0, False
    for line in text.splitlines():
        if line.strip() in ("Args:", "Arguments:", "Parameters:"):
            inside, indent = True, 0
            continue
        if not inside or not line.strip():
            continue
        depth = len(line) - len(line.lstrip())
        if not depth:
            break
        indent = indent or depth
        if depth > indent:
            said[name] = f"{said.get(name, '')} {line.strip()}".strip()
            continue
        head, colon, tail = line.strip().partition(":")
        name = head.partition(" ")[0].lstrip("*") if colon else ""
        said[name] = tail.strip()
    return said
