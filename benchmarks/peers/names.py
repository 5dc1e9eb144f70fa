"""Write the tables of names in the guide: what Fiddle and NeMo Run have, and what takes its place.

``make names``, in an environment that has both. A name is the same if a module that takes the place
of the peer's has it, and a function of that name takes every parameter that the peer's takes.
``names.toml`` says what the others are called here, or why there is nothing; it is an error if that
lacks a name, or has one that is not needed.
"""

from __future__ import annotations

import ast
import importlib
import importlib.metadata
import importlib.util
import inspect
import pkgutil
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

GUIDE = Path(__file__).parents[2] / "docs" / "guide"
KNOWN = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
BEGIN, END = "<!-- written by benchmarks/peers/names.py -->\n", "<!-- end -->\n"
SAME, OTHERWISE, MISSING = "the same", "otherwise", "missing"
#: By distribution, the package and the page of the guide with its table.
PEERS = {
    "fiddle": ("fiddle", "how-to/fiddle.md"),
    "nemo-run": ("nemo_run", "how-to/nemo-run.md"),
}
#: Parts of names of modules that are not for users.
PRIVATE = {"_src", "colabs", "example", "examples", "testing", "version"}


class Row(NamedTuple):
    """One name of a peer, and what takes its place."""

    module: str
    name: str
    verdict: str
    text: str


def public_modules(package: str) -> Iterator[str]:
    """Yield the modules of a peer that users import."""
    yield package
    if package == "nemo_run":
        yield "nemo_run.cli"
        return
    found = importlib.util.find_spec(package)
    assert found is not None
    for each in pkgutil.walk_packages(found.submodule_search_locations, f"{package}."):
        if PRIVATE.isdisjoint(each.name.split(".")) and not each.name.endswith("_test"):
            yield each.name


def public_names(module: str) -> list[str]:
    """Return what a module defines or passes on, from its source: not each can be imported."""
    spec = importlib.util.find_spec(module)
    origin = None if spec is None else spec.origin
    assert origin is not None, f"{module} has no source"
    package = module.partition(".")[0]
    found: dict[str, None] = {}
    for node in ast.parse(Path(origin).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(package):
            found.update(dict.fromkeys(alias.asname or alias.name for alias in node.names))
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = None
        elif isinstance(node, ast.Assign):
            found.update((each.id, None) for each in node.targets if isinstance(each, ast.Name))
    return [name for name in found if not name.startswith("_")]


def parameters(value: Any) -> dict[str, inspect.Parameter]:
    """Return the parameters of a function by name; of all else nothing is asked."""
    return dict(inspect.signature(value).parameters) if inspect.isfunction(value) else {}


def is_same(module: str, name: str, ours: str) -> bool:
    """Return whether users of a name need another import only."""
    here = getattr(importlib.import_module(ours), name, None)
    if here is None:
        return False
    there = [*parameters(getattr(importlib.import_module(module), name))]
    taken = parameters(here)
    is_open = any(each.kind is each.VAR_KEYWORD for each in taken.values())
    return is_open or {*there[1:]} <= {*taken}  # the first is given by position


def explained(module: str) -> dict[str, str]:
    """Return what `names.toml` says of the names of a module."""
    return {name: text for names, text in KNOWN.get(module, {}).items() for name in names.split()}


def rows(package: str) -> Iterator[Row]:
    """Yield a row for each name of a peer.

    Raises:
        LookupError: `names.toml` is silent about a name, or says something needless.
    """
    for module in public_modules(package):
        texts, places = explained(module), KNOWN["modules"].get(module, ())
        for name in public_names(module):
            text = texts.pop(name, None)
            if text is None:
                ours = next((each for each in places if is_same(module, name, each)), None)
                if ours is None:
                    raise LookupError(f"names.toml has to say what becomes of {module}.{name}")
                yield Row(module, name, SAME, f"`{ours}`")
            elif text.startswith("- "):
                yield Row(module, name, MISSING, f"none: {text[2:]}")
            else:
                yield Row(module, name, OTHERWISE, text)
        if texts:
            raise LookupError(f"{module} has no {', '.join(texts)}, which names.toml speaks of")


def table(distribution: str) -> str:
    """Return the table of a peer, and how many of its names are the same."""
    found = list(rows(PEERS[distribution][0]))
    counts = Counter(row.verdict for row in found)
    lines = [
        f"{distribution} {KNOWN['versions'][distribution]} has {len(found)} public names:"
        f" {counts[SAME]} are the same here, {counts[OTHERWISE]} are called otherwise, and"
        f" {counts[MISSING]} have nothing in their place.\n",
        "\n| module | names | here |\n| --- | --- | --- |\n",
    ]
    groups: dict[tuple[str, str], list[str]] = {}
    for row in found:
        text = f"the same, in {row.text}" if row.verdict == SAME else row.text
        groups.setdefault((row.module, text), []).append(f"`{row.name}`")
    lines += [
        f"| `{module}` | {', '.join(names)} | {text} |\n"
        for (module, text), names in groups.items()
    ]
    return "".join(lines)


def with_table(page: str, distribution: str) -> str:
    """Return a page of the guide with its table written anew."""
    head, rest = page.split(BEGIN)
    _, tail = rest.split(END)
    return f"{head}{BEGIN}\n{table(distribution)}\n{END}{tail}"


def main() -> int:
    """Write the table of each peer that is installed."""
    for distribution, (_, name) in PEERS.items():
        try:
            version = importlib.metadata.version(distribution)
        except importlib.metadata.PackageNotFoundError:
            print(f"{distribution} is not installed; its table stays as it is", file=sys.stderr)
            continue
        if version != KNOWN["versions"][distribution]:
            print(f"names.toml is about another version than {version}", file=sys.stderr)
            return 1
        path = GUIDE / name
        path.write_text(with_table(path.read_text(encoding="utf-8"), distribution), "utf-8")
        print(table(distribution).splitlines()[0])
    return 0


if __name__ == "__main__":
    sys.exit(main())
