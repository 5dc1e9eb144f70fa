"""The training configured with tyro."""

import tyro
from work import Forest, Logistic, Split, score

MODELS = tyro.extras.subcommand_type_from_defaults(
    {"logistic": Logistic(strength=0.5), "forest": Forest(), "deep": Forest(100, depth=12)}
)


def train(model: MODELS = Logistic(strength=0.5), split: Split = Split()) -> float:
    """Train a model.

    Args:
        model: What is trained.
        split: How the data is split.
    """
    return score(model, split)


if __name__ == "__main__":
    print(tyro.cli(train))
