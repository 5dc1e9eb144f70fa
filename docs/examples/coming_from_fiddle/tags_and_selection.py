"""Find what is to be changed by what it means, or by what it makes."""

import dataclasses
from typing import Annotated

import bytefig.configs as fdl
from bytefig.configs import selectors


class Colour(fdl.Tag):
    """What colour something is painted in."""


class RoofColour(Colour):
    """What colour a roof is painted in."""


@dataclasses.dataclass
class Wall:
    height: float
    colour: Annotated[str, Colour] = "white"


@dataclasses.dataclass
class Roof:
    colour: str = "red"
    slope: int = 30


@dataclasses.dataclass
class House:
    walls: list
    roof: Roof


def main() -> None:
    """Print the houses."""
    house = fdl.Config(House, [fdl.Config(Wall, 2.5) for _ in range(2)], fdl.Config(Roof))
    fdl.add_tag(house.roof, "colour", RoofColour)
    fdl.set_tagged(house, tag=Colour, value="green")
    print(fdl.build(house))
    fdl.set_tagged(house, tag=RoofColour, value="black")
    print(house.roof.colour, house.walls[0].colour)
    print(sorted(tag.__name__ for tag in fdl.get_tags(house.roof, "colour")))

    selectors.select(house, Wall).set(height=3.0)
    print([wall.height for wall in fdl.build(house).walls])
    selectors.select(house, Roof).replace(fdl.Config(Roof, slope=45))
    print(fdl.build(house).roof)
    print(sum(selectors.select(house, Wall).get("height")))


if __name__ == "__main__":
    main()
