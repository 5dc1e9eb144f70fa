"""The training configured with jsonargparse. A preset is a file: deep.yaml."""

import jsonargparse
from work import Forest, Logistic, Split, score


def train(model: Logistic | Forest = Logistic(strength=0.5), split: Split = Split()) -> float:
    """Train a model.

    Args:
        model: What is trained.
        split: How the data is split.
    """
    return score(model, split)


if __name__ == "__main__":
    print(jsonargparse.auto_cli(train, as_positional=False))
