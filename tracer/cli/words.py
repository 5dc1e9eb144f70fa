"""The words after ``bytefig run MODULE:FN``: arguments, ``--name=value``, and ``path=value``."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any, get_args, get_origin

import attrs

from ...configs import Attr, Index, Signature, signature_of
from ...configs.for_tracer import UNIONS, Hints, hints_of, plain_hint, short_repr
from ..values import Assignment, Scope, parse_assignment
from .failing import BadUsageError

_FORM = "write --name=value for a parameter, and path=value for something in the graph"


@attrs.frozen
class Words:
    """What the words say.

    Attributes:
        arguments: The values of parameters.
        overrides: The values of places in the graph.
    """

    arguments: list[Assignment]
    overrides: list[Assignment]


def sort_words(words: Sequence[str], fn: Any) -> Words:
    """Tell arguments and overrides apart.

    ``--name value`` is two words for ``--name=value``. A parameter that takes True or False needs
    no value: ``--name``, or ``--no-name``. A ``-`` stands for a ``_`` where no parameter has it.

    Args:
        words: The words.
        fn: The function that has the parameters; None if there is none.

    Raises:
        BadUsageError: A word is neither, or an argument has no value.
        ValueLanguageError: The path of an override is none.
    """
    signature = None if fn is None else signature_of(fn)
    hints = None if fn is None else hints_of(fn)
    found = Words([], [])
    rest = list(reversed(words))
    while rest:
        word = rest.pop()
        if not word.startswith("--"):
            if word.startswith("-"):
                raise BadUsageError(f"there is no option {word}", _FORM)
            found.overrides.append(parse_assignment(word))
            continue
        written, equals, text = word[2:].partition("=")
        if signature is None or hints is None:
            raise BadUsageError(f"{word} sets a parameter, but there is no MODULE:FN", _FORM)
        name, flag = _parameter(written, signature, hints)
        if not equals and flag is not None:
            text = str(flag)
        elif not equals:
            if not rest or rest[-1].startswith("--"):
                raise BadUsageError(f"--{written} needs a value", f"write --{written}=VALUE")
            text = rest.pop()
        elif flag is False:
            raise BadUsageError(f"--{written} takes no value", f"write --{written}")
        found.arguments.append(Assignment((_step(name, signature),), text, f"--{written}"))
    return found


def _parameter(written: str, signature: Signature, hints: Hints) -> tuple[str, bool | None]:
    """Return the parameter of an option, and what it means without a value, if it needs none."""
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
    hint = plain_hint(hints.of(_key(name, signature), len(signature.keys)))
    options = get_args(hint) if get_origin(hint) in UNIONS else (hint,)
    return bool in options


def _key(name: str, signature: Signature) -> int | str:
    positional_only = signature.positional[: signature.positional_only]
    return positional_only.index(name) if name in positional_only else name


def _step(name: str, signature: Signature) -> Attr | Index:
    key = _key(name, signature)
    return Index(key) if isinstance(key, int) else Attr(key)


def describe_parameters(fn: Any, scope: Scope | None = None) -> list[tuple[str, str]]:
    """Return the parameters of a function as they are written, and what its docstring says of them.

    Example:
        >>> def train(epochs: int = 3, *, lr: float):
        ...     '''Train.
        ...
        ...     Args:
        ...         epochs: How often all data
        ...             is seen.
        ...     '''
        >>> describe_parameters(train)
        [('--epochs: int = 3', 'How often all data is seen.'), ('--lr: float', '')]
    """
    try:
        parameters = inspect.signature(fn).parameters.values()
    except (TypeError, ValueError):
        return []
    said = _said_in(inspect.getdoc(fn) or "")
    signature, hints = signature_of(fn), hints_of(fn)
    found: list[tuple[str, str]] = []
    for parameter in parameters:
        if parameter.kind is parameter.VAR_POSITIONAL:
            continue
        hint = hints.of(_key(parameter.name, signature), len(signature.keys))
        text = f"--{parameter.name}"
        if hint is not None:
            text += f": {inspect.formatannotation(hint)}"
        if parameter.default is not parameter.empty:
            text += f" = {short_repr(parameter.default, 60)}"
        lines = [said.get(parameter.name, "")]
        presets = [] if scope is None else scope.presets(hint)
        lines += [f"presets: {', '.join(presets)}"] if presets else []
        found.append((text, "\n      ".join(filter(None, lines))))
    return found


def summary_of(fn: Any) -> str:
    """Return the first paragraph of a function's docstring."""
    return (inspect.getdoc(fn) or "").partition("\n\n")[0]


def _said_in(text: str) -> dict[str, str]:
    """Return what the section ``Args:`` says, by parameter."""
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
