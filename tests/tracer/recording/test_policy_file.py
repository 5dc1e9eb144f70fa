import json

import pytest

from bytefig.tracer import LATEST, Config, Decision, PolicyFileError, auto_config


class Kept:
    def __init__(self, x):
        self.x = x


def helper(n):
    return [Kept(i) for i in range(n)]


@pytest.fixture
def policy(tmp_path):
    def write(text):
        path = tmp_path / "policy.toml"
        path.write_text(text)
        return path

    return write


def test_rules_come_first_and_in_order(policy):
    table = LATEST.extend_from(
        policy(
            f"""
            [[rule]]
            match = "json.load*"
            decision = "record"
            reason = "the files are part of the experiment"

            [[rule]]
            match = "json.*"
            decision = "exempt"

            [[rule]]
            match = "{__name__}.helper"
            decision = "step_into"
            """
        )
    )
    assert table.explain(json.loads) == (
        "make a config node of it: the files are part of the experiment"
    )
    assert table.explain(json.dumps) == "run it as usual: policy.toml:7 says so of json.*"
    assert table.decide(helper).decision is Decision.STEP_INTO
    assert table.decide(len) is LATEST.decide(len)

    def model():
        return {"parts": helper(2), "text": json.dumps([1])}

    captured = auto_config(model, experimental_exemption_policy=table).as_buildable()
    assert captured == {"parts": [Config(Kept, 0), Config(Kept, 1)], "text": "[1]"}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("\n\n[other]\nx = 1", 3),
        ("# a comment\nother = 1\n", 2),
        ('[[rule]]\nmatch = "a.*"\ndecision = "exempt"\n[[rules]]\n', 4),
        ("\n[rule]\n", 2),
    ],
)
def test_what_is_no_rule_is_found(policy, text, line):
    path = policy(text)
    with pytest.raises(PolicyFileError, match=r"only \[\[rule\]\] tables are known") as caught:
        LATEST.extend_from(path)
    assert f"{path}:{line}\n" in str(caught.value)


def test_a_file_that_is_no_text(policy):
    path = policy("")
    path.write_bytes(b'[[rule]]\nmatch = "\xff"')
    with pytest.raises(PolicyFileError, match="this is not UTF-8") as caught:
        LATEST.extend_from(path)
    assert f"{path}:2\n" in str(caught.value)


def test_no_rules(policy):
    assert LATEST.extend_from(policy("")) == LATEST


def test_rules_as_an_inline_array(policy):
    table = LATEST.extend_from(policy('rule = [{match = "json.*", decision = "exempt"}]'))
    assert table.decide(json.dumps).decision is Decision.EXEMPT


@pytest.mark.parametrize(
    "text, line, message",
    [
        ("[[rule]]\nmatch = ", 2, "this is not TOML"),
        ('[[rule]]\nmatch = "a"\ndecision = "skip"', 3, "decision must be one of exempt, record"),
        ('\n[[rule]]\nmatch = "a"', 2, "decision must be one of .* not None"),
        ('[[rule]]\nmatch = 3\ndecision = "exempt"', 2, "match must be a glob"),
        ('[[rule]]\nmatch = ""\ndecision = "exempt"', 2, "match must be a glob"),
        ('[[rule]]\ndecision = "exempt"', 1, "match must be a glob .* not None"),
        (
            '[[rule]]\nmatch = "a.b"\ndecision = "exempt"\n\n[[rule]]\nmach = "b"',
            6,
            "a rule has no 'mach'",
        ),
        ('[[rule]]\nmatch = "a"\ndecision = "exempt"\nreason = 3', 4, "reason must be a string"),
        ("[rules]\nx = 1", 1, r"only \[\[rule\]\] tables"),
        ("rule = 3", 1, r"only \[\[rule\]\] tables"),
        ("rule = [3]", 1, "a rule is a table, not 3"),
    ],
)
def test_a_bad_rule_is_rejected_with_its_line(policy, text, line, message):
    path = policy(text)
    with pytest.raises(PolicyFileError, match=f"cannot load the policy: {message}") as caught:
        LATEST.extend_from(path)
    assert f"\n  at {path}:{line}\n  fix: " in str(caught.value)
    assert isinstance(caught.value, ValueError)


def test_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        LATEST.extend_from(tmp_path / "none.toml")


NEVER = {
    "json:loads": "no name has a ':'",
    "json/loads": "no name has a '/'",
    "json.loads()": "no name has a '('",
    "json..loads": "nothing between two dots",
    "json.": "no name ends in a dot",
    " json.*": "a blank at the end",
    "json.* ": "a blank at the end",
    "json.[loads": "a [ has no ]",
    "json.[z-a]*": "[z-a] matches no character",
    "json.[:]": "[:] matches no character",
    "json.1*": "no name begins with a digit",
    "helper": "a name has a module, a dot, and a qualified name",
}


@pytest.mark.parametrize("glob", NEVER)
def test_a_glob_that_can_never_match(policy, glob):
    path = policy(f'[[rule]]\ndecision = "exempt"\nmatch = "{glob}"\n')
    with pytest.raises(PolicyFileError) as caught:
        LATEST.extend_from(path)
    assert NEVER[glob] in str(caught.value)
    assert f"{path}:3" in str(caught.value)


@pytest.mark.parametrize(
    "glob",
    ["*", "?.f", "json.*", "*.load[s]", "[!_]*.f", "Box.*[[]int]", "é.è", ".append", "*x", "a[.]b"],
)
def test_a_glob_that_may_match(policy, glob):
    LATEST.extend_from(policy(f'[[rule]]\nmatch = "{glob}"\ndecision = "exempt"\n'))


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a = 1\nrule = " + "[" * 100_000, 2, "nests too deep"),
        ("\n\nrule = [" + "{a = " * 100_000, 3, "nests too deep"),
        ("rule = [" + "[" * 90 + "]" * 90 + "]", 1, "a rule is a table, not"),
        ("\na = " + "9" * 10_000, 2, "this is not TOML"),
        ("[[rule]]\nmatch = " + "9" * 4000 + '\ndecision = "exempt"', 2, "match must be a glob"),
    ],
)
def test_texts_that_are_too_much(policy, text, line, message):
    path = policy(text)
    with pytest.raises(PolicyFileError, match=message) as caught:
        LATEST.extend_from(path)
    assert f"{path}:{line}" in str(caught.value)
    assert len(str(caught.value)) < 2000
