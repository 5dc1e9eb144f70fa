"""Profiles are checked instruction by instruction, which the interpreter alone runs."""

import pytest

from bytefig.tracer.compiled import tier
from bytefig.tracer.hotness import TIERS


@pytest.fixture(autouse=True)
def interpreted():
    jumps, everywhere = TIERS.jumps, TIERS.everywhere
    tier.use("interpret")
    yield
    TIERS.jumps, TIERS.everywhere = jumps, everywhere
