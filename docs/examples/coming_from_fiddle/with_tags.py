"""Tag values where they are given, in the function itself; sweep over what has the tag."""

import dataclasses

import bytefig.configs as fdl
from bytefig.tracer import auto_config, with_tags


class Seed(fdl.Tag):
    """Where the randomness begins."""


@dataclasses.dataclass
class Sampler:
    seed: int
    size: int


@dataclasses.dataclass
class Trial:
    samplers: list


@auto_config
def trial():
    return Trial([Sampler(with_tags(1, Seed), size=10), Sampler(with_tags(2, [Seed]), size=20)])


def main() -> None:
    """Print the trial as it is, and with other seeds."""
    print(trial())
    for seed in (7, 8):
        graph = trial.as_buildable()
        fdl.set_tagged(graph, tag=Seed, value=seed)
        print([(sampler.seed, sampler.size) for sampler in fdl.build(graph).samplers])


if __name__ == "__main__":
    main()
