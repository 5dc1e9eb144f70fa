"""The builder of a real scikit-learn search, apart from the others because of its imports."""

from __future__ import annotations

from sklearn.decomposition import PCA
from sklearn.model_selection import GridSearchCV, KFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC


def grid_search(costs: int) -> GridSearchCV:
    """Search a grid of pipelines, each cost with both kernels, by cross-validation."""
    pipelines = []
    for exponent in range(costs):
        for kernel in ("rbf", "linear"):
            steps = [
                ("scale", StandardScaler(with_mean=True)),
                ("reduce", PCA(n_components=2, random_state=0)),
                ("classify", SVC(C=2**exponent, kernel=kernel)),
            ]
            pipelines.append(Pipeline(steps))
    grid = {"estimator": pipelines}
    base = Pipeline([("estimator", SVC())])
    return GridSearchCV(base, param_grid=grid, cv=KFold(n_splits=3), n_jobs=1)
