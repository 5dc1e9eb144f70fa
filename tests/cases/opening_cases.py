"""Modules of a program that is run with documents of others, and what those documents try to name.

Each case is the name that a document calls, and the arguments. None may be opened without
permission, neither by the command line for the program nor by the functions that load.
"""

#: The program. What it imports and annotates with is what its files may name, and nothing else.
PROGRAM = '''
"""A program as a user writes it."""
import logging
import os
import random
import shutil
from collections import OrderedDict
from functools import lru_cache, partial
from logging import Logger
from os import system
from pathlib import Path
from random import randint

import opening_helpers
from opening_helpers import Helper, cached, trap_object
from opening_package import Exported


class Model:
    """What the program runs."""

    RATE = 0.5

    def __init__(self, width: int = 8, inner=None, **more):
        self.width, self.inner, self.more = width, inner, more

    class Nested:
        """Another class."""

    @classmethod
    def small(cls, width: int = 1):
        """Return a small one."""
        return cls(width)

    def method(self):
        """Do something."""

    @staticmethod
    def erase(path):
        """Do harm."""
        os.unlink(path)


late = partial(os.system, "exit 3")
append = [].append


def train(model: Model, folder: os.PathLike | None = None, log: Logger | None = None, **more):
    """Train a model."""
    return model


def _private():
    """Do not call this."""
'''

#: A module that the program imports from: of it, only what is imported by name is open.
HELPERS = '''
"""Helpers."""
import functools
import os

FIRED = []


class Helper:
    """Helps."""

    def __init__(self, size: int = 1):
        self.size = size

    @classmethod
    def load(cls, path=""):
        """Read something."""

    def method(self):
        """Do something."""


class Other:
    """Is not imported by the program."""


def act(**more):
    """Do harm."""
    FIRED.append("act")


class Trap:
    """Leaves a trace when it is looked at."""

    def __get__(self, instance, owner):
        FIRED.append("__get__")

    def __call__(self):
        FIRED.append("__call__")


@functools.lru_cache
def cached(size=1):
    """Is no function, but an object with a name."""
    return size


trap_object = Trap()
'''

#: A package that offers what is defined in a module of it, and one that runs when it is imported.
PACKAGE = {
    "opening_package/__init__.py": "from opening_package.inside import Exported, Hidden\n",
    "opening_package/inside.py": "class Exported: ...\n\n\nclass Hidden: ...\n",
    "opening_package/__main__.py": "raise AssertionError('this is run')\n",
    "opening_exits.py": "raise SystemExit(3)\n",
    "opening_quits.py": "class Quit(BaseException):\n    pass\n\n\nraise Quit\n",
    "opening_interrupts.py": "raise KeyboardInterrupt\n",
}

#: What may be named for the program without further permission.
OPEN = [
    "opening_program:Model",
    "opening_program:Model.Nested",
    "opening_program:Model.small",
    "opening_program:train",
    "opening_helpers:Helper",
    "opening_helpers:Trap",
    "opening_helpers:cached",
    "opening_package.inside:Exported",
    "opening_package:Exported",
    "collections:OrderedDict",
    "pathlib:Path",
    "os:PathLike",
    "logging:Logger",
    "builtins:dict",
]
OPEN.remove("opening_helpers:Trap")  # its instance is imported, it is not

