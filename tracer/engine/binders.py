"""The type of the tables that the concern modules of `opcodes` export."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from ..code.instruction import Instruction
from .values import Step

#: Turns an instruction into its step, once, when decoding.
Binder: TypeAlias = Callable[[Instruction], Step]
#: What a concern module exports: opcode (or variant) name to binder.
Handlers: TypeAlias = dict[str, Binder]
