"""What is refused does not hang on names: of local variables, modules, packages or files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

#: Imports both halves from the checkout under the package ``elsewhere``, with no file names, and
#: with the variables of the interpreter and the recorder called something else.
RENAMING = r"""
import ast, importlib.abc, importlib.machinery, sys, types
from pathlib import Path

ROOT = Path(sys.argv[1])
NAMES = {"frame", "index", "args", "kwargs", "key", "stack", "raising", "fn", "values", "operands",
         "held", "native", "value", "left", "right", "obj", "error", "node"}
OF_OTHERS = {"key"}  # sorted(key=...)


class Rename(ast.NodeTransformer):
    def visit_Name(self, node):
        return ast.copy_location(ast.Name(self.new(node.id), node.ctx), node)

    def visit_arg(self, node):
        self.generic_visit(node)
        node.arg = self.new(node.arg)
        return node

    def visit_Call(self, node):
        self.generic_visit(node)
        called = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if not called[:1].isupper() and called != "evolve":
            for each in node.keywords:
                if each.arg is not None and each.arg not in OF_OTHERS:
                    each.arg = self.new(each.arg)
        return node

    def visit_ExceptHandler(self, node):
        self.generic_visit(node)
        node.name = node.name and self.new(node.name)
        return node

    def visit_FunctionDef(self, node):  # constructors are called by name
        return node if node.name == "__init__" else self.generic_visit(node)

    def visit_alias(self, node):
        bound = node.asname or node.name
        node.asname = self.new(bound) if bound in NAMES else node.asname
        return node

    def visit_Nonlocal(self, node):
        node.names = [self.new(name) for name in node.names]
        return node

    def visit_ClassDef(self, node):
        node.body = [x if isinstance(x, ast.AnnAssign) else self.visit(x) for x in node.body]
        return node

    @staticmethod
    def new(name):
        return f"{name}_renamed" if name in NAMES else name


class Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path=None, target=None):
        top, _, rest = name.partition(".")
        if top != "elsewhere":
            return None
        file = ROOT / rest.replace(".", "/")
        is_package = file.is_dir()
        spec = importlib.machinery.ModuleSpec(name, self, is_package=is_package)
        spec.loader_state = file / "__init__.py" if is_package else file.with_suffix(".py")
        return spec if not rest or spec.loader_state.exists() else None

    def exec_module(self, module):
        file = module.__spec__.loader_state
        if module.__name__ == "elsewhere":
            return
        tree = ast.parse(file.read_text())
        if module.__name__.startswith(("elsewhere.tracer.engine", "elsewhere.tracer.recording")):
            tree = ast.fix_missing_locations(Rename().visit(tree))
        module.__file__ = "<moved>"
        exec(compile(tree, "<moved>", "exec"), module.__dict__)


sys.meta_path.insert(0, Finder())
"""

USES = r"""
import math, sys
from PACKAGE.configs import Config, assign, history
from PACKAGE.tracer import auto_config, exempt
from PACKAGE.tracer.cli.exit_codes import show_traceback

class A:
    def __init__(self, x): self.x = x

USES = '''
n == 3|n < 3|not n|n.x|n.more|n.x = 1|del n.x|f"{n}"|str(n)|print(n)|print(f"{n}")|[*n]|{n: 1}|{n}
n[0]|n[0] = 1|del n[0]|len(n)|"a" + n|n + 1|-n|math.sqrt(n)|min(n, 1)|sorted([n, n])|[1][n]|"ab"[:n]
for i in n: pass|with n: pass|raise n|a, b = n|n()|isinstance(n, A)|zip(n)|"%d" % n|max([1], key=n)
[i for i in range(n)]|exec("", n)|import_(n)|exempt(len)(n)|list(map(len, [n]))|(n, 1) + 3|int("x")
'''
for loops in (1, 3):
    for use in USES.replace("\n", "|").strip("|").split("|"):
        namespace = {"A": A, "math": math, "exempt": exempt}
        exec(f"def build_it(n):\n for _ in range({loops}):\n  {use}\n return A(n)", namespace)
        builder = auto_config(namespace["build_it"], experimental_allow_control_flow="all")
        try:
            print(use, "|", builder.as_buildable(Config(A, 7)))
        except Exception as error:
            print(use, "|", type(error).__name__, error)
            sys.stderr.flush()

def edits():
    n = Config(A, 1)
    assign(n, x=2)
    return A(n)

made = auto_config(edits, experimental_allow_control_flow="all").as_buildable()
print([str(each.provenance) for node in (made, made.x) for each in history(node)])
"""


def run_uses(before: str, package: str, tier: str) -> str:
    uses = USES.replace("PACKAGE", package)
    done = subprocess.run(
        [sys.executable, "-c", f"{before}\nexec(compile({uses!r}, 'uses', 'exec'))", str(ROOT)],
        capture_output=True,
        text=True,
        env={**os.environ, "BYTEFIG_TIER": tier},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.replace("elsewhere.", "bytefig.")


@pytest.mark.needs_subprocess
@pytest.mark.parametrize("tier", ["interpret", "compile"])
def test_nothing_changes_when_variables_and_modules_are_called_otherwise(tier):
    as_they_are = run_uses("", "bytefig", tier)
    assert as_they_are.count("UnbuiltNodeError") > 60
    assert run_uses(RENAMING, "elsewhere", tier) == as_they_are
