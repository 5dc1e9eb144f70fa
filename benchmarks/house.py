"""Count what a reader of the code meets: lines, uses of Any, names, and words of docstrings.

python benchmarks/house.py             # this checkout, and the state before 0.2
python benchmarks/house.py HEAD~20     # this checkout, and another commit
python benchmarks/house.py --list      # every place behind the counts of this checkout
"""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys
import tarfile
import tokenize
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

ROOMS = ("configs", "tracer", "testing")
#: The last commit of 0.1, whose files stood before all that 0.2 adds.
BEFORE = "c19c98dc08a8"
LEANING = re.compile(r"\b(what|that of|those of|that which|those which)\b", re.IGNORECASE)

Sources = Mapping[str, str]
#: Each count by its title, with the places that are counted.
Counts = dict[str, list[str]]


def git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], check=True, capture_output=True).stdout


def sources(revision: str | None) -> Sources:
    """Return the text of each module, of a commit or of the checkout."""
    if revision is None:
        files = [file for room in ROOMS for file in sorted(Path(room).rglob("*.py"))]
        return {file.as_posix(): file.read_text(encoding="utf-8") for file in files}
    rooms = git("ls-tree", "--name-only", revision, *ROOMS).decode().split()
    with tarfile.open(fileobj=io.BytesIO(git("archive", revision, *rooms))) as archive:
        members = [each for each in archive.getmembers() if each.name.endswith(".py")]
        return {each.name: archive.extractfile(each).read().decode() for each in members}


def lines_by_origin(before: str, then: Sources, now: Sources) -> list[tuple[str, int, int]]:
    """Return the lines of each origin, before and now; git tells what has moved where."""
    rooms = [room for room in ROOMS if Path(room).exists()]
    status = git("diff", "--name-status", "-M30%", "-l0", before, "--", *rooms).decode()
    changes = [line.split("\t") for line in status.splitlines()]
    added = {parts[1] for parts in changes if parts[0] == "A"}
    gone = {parts[1] for parts in changes if parts[0] == "D"}
    count = {"then": {file: text.count("\n") for file, text in then.items()}}
    count["now"] = {file: text.count("\n") for file, text in now.items()}
    stood = sum(count["then"].values())
    return [
        ("lines in all", stood, sum(count["now"].values())),
        (
            "lines in files that stood before",
            stood - sum(count["then"].get(file, 0) for file in gone),
            sum(lines for file, lines in count["now"].items() if file not in added),
        ),
        ("lines in files that are gone", sum(count["then"].get(file, 0) for file in gone), 0),
        ("lines in new files", 0, sum(count["now"].get(file, 0) for file in added)),
    ]


def uses_of_any(file: str, text: str) -> Iterator[str]:
    """Yield the place of each Any that is not part of an import."""
    imports = {
        (alias.lineno, alias.col_offset)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.NAME and token.string == "Any" and token.start not in imports:
            yield f"{file}:{token.start[0]}"


def definitions(file: str, module: ast.Module) -> dict[str, str]:
    """Return the place of each public class, function and type alias that a module defines."""
    places: dict[str, str] = {}
    for statement in module.body:
        match statement:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                pass
            case ast.AnnAssign(target=ast.Name(id=name), annotation=ast.Name(id="TypeAlias")):
                pass
            case _:
                continue
        if not name.startswith("_"):
            places[name] = f"{file}:{statement.lineno}"
    return places


def leaning_summaries(file: str, module: ast.Module) -> Iterator[str]:
    """Yield the docstring summaries that say "what ..." or "that of ..." instead of a name."""
    for node in ast.walk(module):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            summary = " ".join((ast.get_docstring(node) or "").split("\n\n")[0].split())
            if LEANING.search(summary):
                yield f"{file}:{node.body[0].lineno}: {summary}"


def summaries(module: ast.Module) -> int:
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = (node for node in ast.walk(module) if isinstance(node, documented))
    return sum(ast.get_docstring(node) is not None for node in nodes)


def several(places: Mapping[str, list[str]]) -> list[str]:
    return [f"{name}: {', '.join(at)}" for name, at in sorted(places.items()) if len(at) > 1]


Imports = Mapping[str, Mapping[str, tuple[str, str]]]


def imports_of(file: str, module: ast.Module) -> dict[str, tuple[str, str]]:
    """Return the module and the name there of each relative import."""
    parts = PurePosixPath(file).parent.parts
    return {
        alias.asname or alias.name: (
            "/".join([*parts[: len(parts) - each.level + 1], *(each.module or "").split(".")]),
            alias.name,
        )
        for each in module.body
        if isinstance(each, ast.ImportFrom) and each.level
        for alias in each.names
    }


def origin(imports: Imports, place: tuple[str, str]) -> tuple[str, str]:
    """Return the place that defines a name, through the modules that pass it on."""
    module, name = place
    for file in (f"{module}.py", f"{module}/__init__.py"):
        if name in imports.get(file, {}):
            return origin(imports, imports[file][name])
    return place


def exported(imports: Imports) -> dict[str, list[str]]:
    """Return the origins of each public name that packages import to export it."""
    found: dict[str, set[str]] = defaultdict(set)
    for file, names in imports.items():
        for name, place in names.items() if file.endswith("__init__.py") else ():
            if not name.startswith("_"):
                found[name].add(":".join(origin(imports, place)))
    return {name: sorted(places) for name, places in found.items()}


def measured(texts: Sources) -> tuple[Counts, int]:
    """Return all places by what they are counted for, and the number of docstrings."""
    modules = {file: ast.parse(text) for file, text in texts.items()}
    names: dict[str, list[str]] = defaultdict(list)
    stems: dict[str, list[str]] = defaultdict(list)
    for file, module in modules.items():
        for name, place in definitions(file, module).items():
            names[name].append(place)
        if PurePosixPath(file).stem not in {"__init__", "__main__"}:
            stems[PurePosixPath(file).stem].append(file)
    counts = {
        "uses of Any": [at for file, text in texts.items() for at in uses_of_any(file, text)],
        "exported names with several meanings": several(
            exported({file: imports_of(file, module) for file, module in modules.items()})
        ),
        "public names that several modules define": several(names),
        "file names that occur twice": several(stems),
        "docstring summaries that lean": [
            at for file, module in modules.items() for at in leaning_summaries(file, module)
        ],
    }
    return counts, sum(map(summaries, modules.values()))


def main(arguments: list[str]) -> int:
    listing = "--list" in arguments
    before = next((each for each in arguments if not each.startswith("-")), BEFORE)
    then, now = sources(before), sources(None)
    (old, old_summaries), (new, new_summaries) = measured(then), measured(now)
    rows = [*lines_by_origin(before, then, now), ("files", len(then), len(now))]
    rows += [(title, len(old[title]), len(new[title])) for title in new]
    rows += [("docstring summaries in all", old_summaries, new_summaries)]
    print(f"{'':44}{'before':>8}{'now':>8}")
    for title, count, is_now in rows:
        print(f"{title:44}{count:8,}{is_now:8,}")
    for title, places in new.items() if listing else ():
        print(f"\n{title}:", *places, sep="\n  ")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
