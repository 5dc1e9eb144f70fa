"""Tell handwritten digits apart: a function to sweep, as the page of the guide does."""

from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC


def train(model: SVC | RandomForestClassifier, folds: int = 3) -> dict[str, float]:
    """Return how well a model does on data that it has not seen.

    Args:
        model: The model.
        folds: Into how many parts the data is cut, each of which is left out once.
    """
    pixels, digits = load_digits(return_X_y=True)
    scores = cross_val_score(make_pipeline(StandardScaler(), model), pixels, digits, cv=folds)
    return {"accuracy": scores.mean(), "spread": scores.std()}
