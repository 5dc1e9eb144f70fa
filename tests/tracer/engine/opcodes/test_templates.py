"""Template strings (PEP 750). Their sources are text, which Pythons before 3.14 need not parse."""

import sys

import pytest

pytestmark = pytest.mark.skipif(sys.version_info < (3, 14), reason="PEP 750 came with 3.14")

EXPRESSIONS = [
    "t''",
    "t'text'",
    "t'{x}'",
    "t'{x}{y}'",
    "t'a{x}b{y}c'",
    "t'{x!s}{x!r}{x!a}'",
    "t'{x:>4}{y!r:<{x}}{y:{x}.{x}}'",
    "t'{x=}{ y = !s:>9}'",
    "t'{x + 1} {(lambda k: k * 2)(x)} {[k for k in y]}'",
    "t'{t'{x}'}{f'{y}'}'",
    "t'{{{x}}}' t'{y}' t'more'",
    "rt'\\n{x}'",
    "t'{1 // 0}'",
    "t'{x!r:{missing}}'",
    "t'{x}' + t'{y}'",
    "t'{x}' + 'text'",
]
SHOW = """
def shown(template):
    return template.strings, [
        (part.value if type(part.value) is not type(template) else shown(part.value),
         part.expression, part.conversion, part.format_spec)
        for part in template.interpolations
    ]
"""


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_templates(same, expression):
    namespace = {}
    exec(f"{SHOW}\ndef use(x, y):\n    return shown({expression})", namespace)
    same(namespace["use"], 3, "y")


def test_a_template_holds_what_is_captured():
    from bytefig.configs import Config
    from bytefig.tracer import auto_config

    class Dense:
        def __init__(self, units):
            self.units = units

    namespace = {"Dense": Dense}
    exec("def model(n):\n    part = Dense(n)\n    return [part, t'{part} of {n}']", namespace)
    part, template = auto_config(namespace["model"]).as_buildable(3)
    assert isinstance(part, Config)
    assert template.values == (part, 3)
    assert template.values[0] is part
