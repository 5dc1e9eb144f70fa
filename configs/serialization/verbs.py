"""The public functions; each imports its needs when it is called."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..permission import Allowed


def dump_json(graph: object, *, provenance: bool = False, history: bool = False) -> str:
    """Return a graph as JSON.

    A document lists the nodes, each on a line, and all that a node refers to comes before it.
    Tags are always written, and so are effects; the order in which a program made the calls is if
    it is not that of the graph, and what it passed by position is where that may matter. Graphs
    that are equal in that, too, give the same text.

    Args:
        graph: A buildable, or any value that can be written.
        provenance: Write where each node was made.
        history: Write the edits of each node, with the values before and after as text.

    Raises:
        SerializationError: Something in the graph cannot be written; ``problems`` has the path and
            the line of everything that cannot.

    Example:
        >>> from bytefig.configs import Config
        >>> print(dump_json(Config(dict, units=8)))
        {
        "format": "bytefig.graph",
        "version": 2,
        "nodes": [
        {"id": "dict-00000000", "type": "Config", "call": "builtins:dict", "args": {"units": 8}}
        ],
        "root": {"ref": "dict-00000000"}
        }
        <BLANKLINE>
    """
    from .document_writer import json_text  # noqa: PLC0415 - see the docstring of the module
    from .shapes import DumpOptions  # noqa: PLC0415

    return json_text(graph, DumpOptions(provenance, history))


def canonical_text(graph: object) -> str:
    """Return a graph as JSON without the order and the form of the program's calls.

    Equal graphs give the same text: one that was captured, and the same made by hand.

    Args:
        graph: As for `dump_json`.

    Raises:
        SerializationError: As `dump_json` does.

    Example:
        >>> from bytefig.configs import Config
        >>> canonical_text(Config(dict, a=1)) == dump_json(Config(dict, a=1))
        True
    """
    from .document_writer import json_text  # noqa: PLC0415
    from .shapes import DumpOptions  # noqa: PLC0415

    return json_text(graph, DumpOptions(form=False))


def load_json(text: str, *, allow: Iterable[object] | Allowed = ()) -> Any:
    """Return the graph of a document that `dump_json` made.

    Only modules that are allowed are imported, and what is named has to be there already. Nothing
    is called but constructors of plain values, and codecs that were registered; it is `build` that
    calls what a graph configures. So allow what anyone who can write the document may use.

    Args:
        text: The document.
        allow: Functions and classes; one by its name, ``"models.transformer:Layer"``; names of
            modules, ``"models.transformer"``, of which all that they define may be named; or of
            packages and all they contain, ``"models.*"``. Harmless builtins such as `dict` need
            not be allowed.

    Raises:
        SerializationError: It is not a document, or it names what is not allowed or not there;
            ``path`` says where.
        TypeError: ``text`` is not a string, or ``allow`` is one.
        ValueError: ``allow`` has text that is no such name.

    Example:
        >>> from bytefig.configs import Config
        >>> load_json(dump_json(Config(dict, units=8)))
        <Config[dict(units=8)]>
    """
    from .document_reader import load_document  # noqa: PLC0415
    from .json_text import parse_json  # noqa: PLC0415

    return load_document(parse_json(text), allow)


def dump_yaml(graph: object, *, provenance: bool = False, history: bool = False) -> str:
    """Return a graph as YAML; the document is the same as by `dump_json`. Needs the extra ``yaml``.

    Args:
        graph: As for `dump_json`.
        provenance: As for `dump_json`.
        history: As for `dump_json`.

    Raises:
        SerializationError: Something in the graph cannot be written.
        ModuleNotFoundError: ruamel.yaml is not installed.
    """
    from .shapes import DumpOptions  # noqa: PLC0415
    from .yaml_text import yaml_text  # noqa: PLC0415

    return yaml_text(graph, DumpOptions(provenance, history))


def load_yaml(text: str, *, allow: Iterable[object] | Allowed = ()) -> Any:
    """Return the graph of a document that `dump_yaml` made. Needs the extra ``yaml``.

    Anchors, aliases and tags of YAML have no use here, and are refused.

    Args:
        text: The document.
        allow: As for `load_json`.

    Raises:
        SerializationError: As for `load_json`.
        ModuleNotFoundError: ruamel.yaml is not installed.
        TypeError: As for `load_json`.
        ValueError: As for `load_json`.
    """
    from .document_reader import load_document  # noqa: PLC0415
    from .yaml_text import parse_yaml  # noqa: PLC0415

    return load_document(parse_yaml(text), allow)


def needed_to_load(graph: object, allow: Allowed) -> list[str]:
    """Return the permissions that a document of a graph needs to be loaded, beside the given ones.

    Example:
        >>> from bytefig.configs import Config
        >>> from bytefig.configs.permission import Allowed
        >>> import json
        >>> needed_to_load(Config(json.JSONDecoder), Allowed([]))
        ['json.decoder']
    """
    from ..permission import Noted  # noqa: PLC0415
    from .document_reader import load_document  # noqa: PLC0415
    from .document_writer import document  # noqa: PLC0415
    from .shapes import DumpOptions  # noqa: PLC0415

    noted = Noted(allow)
    load_document(document(graph, DumpOptions(provenance=False, history=False)), noted)
    return noted.needed


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of the documents that this version writes.

    Example:
        >>> json_schema()["$schema"]
        'https://json-schema.org/draft/2020-12/schema'
    """
    import json  # noqa: PLC0415
    from importlib.resources import files  # noqa: PLC0415

    text = files(__name__.rpartition(".")[0]).joinpath("schema-v2.json").read_text("utf-8")
    return json.loads(text)
