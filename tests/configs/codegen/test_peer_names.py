"""The writers of source under the names of Fiddle."""

import pytest
from source_cases import Layer, two

from bytefig.configs import Config, to_auto_config_source, to_source
from bytefig.configs.codegen import auto_config_codegen, new_codegen


@pytest.mark.parametrize(
    ("peer", "own"), [(auto_config_codegen, to_auto_config_source), (new_codegen, to_source)]
)
def test_options_are_passed_on(peer, own):
    graph = Config(two, Config(Layer, [1, 2]), Config(Layer, 3))
    options = {
        "sub_fixtures": {"make": graph.y},
        "max_expression_complexity": 2,
        "include_history": True,
    }
    assert peer(graph, **options) == own(graph, name="config_fixture", **options)
    assert peer(graph, top_level_fixture_name="f") == own(graph, name="f")
