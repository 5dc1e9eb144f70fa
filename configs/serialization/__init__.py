"""Graphs as text: JSON and YAML, written in linear time and read without trust."""

from ..core.moved import register_moved
from .codecs import register_codec
from .errors import Problem, SerializationError
from .verbs import canonical_text, dump_json, dump_yaml, json_schema, load_json, load_yaml

register_moved(__name__, {"dumping": "", "loading": ""})

__all__ = [
    "Problem",
    "SerializationError",
    "canonical_text",
    "dump_json",
    "dump_yaml",
    "json_schema",
    "load_json",
    "load_yaml",
    "register_codec",
]
