"""Names of test cases that are the same in every process, as running in parallel needs."""

import re


def stable_name(value: object) -> str:
    """Return the start of a value's text, without addresses."""
    return re.sub(r" at 0x[0-9a-fA-F]+", "", ascii(value))[:40]
