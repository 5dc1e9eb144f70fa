"""Builders as users of scikit-learn write them."""

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier, StackingClassifier, VotingClassifier
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, StratifiedKFold, train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

FOREST = {"n_estimators": 5, "max_depth": 3, "random_state": 0}


def scaled_regression():
    return make_pipeline(StandardScaler(), LogisticRegression(C=0.5, max_iter=200))


def columns_by_type():
    numbers = Pipeline(
        [("fill", SimpleImputer(strategy="constant", fill_value=0.5)), ("scale", StandardScaler())]
    )
    words = OneHotEncoder(handle_unknown="ignore")
    return ColumnTransformer(
        [
            ("numbers", numbers, make_column_selector(dtype_include="number")),
            ("words", words, make_column_selector(dtype_exclude="number")),
        ]
    )


def grid_search():
    grid = {"svc__C": [0.1, 1.0], "svc__gamma": list(np.logspace(-2, 0, 3))}
    pipe = Pipeline([("scale", StandardScaler()), ("svc", SVC())])
    return GridSearchCV(pipe, grid, cv=StratifiedKFold(3, shuffle=True, random_state=0))


def parameters_set_later():
    pipe = make_pipeline(StandardScaler(), SVC())
    pipe.set_params(svc__C=10.0)
    return pipe


def parameters_set_in_a_chain():
    return make_pipeline(StandardScaler(), Ridge()).set_params(ridge__alpha=3.0)


def voters_in_a_loop():
    voters = []
    for depth in (1, 2, 3):
        voters.append((f"tree{depth}", DecisionTreeClassifier(max_depth=depth, random_state=depth)))
    return VotingClassifier(voters, voting="soft")


def stacked():
    forest = RandomForestClassifier(**FOREST)
    return StackingClassifier([("forest", forest), ("near", KNeighborsClassifier(3))], cv=3)


def fitted():
    data = load_iris(return_X_y=True)
    features, target = data
    model = LogisticRegression(max_iter=300)
    model.fit(features, target)
    return model


def fitted_on_a_split():
    features, target = load_iris(return_X_y=True)
    train, test, train_target, test_target = train_test_split(features, target, random_state=0)
    model = RandomForestClassifier(**FOREST).fit(train, train_target)
    return {"model": model, "score": model.score(test, test_target)}


def transformed_functions():
    union = FeatureUnion(
        [("log", FunctionTransformer(np.log1p)), ("best", SelectKBest(f_classif, k=2))]
    )
    return make_pipeline(union, LogisticRegression())


def calibrated():
    base = SVC(kernel="linear", random_state=1)
    return CalibratedClassifierCV(base, method="sigmoid", cv=2)


def random_forest_of_a_seed():
    np.random.seed(3)
    weights = np.random.rand(4)
    return {"weights": weights / weights.sum(), "model": RandomForestClassifier(**FOREST)}


BUILDERS = [
    scaled_regression,
    columns_by_type,
    grid_search,
    parameters_set_later,
    parameters_set_in_a_chain,
    voters_in_a_loop,
    stacked,
    fitted,
    fitted_on_a_split,
    transformed_functions,
    calibrated,
    random_forest_of_a_seed,
]
