"""Configure calls, change the configuration, and build it as often as wanted."""

import copy
import dataclasses

import bytefig.configs as fdl


@dataclasses.dataclass
class Oven:
    degrees: int
    fan: bool = False


@dataclasses.dataclass
class Bakery:
    name: str
    ovens: list[Oven]
    best: Oven | None = None


def main() -> None:
    """Print what is built before and after each change."""
    oven = fdl.Config(Oven, degrees=180)
    bakery = fdl.Config(Bakery, "Corner", [oven, fdl.Config(Oven, 220, fan=True)], best=oven)
    built = fdl.build(bakery)
    print(built)
    print("the best is the first:", built.best is built.ovens[0])

    bakery.ovens[0].degrees = 200
    print("changed once, seen twice:", fdl.build(bakery).best)

    other = copy.deepcopy(bakery)
    other.name = "Market"
    other.best.fan = True
    print(other == bakery, fdl.build(other).ovens[0], fdl.build(bakery).ovens[0])
    print(fdl.build(fdl.copy_with(bakery, name="Station")).name)

    bake = fdl.build(fdl.Partial(Oven, fan=True))
    print(bake(150), bake(degrees=160, fan=False))

    del oven.degrees
    try:
        fdl.build(oven)
    except TypeError as error:
        print("degrees" in str(error))


if __name__ == "__main__":
    main()
