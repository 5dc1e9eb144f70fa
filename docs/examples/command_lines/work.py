"""The training that all four programs configure: scikit-learn, on handwritten digits."""

from dataclasses import dataclass
from typing import Literal

from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split


@dataclass
class Split:
    """How much of the data is kept for the test, and which."""

    test_size: float = 0.25
    seed: int = 0


@dataclass
class Logistic:
    """A logistic regression.

    Args:
        strength: The inverse of the regularisation.
        steps: The most iterations.
        solver: How it is solved.
    """

    strength: float = 1.0
    steps: int = 500
    solver: Literal["lbfgs", "newton-cg"] = "lbfgs"

    def make(self) -> LogisticRegression:
        return LogisticRegression(C=self.strength, max_iter=self.steps, solver=self.solver)


@dataclass
class Forest:
    """A random forest.

    Args:
        trees: How many trees.
        depth: How deep they may be.
    """

    trees: int = 50
    depth: int | None = None

    def make(self) -> RandomForestClassifier:
        return RandomForestClassifier(self.trees, max_depth=self.depth, random_state=0)


def score(model: Logistic | Forest, split: Split) -> float:
    """Train a model, and return how often it is right."""
    images, labels = load_digits(return_X_y=True)
    train_x, test_x, train_y, test_y = train_test_split(
        images / 16, labels, test_size=split.test_size, random_state=split.seed
    )
    return round(float(model.make().fit(train_x, train_y).score(test_x, test_y)), 3)
