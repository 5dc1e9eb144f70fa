"""Capture, edit, save and build what users of five libraries write, without source.

Each module beside this one holds builders of one library. It is compiled, and its source left
behind; each builder is captured, and what the graph builds is compared with what the call makes,
under one seed: as it is, after JSON, YAML and both kinds of source, and after an edit deep inside,
which has to change what is built. Run it with ``make real-builders``, or with
``python docs/examples/real_builders/check.py sklearn torch``.
"""

from __future__ import annotations

import copy
import importlib
import os
import py_compile
import random
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from bytefig.configs import (
    Buildable,
    CallForm,
    Place,
    build,
    canonical_text,
    dump_json,
    dump_yaml,
    iterate,
    load_json,
    load_yaml,
    register_codec,
    register_source,
    to_auto_config_source,
    to_source,
)
from bytefig.configs.permission import Allowed, Noted
from bytefig.tracer import capture, is_auto_config
from bytefig.tracer.verification.differences import first_difference

HERE = Path(__file__).parent
LIBRARIES = ("sklearn", "torch", "transformers", "flax", "keras")
COLUMNS = ("captured", "same", "JSON", "YAML", "source", "auto_config", "edited")


def imported_without_source(library: str, folder: Path) -> ModuleType:
    """Return the module of a library's builders, of which only bytecode is left."""
    name = f"builders_{library}"
    compiled = folder / f"{name}.pyc"
    py_compile.compile(str(HERE / f"{name}.py"), cfile=str(compiled), dfile="<gone>", doraise=True)
    return importlib.import_module(name)


def teach_tensors() -> None:
    """Let tensors be saved and written: those that C functions make are values, not nodes."""
    torch = importlib.import_module("torch")
    register_codec(torch.Tensor, "tensor", torch.Tensor.tolist, torch.tensor)
    register_source(torch.Tensor, lambda tensor: CallForm(torch.tensor, (tensor.tolist(),)))


def seeded(make: Callable[[], Any]) -> Any:
    """Return what a function makes, the global generators being in one state before."""
    random.seed(0)
    for name, seed in (("numpy.random", "seed"), ("torch", "manual_seed")):
        if name in sys.modules:
            getattr(sys.modules[name], seed)(0)
    if "keras" in sys.modules:  # which numbers the layers without a name
        sys.modules["keras"].utils.clear_session()
        sys.modules["keras"].utils.set_random_seed(0)
    return make()


class Check:
    """Finds out about one builder.

    Attributes:
        builder: The function.
        comparable: Returns what is to be compared of what it makes.
        graph: What is captured of it.
    """

    def __init__(self, builder: Callable[[], Any], comparable: Callable[[Any], Any]) -> None:
        self.builder = builder
        self.comparable = comparable
        self.graph = capture(builder)

    def columns(self) -> Iterator[bool]:
        """Yield what the columns say, in their order."""
        yield True
        yield self.builds_the_same(self.graph)
        yield self.is_again(load_json(dump_json(self.graph), allow=Noted(Allowed([]))))
        yield self.is_again(load_yaml(dump_yaml(self.graph), allow=Noted(Allowed([]))))
        yield self.is_again(written(to_source(self.graph)))
        yield self.is_again(written(to_auto_config_source(self.graph)))
        yield any(self.builds_something_else(edited) for edited in edits(self.graph))

    def made(self, make: Callable[[], Any]) -> Any:
        """Return what a function makes under the seed, as it is to be compared."""
        return self.comparable(seeded(make))

    def builds_the_same(self, graph: Any) -> bool:
        """Tell whether a graph builds what the call makes."""
        return first_difference(self.made(self.builder), self.made(lambda: build(graph))) is None

    def is_again(self, graph: Any) -> bool:
        """Tell whether a graph that was saved and loaded is the same."""
        return canonical_text(graph) == canonical_text(self.graph) and self.builds_the_same(graph)

    def builds_something_else(self, edited: Any) -> bool:
        """Tell whether an edit can be built, and changes what is."""
        try:
            after = self.made(lambda: build(edited))
        except Exception:  # not every number can be any
            return False
        return first_difference(self.made(self.builder), after) is not None


def written(source: str) -> Any:
    """Return the graph that source makes."""
    names: dict[str, Any] = {}
    exec(source, names)
    made = names["build_config"]
    return made.as_buildable() if is_auto_config(made) else made()


def edits(graph: Any) -> Iterator[Any]:
    """Yield copies of a graph with one number changed, those deepest inside first."""
    count = len(_numbers(graph))
    for index in range(count):
        edited = copy.deepcopy(graph)
        place = _numbers(edited)[index]
        assert place.parent is not None
        owner = place.parent.value
        if isinstance(place.key, str) and isinstance(owner, Buildable):
            setattr(owner, place.key, place.value * 2 + 1)
        else:
            owner[place.key] = place.value * 2 + 1
        yield edited


def _numbers(graph: Any) -> list[Place]:
    found = [
        place
        for place in iterate(graph)
        if type(place.value) in (int, float)
        and place.parent is not None
        and isinstance(place.parent.value, Buildable | list | dict)
    ]
    return sorted(found, key=lambda place: -len(place.path))


def row(library: str, module: ModuleType, builder: Callable[[], Any]) -> Iterator[str]:
    """Print a row of the table, and yield what is not as it should be."""
    print(f"  {builder.__name__:30}", end="", flush=True)
    done = 0
    try:
        found = Check(builder, getattr(module, "comparable", lambda made: made))
        for fine in found.columns():
            print(f"{'yes' if fine else 'NO':13}", end="", flush=True)
            if not fine:
                yield f"{library}.{builder.__name__}: {COLUMNS[done]}"
            done += 1
    except Exception as error:
        text = "".join(traceback.format_exception_only(error))
        yield f"{library}.{builder.__name__}: {COLUMNS[done]}: {text}"
    print()


def main(libraries: list[str]) -> int:
    """Print a table of the builders of libraries; return 1 if one is not as it should be."""
    os.environ.setdefault("KERAS_BACKEND", "jax")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        sys.path.insert(0, folder)
        for library in libraries:
            module = imported_without_source(library, Path(folder))
            if library == "torch":
                teach_tensors()
            print(f"\n{library:32}" + "".join(f"{column:13}" for column in COLUMNS))
            for builder in module.BUILDERS:
                wrong += row(library, module, builder)
    print("", *wrong, f"{len(wrong)} wrong", sep="\n")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or list(LIBRARIES)))
