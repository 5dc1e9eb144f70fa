"""Train a classifier on handwritten digits: called with objects, with configs, or as a command.

    python docs/examples/train.py --model="LogisticRegression(C=0.1)" model.max_iter=200
    bytefig run docs/examples/train.py --model="RandomForestClassifier" model.n_estimators=50

Needs scikit-learn, and for the command the extra ``cli``.
"""

from dataclasses import dataclass

from sklearn.base import ClassifierMixin
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from bytefig.tracer import autoconvert, build, main, script

__all__ = ["LogisticRegression", "Pipeline", "RandomForestClassifier", "StandardScaler", "train"]


@dataclass
class Split:
    """How much of the data is kept for the test, and which."""

    test_size: float = 0.25
    seed: int = 0


@autoconvert
@script
def train(model: ClassifierMixin | Pipeline, split: Split = Split(), digits: int = 10) -> float:  # noqa: B008
    """Train a classifier, and return how often it is right.

    Args:
        model: The classifier; whatever it is given as, it arrives as a config.
        split: How the data is split.
        digits: Of how many digits, from 0 on.
    """
    images, labels = load_digits(n_class=digits, return_X_y=True)
    chosen = build(split)
    train_x, test_x, train_y, test_y = train_test_split(
        images, labels, test_size=chosen.test_size, random_state=chosen.seed
    )
    return float(build(model).fit(train_x, train_y).score(test_x, test_y))


if __name__ == "__main__":
    main()
