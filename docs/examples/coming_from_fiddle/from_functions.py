"""Take the graph from a function that makes the objects, as it is."""

import dataclasses
import functools

import bytefig.configs as fdl
from bytefig.configs import arg_factory
from bytefig.tracer import auto_config, exempt


@dataclasses.dataclass
class Instrument:
    name: str
    strings: int = 4


@dataclasses.dataclass
class Quartet:
    players: tuple
    tune: object = None
    scores: list = dataclasses.field(default_factory=list)


def tune(instrument, pitch, notes):
    notes.append(pitch)
    return instrument.name, list(notes)


@exempt
def title(text):
    return text.title()


@auto_config
def violin(strings=4):
    return Instrument(title("violin"), strings)


@auto_config(experimental_allow_control_flow=True)
def quartet(size):
    players = [violin() for _ in range(size - 1)]
    if size > 3:
        players.append(Instrument(name="Cello"))
    return Quartet(tuple(players), tune=functools.partial(tune, pitch=440))


def main() -> None:
    """Print what the function makes, and what its graph does after a change."""
    print(quartet(4).players[-1])
    graph = quartet.as_buildable(4)
    print(graph.players[0])
    graph.players[0].strings = 5
    graph.tune.pitch = 442
    built = fdl.build(graph)
    print([player.strings for player in built.players])
    print(built.tune(built.players[3], notes=[]))

    fresh = auto_config(lambda: arg_factory.partial(tune, notes=list)).as_buildable()
    play = fdl.build(fresh)
    print(play(Instrument("Viola"), 1), play(Instrument("Viola"), 2))


if __name__ == "__main__":
    main()
