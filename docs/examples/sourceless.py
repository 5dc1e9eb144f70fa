"""Edit and build a model that a function without source describes.

A module that builds a scikit-learn pipeline is compiled and its source deleted. Its function is
captured from the bytecode that is left, as a graph of configs; the graph is printed, edited and
built. Run it with ``make demo``, or with ``python docs/examples/sourceless.py``.
"""

from __future__ import annotations

import importlib
import inspect
import py_compile
import sys
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split

from bytefig.configs import Buildable, build, contains_buildable, get_callable
from bytefig.tracer import auto_config

MODULE_NAME = "wine_model"

SOURCE = '''\
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler


def build_pipeline(columns):
    """Scale the given columns, drop the others, and classify."""
    return Pipeline(
        steps=[
            ("columns", ColumnTransformer([("scale", StandardScaler(), columns)])),
            ("classify", LogisticRegression(C=1.0, max_iter=500)),
        ]
    )
'''


def import_without_source(folder: Path) -> ModuleType:
    """Compile the module into a folder, delete its source and import what is left."""
    source = folder / f"{MODULE_NAME}.py"
    source.write_text(SOURCE, encoding="utf-8")
    # Beside the source, not in `__pycache__`: only there is bytecode imported on its own.
    py_compile.compile(str(source), cfile=str(folder / f"{MODULE_NAME}.pyc"), doraise=True)
    source.unlink()
    importlib.invalidate_caches()
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module(MODULE_NAME)
    finally:
        sys.path.remove(str(folder))


def has_source(function: Any) -> bool:
    """Tell whether Python can find the source of a function."""
    try:
        inspect.getsource(function)
    except OSError:
        return False
    return True


def show(name: str, value: Any, indent: str = "   ") -> None:
    """Print a graph: a line for each config, and for each list or tuple that holds configs."""
    if isinstance(value, Buildable):
        print(f"{indent}{name}: {get_callable(value).__qualname__}")
        parts = [(str(key), argument) for key, argument in value.__arguments__.items()]
    elif isinstance(value, list | tuple) and contains_buildable(value):
        print(f"{indent}{name}:")
        parts = [(f"[{index}]", item) for index, item in enumerate(value)]
    else:
        print(f"{indent}{name} = {value!r}")
        return
    for part_name, part in parts:
        show(part_name, part, indent + "  ")


def main() -> None:
    """Run the steps, and say what each one does."""
    features, labels = load_wine(return_X_y=True)
    train_x, test_x, train_y, test_y = train_test_split(
        features, labels, test_size=0.4, random_state=7, stratify=labels
    )
    columns = [0, 1, 2]

    with tempfile.TemporaryDirectory() as folder:
        build_pipeline = import_without_source(Path(folder)).build_pipeline
    print(f"1. Imported {build_pipeline.__qualname__} from bytecode; its source is deleted.")
    if has_source(build_pipeline):
        raise SystemExit("the source can still be found: nothing is shown by this demo")

    config = auto_config(build_pipeline).as_buildable(columns)
    print("2. Captured it. The graph of what it builds:\n")
    show("config", config)

    print("\n3. Built the graph unedited, and called the function directly.")
    rebuilt = build(config).fit(train_x, train_y)
    direct = build_pipeline(columns).fit(train_x, train_y)
    if (rebuilt.predict(test_x) != direct.predict(test_x)).any():
        raise SystemExit("the unedited build predicts something else than the function's own model")
    print("   Both give the same predictions.")
    print(f"   accuracy unedited: {rebuilt.score(test_x, test_y):.3f}")

    config.steps[1][1].C = 0.1
    print("4. Edited the graph: config.steps[1][1].C = 0.1. Built and fitted it again.")
    edited = build(config).fit(train_x, train_y)
    print(f"   accuracy edited:   {edited.score(test_x, test_y):.3f}")


if __name__ == "__main__":
    main()
