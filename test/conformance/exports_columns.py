"""Pipelines over named columns of several types, and over texts, as skl2onnx exports them."""

import numpy as np
import pandas
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType, StringTensorType
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingRegressor, RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler

from exported import Exported

OPSET = {"": 18, "ai.onnx.ml": 3}
TYPES = {"float32": FloatTensorType, "int64": Int64TensorType}
COUNT = 120
SEEN = slice(0, COUNT, 7)


def flats():
    """Flats for sale that do not exist."""
    random = np.random.default_rng(5)
    city = random.choice(["Boston", "Salem", "Łódź"], COUNT)
    kind = random.choice(["new", "old"], COUNT)
    rooms = random.integers(1, 6, COUNT)
    area = (rooms * 18 + random.normal(10, 6, COUNT)).astype(np.float32)
    price = area * np.where(city == "Boston", 9, 5) + np.where(kind == "new", 80, 0) + random.normal(0, 5, COUNT)
    table = pandas.DataFrame({"city": city.astype(object), "kind": kind.astype(object), "rooms": rooms, "area": area})
    return table, price


def columns_to_onnx(model, table):
    types = [(name, TYPES.get(str(table[name].dtype), StringTensorType)([None, 1])) for name in table.columns]
    return to_onnx(model, initial_types=types, target_opset=OPSET).SerializeToString()


def inputs_of(table):
    kinds = {name: table[name].dtype if str(table[name].dtype) in TYPES else object for name in table.columns}
    return {name: np.array(table[name].tolist(), kind).reshape(-1, 1) for name, kind in kinds.items()}


def pipelines():
    table, price = flats()
    sold = table.iloc[SEEN]
    prepared = ColumnTransformer(
        [
            ("texts", OneHotEncoder(handle_unknown="ignore"), ["city", "kind"]),
            ("numbers", StandardScaler(), ["rooms", "area"]),
        ]
    )
    ordinal = ColumnTransformer(
        [("texts", OrdinalEncoder(), ["city", "kind"]), ("rest", "passthrough", ["rooms", "area"])]
    )
    for name, first in {"one-hot": prepared, "ordinal": ordinal}.items():
        regressor = make_pipeline(first, GradientBoostingRegressor(n_estimators=9, random_state=1)).fit(table, price)
        yield Exported(
            f"columns-{name}-regression", columns_to_onnx(regressor, table), inputs_of(sold), [regressor.predict(sold)]
        )
        for kind, dear in {"text": np.where(price > 500, "dear", "cheap"), "int": (price > 500).astype(int)}.items():
            for last in (LogisticRegression(max_iter=500), RandomForestClassifier(7, max_depth=4, random_state=1)):
                model = make_pipeline(first, last).fit(table, dear)
                yield Exported(
                    f"columns-{name}-{type(last).__name__}-{kind}",
                    columns_to_onnx(model, table),
                    inputs_of(sold),
                    [model.predict(sold), model.predict_proba(sold)],
                    model.classes_.tolist(),
                )


def imputed():
    table, price = flats()
    table = table[["area"]].assign(rooms=table["rooms"].astype(np.float32))
    table.loc[::7, "rooms"] = np.nan
    model = make_pipeline(SimpleImputer(), GradientBoostingRegressor(n_estimators=5, random_state=1)).fit(table, price)
    sold = table.iloc[SEEN]
    yield Exported("columns-imputed", columns_to_onnx(model, table), inputs_of(sold), [model.predict(sold)])


def texts():
    good = [
        "a bright and quiet flat",
        "lovely view of the river",
        "close to parks and schools",
        "freshly painted and sunny",
    ]
    bad = ["damp walls and broken heating", "noisy street and dark rooms", "the lift is broken", "far from any school"]
    x = np.array(good + bad, object)
    y = np.array(["good"] * len(good) + ["bad"] * len(bad))
    for cutter, features in ((TfidfVectorizer(), ["sentence"]), (CountVectorizer(), None)):
        model = make_pipeline(cutter, LogisticRegression()).fit(x, y)
        onnx = to_onnx(model, initial_types=[("text", StringTensorType([None, 1]))], target_opset=OPSET)
        yield Exported(
            f"text-{type(cutter).__name__}",
            onnx.SerializeToString(),
            {"text": x.reshape(-1, 1)},
            [model.predict(x), model.predict_proba(x)],
            model.classes_.tolist(),
            features,
        )


def exports():
    for family in (pipelines, imputed, texts):
        yield from family()
