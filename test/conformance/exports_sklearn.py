"""scikit-learn's models as skl2onnx exports them."""

import numpy as np
from skl2onnx import to_onnx
from sklearn import (
    datasets,
    decomposition,
    ensemble,
    feature_selection,
    linear_model,
    naive_bayes,
    neighbors,
    svm,
    tree,
)
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.impute import SimpleImputer
from sklearn.multioutput import MultiOutputClassifier, MultiOutputRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    PolynomialFeatures,
    RobustScaler,
    StandardScaler,
)

from exported import Exported

OPSET = {"": 18, "ai.onnx.ml": 3}
IRIS_X, IRIS_Y = datasets.load_iris(return_X_y=True)
IRIS_X = IRIS_X.astype(np.float32)
IRIS_NAMES = ["sepal length", "sepal width", "petal length", "petal width"]
SPECIES = np.array(["setosa", "versicolor", "virginica"])
BODY_X, BODY_Y = (array.astype(np.float32) for array in datasets.load_diabetes(return_X_y=True))
TWO = IRIS_Y != 0
"""Rows of the two species that are hard to tell apart."""
SEEN = slice(0, 150, 9)


def export(name, model, x, y=None, options=None, outputs=None, features=None, **more):
    """Trains a model and exports it; `outputs` are the names of the methods that say what it should answer."""
    model.fit(x, y)
    rows = x[SEEN]
    if outputs is None:
        outputs = ["predict"]
    onnx = to_onnx(model, x[:1], target_opset=OPSET, options={id(model): options} if options else None)
    expected = [np.asarray(getattr(model, method)(rows)) for method in outputs]
    return Exported(name, onnx.SerializeToString(), {"X": rows}, expected, features=features, **more)


def classifier(name, model, x=IRIS_X, y=IRIS_Y, second="predict_proba", **more):
    made = export(name, model, x, y, outputs=["predict", second], **more)
    made.classes = model.classes_.tolist()
    return made


def label_kinds():
    """Every form of label and of probabilities that the converter has."""
    names = {"features": IRIS_NAMES}
    for kind, labels in {"int": IRIS_Y, "text": SPECIES[IRIS_Y]}.items():
        logistic = linear_model.LogisticRegression(max_iter=500)
        yield classifier(f"zipmap-{kind}-three", logistic, y=labels, **names)
        yield classifier(f"zipmap-{kind}-two", logistic, IRIS_X[TWO], labels[TWO])
        yield classifier(f"tensor-{kind}-three", logistic, y=labels, options={"zipmap": False})
        yield classifier(f"tensor-{kind}-two", logistic, IRIS_X[TWO], labels[TWO], options={"zipmap": False}, **names)
        columns = classifier(f"columns-{kind}-three", logistic, y=labels, options={"zipmap": "columns"})
        columns.expected = [columns.expected[0], *columns.expected[1].T]
        columns.classes = None
        yield columns
    negative = np.where(IRIS_Y == 0, -1, 1)
    yield classifier("zipmap-negative-labels", linear_model.LogisticRegression(), y=negative)
    yield classifier(
        "raw-scores", linear_model.LogisticRegression(), second="decision_function", options={"raw_scores": True}
    )


def classifiers():
    forest = ensemble.RandomForestClassifier(7, max_depth=4, random_state=1)
    logistic = linear_model.LogisticRegression(max_iter=500)
    voters = [("forest", forest), ("logistic", logistic)]
    models = {
        "decision-tree": tree.DecisionTreeClassifier(max_depth=3, random_state=1),
        "random-forest": forest,
        "extra-trees": ensemble.ExtraTreesClassifier(7, max_depth=4, random_state=1),
        "gradient-boosting": ensemble.GradientBoostingClassifier(n_estimators=5, random_state=1),
        "ada-boost": ensemble.AdaBoostClassifier(n_estimators=5, random_state=1),
        "bagging": ensemble.BaggingClassifier(n_estimators=5, random_state=1),
        "voting-soft": ensemble.VotingClassifier(voters, voting="soft", flatten_transform=False),
        "stacking": ensemble.StackingClassifier(voters, cv=3),
        "calibrated": CalibratedClassifierCV(logistic, cv=3),
        "gaussian-nb": naive_bayes.GaussianNB(),
        "multinomial-nb": naive_bayes.MultinomialNB(),
        "knn": neighbors.KNeighborsClassifier(5),
        "mlp": MLPClassifier(hidden_layer_sizes=(8,), max_iter=300, random_state=1),
        "lda": LinearDiscriminantAnalysis(),
        "svc-probability": svm.SVC(probability=True, random_state=1),
        "scaled-logistic": make_pipeline(StandardScaler(), logistic),
        "selected-logistic": make_pipeline(feature_selection.SelectKBest(k=2), logistic),
    }
    for name, model in models.items():
        yield classifier(name, model, features=IRIS_NAMES if "-" in name else None)
    for kind, labels in {"int": IRIS_Y, "text": SPECIES[IRIS_Y]}.items():
        calibrated = CalibratedClassifierCV(svm.SVC(random_state=1), ensemble=False, cv=3)
        yield classifier(f"svc-calibrated-{kind}", calibrated, y=labels)
        yield classifier(
            f"svc-scores-{kind}", svm.SVC(), y=labels, second="decision_function", options={"raw_scores": True}
        )


