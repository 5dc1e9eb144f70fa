"""The training configured with bytefig."""

from work import Forest, Logistic, Split, score

from bytefig.configs import Config
from bytefig.tracer import main, script

DEFAULT = Logistic(strength=0.5)


def deep(trees: int = 100) -> Config[Forest]:
    return Config(Forest, trees, depth=12)


@script
def train(model: Logistic | Forest = DEFAULT, split: Split = Split()) -> float:
    """Train a model.

    Args:
        model: What is trained.
        split: How the data is split.
    """
    return score(model, split)


if __name__ == "__main__":
    main()
