"""Look at graphs, keep what has changed, and do the same to another."""

import copy
import dataclasses

import bytefig.configs as fdl
from bytefig.configs import diffing, printing


@dataclasses.dataclass
class Step:
    minutes: int
    note: str = ""


@dataclasses.dataclass
class Recipe:
    steps: list
    servings: int = 2
    last: Step | None = None


def serve(steps, servings, last=None, cook="nobody"):
    return len(steps), servings, last, cook


def main() -> None:
    """Print a recipe, its changes, and another recipe with these."""
    rest = fdl.Config(Step, 30, note="rest")
    recipe = fdl.Config(Recipe, [fdl.Config(Step, 10), rest], last=rest)
    print(printing.as_dict_flattened(recipe))

    better = copy.deepcopy(recipe)
    better.last.minutes = 45
    better.servings = 4
    changes = diffing.build_diff(recipe, better)
    print(sorted(type(change).__name__ for change in changes.changes))

    big = fdl.Config(Recipe, [fdl.Config(Step, 5), fdl.Config(Step, 1)])
    big.last = big.steps[1]
    diffing.apply_diff(changes, big)
    print(fdl.build(big))

    fdl.materialize_defaults(big)
    print(sorted(fdl.ordered_arguments(big.steps[0])))
    fdl.update_callable(big, serve)
    print(fdl.build(big), fdl.get_callable(big).__name__)
    fdl.assign(big, servings=8, cook="me")
    print(fdl.build(fdl.cast(fdl.Partial, big))(cook="you"))


if __name__ == "__main__":
    main()
