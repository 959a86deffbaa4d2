"""Boosted trees of LightGBM, XGBoost and CatBoost, as their usual converters export them."""

import tempfile
from pathlib import Path

import catboost
import lightgbm
import numpy as np
import onnxmltools
import xgboost
from onnxmltools.convert.common.data_types import FloatTensorType

from exported import Exported
from exports_sklearn import BODY_X, BODY_Y, IRIS_NAMES, IRIS_X, IRIS_Y, SEEN, SPECIES, TWO

TREES = 8
OPSET = 15


def table_of(x):
    return [("X", FloatTensorType([None, x.shape[1]]))]


def lightgbm_models():
    same = {"n_estimators": TREES, "num_leaves": 7, "verbose": -1, "random_state": 1}
    groups = [len(BODY_X) // 2, len(BODY_X) - len(BODY_X) // 2]
    ranks = np.digitize(BODY_Y, [80, 140, 220])
    models = {
        "regressor": (lightgbm.LGBMRegressor(**same).fit(BODY_X, BODY_Y), BODY_X),
        "ranker": (lightgbm.LGBMRanker(**same).fit(BODY_X, ranks, group=groups), BODY_X),
        "two": (lightgbm.LGBMClassifier(**same).fit(IRIS_X[TWO], IRIS_Y[TWO]), IRIS_X[TWO]),
        "three": (lightgbm.LGBMClassifier(**same).fit(IRIS_X, IRIS_Y), IRIS_X),
        "three-text": (lightgbm.LGBMClassifier(**same).fit(IRIS_X, SPECIES[IRIS_Y]), IRIS_X),
    }
    for name, (model, x) in models.items():
        for zipmap in (True, False) if hasattr(model, "classes_") else (True,):
            onnx = onnxmltools.convert_lightgbm(model, initial_types=table_of(x), target_opset=OPSET, zipmap=zipmap)
            yield made(f"lightgbm-{name}{'' if zipmap else '-tensor'}", onnx.SerializeToString(), model, x, "X")


def xgboost_models():
    same = {"n_estimators": TREES, "max_depth": 3, "random_state": 1}
    models = {
        "regressor": (xgboost.XGBRegressor(**same).fit(BODY_X, BODY_Y), BODY_X),
        "two": (xgboost.XGBClassifier(**same).fit(IRIS_X[TWO], IRIS_Y[TWO] - 1), IRIS_X[TWO]),
        "three": (xgboost.XGBClassifier(**same).fit(IRIS_X, IRIS_Y), IRIS_X),
    }
    for name, (model, x) in models.items():
        onnx = onnxmltools.convert_xgboost(model, initial_types=table_of(x), target_opset=OPSET)
        yield made(f"xgboost-{name}", onnx.SerializeToString(), model, x, "X")


def catboost_models():
    same = {"iterations": TREES, "depth": 3, "verbose": False, "allow_writing_files": False, "random_seed": 1}
    models = {
        "regressor": (catboost.CatBoostRegressor(**same).fit(BODY_X, BODY_Y), BODY_X),
        # It exports 0 and 1 for the labels of two classes, whatever integers they are.
        "two": (catboost.CatBoostClassifier(**same).fit(IRIS_X[TWO], IRIS_Y[TWO] - 1), IRIS_X[TWO]),
        "two-text": (catboost.CatBoostClassifier(**same).fit(IRIS_X[TWO], SPECIES[IRIS_Y[TWO]]), IRIS_X[TWO]),
        "three": (catboost.CatBoostClassifier(**same).fit(IRIS_X, IRIS_Y), IRIS_X),
        "three-text": (catboost.CatBoostClassifier(**same).fit(IRIS_X, SPECIES[IRIS_Y]), IRIS_X),
    }
    with tempfile.TemporaryDirectory() as folder:
        for name, (model, x) in models.items():
            file = Path(folder) / f"{name}.onnx"
            model.save_model(str(file), format="onnx")
            yield made(f"catboost-{name}", file.read_bytes(), model, x, "features")


def made(name, onnx, model, x, source):
    rows = x[SEEN]
    expected = [np.asarray(model.predict(rows)).reshape(len(rows))]
    classes = getattr(model, "classes_", None)
    is_classifier = classes is not None and hasattr(model, "predict_proba")
    if is_classifier:
        expected.append(model.predict_proba(rows))
    return Exported(
        name,
        onnx,
        {source: rows},
        expected,
        np.asarray(classes).tolist() if is_classifier else None,
        IRIS_NAMES if x is IRIS_X else None,
    )


def exports():
    for family in (lightgbm_models, xgboost_models, catboost_models):
        yield from family()