def regressors():
    models = {
        "linear": linear_model.LinearRegression(),
        "ridge": linear_model.Ridge(),
        "lasso": linear_model.Lasso(),
        "poisson": linear_model.PoissonRegressor(),
        "decision-tree": tree.DecisionTreeRegressor(max_depth=4, random_state=1),
        "random-forest": ensemble.RandomForestRegressor(7, max_depth=5, random_state=1),
        "gradient-boosting": ensemble.GradientBoostingRegressor(n_estimators=9, random_state=1),
        "knn": neighbors.KNeighborsRegressor(5),
        "svr": svm.SVR(),
        "mlp": MLPRegressor(hidden_layer_sizes=(8,), max_iter=300, random_state=1),
        "gaussian-process": GaussianProcessRegressor(alpha=1.0),
        "polynomial": make_pipeline(PolynomialFeatures(2), linear_model.Ridge()),
    }
    for name, model in models.items():
        named = {"features": datasets.load_diabetes().feature_names} if len(name) % 2 else {}
        yield export(f"regression-{name}", model, BODY_X, BODY_Y, **named)
    doubles = BODY_X.astype(np.float64), BODY_Y.astype(np.float64)
    yield export("regression-in-doubles", linear_model.LinearRegression(), *doubles, rtol=1e-9, atol=1e-9)
    yield export("regression-of-integers", linear_model.LinearRegression(), (IRIS_X * 10).astype(np.int64), IRIS_Y)


def several_outputs():
    pair = np.column_stack([BODY_Y, BODY_Y * 2 - 7])
    yield export("two-values-linear", linear_model.LinearRegression(), BODY_X, pair)
    yield export("two-values-forest", ensemble.RandomForestRegressor(5, max_depth=4, random_state=1), BODY_X, pair)
    yield export(
        "two-values-wrapped", MultiOutputRegressor(ensemble.GradientBoostingRegressor(n_estimators=4)), BODY_X, pair
    )
    labels = np.column_stack([IRIS_Y, IRIS_Y[::-1]])
    wrapped = MultiOutputClassifier(linear_model.LogisticRegression(max_iter=500))
    made = export(
        "two-labels", wrapped, IRIS_X, labels, outputs=["predict", "predict_proba"], options={"zipmap": False}
    )
    made.expected[1] = made.expected[1].transpose(1, 0, 2)  # a list by label there, a tensor by row here
    yield made
    labels = np.column_stack([IRIS_Y, IRIS_Y > 0])  # three classes, and two
    made = export("two-labels-uneven", wrapped, IRIS_X, labels, options={"zipmap": False})
    made.expected += wrapped.predict_proba(made.inputs["X"])  # an output for each
    yield made


def others():
    scores = ["predict", "decision_function"]
    yield export("isolation-forest", ensemble.IsolationForest(n_estimators=20, random_state=1), IRIS_X, outputs=scores)
    yield export("local-outliers", neighbors.LocalOutlierFactor(novelty=True), IRIS_X, outputs=scores)
    yield export("one-class-svm", svm.OneClassSVM(nu=0.1), IRIS_X, outputs=scores)
    yield export("k-means", KMeans(3, random_state=1), IRIS_X, outputs=["predict", "transform"])
    scalers = [StandardScaler(), MinMaxScaler(), RobustScaler(), MaxAbsScaler(), Normalizer(), decomposition.PCA(2)]
    for model in [*scalers, decomposition.TruncatedSVD(2)]:
        yield export(f"transform-{type(model).__name__}", model, IRIS_X, outputs=["transform"])
    gaps = IRIS_X.copy()
    gaps[::9, 1] = gaps[::18, 3] = np.nan
    yield export("impute", SimpleImputer(), gaps, outputs=["transform"])
    pipeline = make_pipeline(SimpleImputer(strategy="median"), linear_model.LogisticRegression(max_iter=500))
    yield classifier("impute-then-classify", pipeline, gaps, features=IRIS_NAMES, nullable=True)


def exports():
    for family in (label_kinds, classifiers, regressors, several_outputs, others):
        yield from family()