#: What may not, and why one might think so.
CLOSED = {
    "os:popen": "os.PathLike is an annotation",
    "os:system": "imported by name, and of the standard library",
    "posix:system": "where that is defined",
    "os:remove": "imported as a whole",
    "os:unlink": "the same",
    "os:PathLike.register": "a method of an annotation",
    "pathlib:Path.unlink": "Path is imported by name",
    "pathlib:Path.write_text": "the same",
    "pathlib:Path.rmdir": "the same",
    "pathlib:Path.cwd": "the same: a class method, of another module",
    "pathlib:Path.open": "the same",
    "shutil:rmtree": "imported as a whole",
    "logging:FileHandler": "logging.Logger is an annotation",
    "logging:Logger.addHandler": "a method of an annotation",
    "logging:basicConfig": "in the module of an annotation",
    "random:randint": "a bound method; imported by name, and of the standard library",
    "random:random": "a bound builtin without a module",
    "opening_helpers:act": "in the module of a class that is imported by name",
    "opening_helpers:Other": "the same",
    "opening_helpers:Trap": "the same",
    "opening_helpers:Helper.load": "a method of another module",
    "opening_helpers:Helper.method": "the same",
    "opening_package:Hidden": "in a package that is imported from",
    "opening_package.inside:Hidden": "the same",
    "opening_program:late": "a partial of what is not open",
    "opening_program:append": "a bound builtin without a module",
    "opening_program:system": "imported by name from the standard library",
    "opening_program:lru_cache": "the same",
    "opening_program:Model.method": "a method",
    "opening_program:Model.erase": "a method without an instance",
    "opening_program:_private": "private",
    "opening_program:Model.__init__": "private",
    "builtins:eval": "runs what it is given",
    "builtins:exec": "the same",
    "builtins:open": "opens files",
    "builtins:getattr": "reads what it likes",
    "builtins:__import__": "imports",
    "builtins:type": "makes classes",
    "builtins:input": "waits",
    "builtins:breakpoint": "runs what the environment says",
    "builtins:print": "writes, into a file even",
    "builtins:str.format": "reads attributes: '{0.__self__}'",
    "builtins:str.format_map": "the same",
    "builtins:str.encode": "imports",
    "builtins:str.center": "takes any memory",
    "builtins:bytes.decode": "imports",
    "builtins:dict.fromkeys": "takes any memory, of a range",
    "builtins:int.to_bytes": "takes any memory",
    "builtins:list.append": "changes the graph while it is built",
    "builtins:map": "calls what it is given",
    "builtins:filter": "the same",
    "builtins:iter": "the same, without an end",
    "builtins:next": "the same",
    "builtins:range": "has any length",
    "builtins:pow": "takes any memory",
}

RANGE = {"range": [0, 10_000_000_000, 1]}

#: Calls of builtins that may be named, which would take any time or memory.
COSTLY = {
    "bytes": ["builtins:bytes", {"0": 10_000_000_000}],
    "bytearray": ["builtins:bytearray", {"0": 10_000_000_000}],
    "list": ["builtins:list", {"0": RANGE}],
    "tuple": ["builtins:tuple", {"0": RANGE}],
    "set": ["builtins:set", {"0": RANGE}],
    "frozenset": ["builtins:frozenset", {"0": RANGE}],
    "sum": ["builtins:sum", {"0": RANGE}],
    "max": ["builtins:max", {"0": RANGE}],
    "sorted": ["builtins:sorted", {"0": RANGE}],
    "repr": ["builtins:repr", {"0": {"ref": "shared"}}],
    "str": ["builtins:str", {"0": {"ref": "shared"}}],
    "ascii": ["builtins:ascii", {"0": {"ref": "shared"}}],
    "hash": ["builtins:hash", {"0": {"ref": "shared"}}],
    "set of what is shared": ["builtins:set", {"0": {"ref": "of shared"}}],
    "frozenset of what is shared": ["builtins:frozenset", {"0": {"ref": "of shared"}}],
    "dict of what is shared": ["builtins:dict", {"0": {"ref": "pairs"}}],
    "round": ["builtins:round", {"number": 1, "ndigits": -1_000_000_000}],
    "divmod": ["builtins:divmod", {"0": 1, "1": 1}],
    "by a partial": [{"ref": "partial"}, {}],
    "by an alias": [{"ref": "alias"}, {"0": 10_000_000_000}],
}


def config(call, args=None, name="called"):
    """Return an entry of a document that calls something."""
    return {"id": name, "type": "Config", "call": call, "args": args or {}}


def document(*nodes, root=None):
    """Return a document, of which the last node is the root unless that is given."""
    root = {"ref": nodes[-1]["id"]} if root is None else root
    return {"format": "bytefig.graph", "version": 1, "nodes": list(nodes), "root": root}


def shared(levels=60, kind="tuple"):
    """Return entries that nest, each used twice by the next; the last is called ``shared``."""
    nodes = [{"id": "0", "type": kind, "items": []}]
    for index in range(1, levels):
        nodes.append({"id": str(index), "type": kind, "items": [{"ref": str(index - 1)}] * 2})
    nodes[-1]["id"] = "shared"
    return nodes


def costly(name):
    """Return the document of one of the costly calls."""
    call, args = COSTLY[name]
    around = [
        {"id": "of shared", "type": "list", "items": [{"ref": "shared"}]},
        {"id": "pair", "type": "tuple", "items": [{"ref": "shared"}, 1]},
        {"id": "pairs", "type": "list", "items": [{"ref": "pair"}]},
        {
            "id": "partial",
            "type": "functools.partial",
            "call": "builtins:list",
            "items": [RANGE],
            "entries": {},
        },
        {"id": "alias", "type": "alias", "call": {"symbol": "builtins:bytes"}, "items": [1]},
    ]
    return document(*shared(), *around, config(call, args))
