"""Whether the public names of a package stay what they are, whichever module is imported first."""

import json
import subprocess
import sys

#: Run in a process of its own, which has imported nothing yet. Each submodule is imported in a fork
#: of it, right after the package, before any of the names that are imported late is asked for.
_SCRIPT = """
import importlib, json, os, pathlib, sys, traceback

package = importlib.import_module(sys.argv[1])
root = pathlib.Path(package.__file__).parent


def described(names):
    found = {}
    for name in names:
        value = getattr(package, name)
        module = getattr(value, "__module__", "")
        named = getattr(value, "__qualname__", getattr(value, "__name__", ""))
        found[name] = f"{type(value).__qualname__} {module} {named}"
    return found


def in_fork(job):
    reader, writer = os.pipe()
    if not os.fork():
        try:
            text = json.dumps(job())
        except BaseException:
            text = json.dumps(traceback.format_exc())
        os.close(reader)
        with os.fdopen(writer, "w") as file:
            file.write(text)
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as file:
        text = file.read()
    os.wait()
    return json.loads(text)


def names_after(submodule):
    importlib.import_module(submodule)
    # A name that is not there yet cannot have been taken, and to ask for all takes long.
    return described(name for name in package.__all__ if name in vars(package))


expected = in_fork(lambda: described(package.__all__))
wrong = {}
submodules = []
for path in sorted(root.rglob("*.py")):
    parts = path.relative_to(root).with_suffix("").parts
    parts = parts[:-1] if parts[-1] == "__init__" else parts
    if not parts or parts[-1] == "__main__":
        continue
    submodules.append(".".join([package.__name__, *parts]))
    names = in_fork(lambda: names_after(submodules[-1]))
    changed = names if isinstance(names, str) else dict(names.items() - expected.items())
    if changed:
        wrong[submodules[-1]] = changed
print(json.dumps({"names": expected, "submodules": submodules, "wrong": wrong}))
"""


def names_by_submodule(package: str) -> dict:
    """Return the names of a package, its submodules, and those after which a name is another."""
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, package], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)
