"""The functions that write source, under the names that Fiddle's users know."""

from __future__ import annotations

from collections.abc import Mapping

from .auto_config_source import to_auto_config_source
from .config_source import to_source


def auto_config_codegen(
    config: object,
    *,
    top_level_fixture_name: str = "config_fixture",
    sub_fixtures: Mapping[str, object] | None = None,
    max_expression_complexity: int | None = None,
    include_history: bool = False,
) -> str:
    """Return the source of an ``auto_config`` function, as `to_auto_config_source` does.

    Args:
        config: A buildable, or containers that hold some.
        top_level_fixture_name: The name of the function.
        sub_fixtures: As for `to_auto_config_source`.
        max_expression_complexity: As for `to_auto_config_source`; Fiddle counts otherwise.
        include_history: As for `to_auto_config_source`.

    Example:
        >>> from fractions import Fraction
        >>> from bytefig.configs import Config
        >>> "def config_fixture():" in auto_config_codegen(Config(Fraction, 1))
        True
    """
    return to_auto_config_source(
        config,
        name=top_level_fixture_name,
        sub_fixtures=sub_fixtures,
        max_expression_complexity=max_expression_complexity,
        include_history=include_history,
    )


def new_codegen(
    config: object,
    *,
    top_level_fixture_name: str = "config_fixture",
    sub_fixtures: Mapping[str, object] | None = None,
    max_expression_complexity: int | None = None,
    include_history: bool = False,
) -> str:
    """Return the source of a function that makes a graph, as `to_source` does.

    Args:
        config: A buildable, or containers that hold some.
        top_level_fixture_name: The name of the function.
        sub_fixtures: As for `to_source`.
        max_expression_complexity: As for `to_source`; Fiddle counts otherwise.
        include_history: As for `to_source`.

    Example:
        >>> from fractions import Fraction
        >>> from bytefig.configs import Config
        >>> print(new_codegen(Config(Fraction, 1)).partition("def ")[2])
        config_fixture():
            return Config(Fraction, numerator=1)
        <BLANKLINE>
    """
    return to_source(
        config,
        name=top_level_fixture_name,
        sub_fixtures=sub_fixtures,
        max_expression_complexity=max_expression_complexity,
        include_history=include_history,
    )
