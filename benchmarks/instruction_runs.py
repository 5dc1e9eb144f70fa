"""Which short runs of instructions are the most frequent in the standard library's own functions.

    python benchmarks/instruction_runs.py [length ...]

The interpreter has one step for each of the runs in `bytefig.tracer.engine.opcodes.fused`; this
says what they should be. Counted are runs that nothing jumps into and that one handler protects, as
fusing needs it, after the instructions that become no step have been left out.
"""

from __future__ import annotations

import sys
import sysconfig
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import CodeType

from bytefig.tracer.code.instruction import CodeNames, read_instructions
from bytefig.tracer.code.wordcode import numbers
from bytefig.tracer.engine.opcodes import ELIDED
from bytefig.tracer.errors import UnsupportedCodeError

SHOWN = 25


def codes(code: CodeType) -> Iterator[CodeType]:
    """Yield the functions in a module, not the module itself, which runs once."""
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield const
            yield from codes(const)


def library() -> Iterator[CodeType]:
    folder = Path(sysconfig.get_path("stdlib"))
    for file in sorted((*folder.glob("*.py"), *folder.glob("*/*.py"))):
        if not {"test", "tests", "idlelib", "site-packages", "lib2to3"} & set(file.parts):
            yield from codes(compile(file.read_bytes(), str(file), "exec", dont_inherit=True))


def runs(code: CodeType, length: int) -> Iterator[tuple[str, ...]]:
    instructions, handlers = read_instructions(code, CodeNames.of(code), numbers(*ELIDED))
    targets = {ins.target for ins in instructions}
    for start in range(len(instructions) - length + 1):
        run = instructions[start : start + length]
        same = len({id(handlers[ins.index]) for ins in run}) == 1
        if same and not any(ins.index in targets for ins in run[1:]):
            yield tuple(ins.name for ins in run)


def main(lengths: list[int]) -> None:
    functions = list(library())
    for length in lengths:
        counted: Counter[tuple[str, ...]] = Counter()
        for code in functions:
            try:
                counted.update(runs(code, length))
            except UnsupportedCodeError:
                continue
        total = counted.total()
        print(f"runs of {length} in {len(functions):,} functions: {total:,}")
        for run, count in counted.most_common(SHOWN):
            print(f"{100 * count / total:6.2f} %  {' + '.join(run)}")


if __name__ == "__main__":
    main([int(argument) for argument in sys.argv[1:]] or [2, 3])
