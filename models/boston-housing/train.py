"""Train both versions of boston-housing and describe them.

Reads boston.csv beside this file and writes 1/model.onnx, 2/model.onnx and model.json. Every number in model.json
that follows from the data is computed here. The same packages on the same machine write the same bytes each time, and
nothing is written unless the exported models agree with scikit-learn on every row.
"""

import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import skl2onnx
import sklearn
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import DoubleTensorType
from skl2onnx.sklapi import CastTransformer
from sklearn.base import clone
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_absolute_error, r2_score
from sklearn.model_selection import KFold, cross_val_predict
from sklearn.pipeline import make_pipeline

HERE = Path(__file__).resolve().parent
SEED = 0
FOLDS = 10
TREES = 200
DEPTH = 4
TARGET = "MEDV"
OPSETS = {"": 18, "ai.onnx.ml": 3}
EXAMPLE_TOLERANCE = 1e-4
# What ordinary least squares is known to predict for the first row: a check that the file was read as it should be.
KNOWN_FIRST_ROW = 30.00384338
# What the lecture shows for that row. It cannot be computed here.
LECTURE_FIRST_ROW = 29.9197
TARGET_CEILING = 50

# name: (description, unit, further bounds than min 0, which holds for all of them)
FEATURES = {
    "CRIM": ("Crime rate of the town", "per head", {}),
    "ZN": ("Share of residential land zoned for lots over 25,000 sq ft", "%", {}),
    "INDUS": ("Share of the town's acres in non-retail business", "%", {}),
    "CHAS": ("Whether the tract lies on the Charles River: 1 if it does, 0 if not", "0 or 1", {"max": 1}),
    "NOX": ("Concentration of nitrogen oxides in the air", "parts per 10 million", {}),
    "RM": ("Mean number of rooms in a dwelling", "rooms", {}),
    "AGE": ("Share of owner-occupied units built before 1940", "%", {}),
    "DIS": ("Weighted distance to five employment centres of Boston", "weighted distance", {}),
    "RAD": ("Accessibility of radial highways: the higher, the better", "index", {}),
    "TAX": ("Property tax rate", "USD per 10,000 USD", {}),
    "PTRATIO": ("Pupils per teacher in the town's schools", "pupils per teacher", {}),
    "B": ("1000(Bk − 0.63)², where Bk is the share of Black residents of the town: it encodes race", "index", {}),
    "LSTAT": ("Share of the population of lower status, as the study called it", "%", {}),
}

VERSIONS = {
    "1": {
        "regressor": LinearRegression(),
        "description": f"Ordinary least squares on all rows and all {len(FEATURES)} features, in double precision.",
        "relative": 1e-9,
        "absolute": 0.0,
        "decimals": 13,
    },
    "2": {
        # scikit-learn's trees round the features to floats before they compare them. The cast makes the graph do the
        # same; without it a few rows take another branch there and are off by up to 0.12.
        "regressor": make_pipeline(
            CastTransformer(dtype=np.float32),
            GradientBoostingRegressor(
                n_estimators=TREES, max_depth=DEPTH, learning_rate=0.05, subsample=0.8, random_state=SEED
            ),
        ),
        "description": f"Gradient boosting on all rows: {TREES} trees of depth {DEPTH}, in single precision.",
        "relative": 0.0,
        "absolute": 1e-4,
        "decimals": 6,
    },
}


def read_data():
    """Return the feature matrix [N, 13] and the target [N] of boston.csv."""
    path = HERE / "boston.csv"
    with path.open(encoding="utf-8") as file:
        header = file.readline().strip().split(",")
        table = np.loadtxt(file, delimiter=",", dtype=np.float64)
    if header != [*FEATURES, TARGET]:
        raise SystemExit(f"{path.name}: unexpected columns {header}")
    return table[:, :-1], table[:, -1]


def cross_validate(regressor, x, y):
    """Return the errors of predictions that were each made by a model that had not seen the row."""
    folds = KFold(FOLDS, shuffle=True, random_state=SEED)
    predicted = cross_val_predict(clone(regressor), x, y, cv=folds)
    return {
        "mae": round(float(mean_absolute_error(y, predicted)), 4),
        "r2": round(float(r2_score(y, predicted)), 4),
        "method": f"{FOLDS}-fold cross-validation, shuffled, seed {SEED}; both over the pooled out-of-fold predictions",
    }


def export(regressor, version, description, rows):
    """Return the ONNX file of a fitted regressor as bytes: double [N, 13] in, double [N, 1] out, any N."""
    model = convert_sklearn(
        regressor,
        name=f"boston-housing-{version}",
        doc_string=description,
        initial_types=[("input", DoubleTensorType([None, len(FEATURES)]))],
        final_types=[(TARGET, DoubleTensorType([None, 1]))],
        target_opset=OPSETS,
    )
    model.model_version = int(version)
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "N"
    # skl2onnx writes these in the order of a set, which changes from run to run.
    opsets = sorted(model.opset_import, key=lambda opset: opset.domain)
    del model.opset_import[:]
    model.opset_import.extend(opsets)
    onnx.helper.set_model_props(
        model,
        {
            "description": description,
            "training_data": f"boston.csv: {rows} rows, Boston 1970, Harrison and Rubinfeld (1978), from MASS for R",
            "framework": f"scikit-learn {sklearn.__version__}, skl2onnx {skl2onnx.__version__}",
            "features": ",".join(FEATURES),
            "target": TARGET,
        },
    )
    onnx.checker.check_model(model, full_check=True)
    return model.SerializeToString(deterministic=True)


def open_model(data):
    """Return a function from rows to predictions that runs the ONNX bytes on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    return lambda rows: session.run([TARGET], {"input": rows})[0].ravel()


def verify(version, run, regressor, x, relative, absolute):
    """Stop unless the ONNX model answers every row as scikit-learn does, in one batch and row by row."""
    expected = regressor.predict(x)
    one_by_one = np.concatenate([run(x[i : i + 1]) for i in range(len(x))])
    for how, actual in (("in one batch", run(x)), ("row by row", one_by_one)):
        difference = np.abs(actual - expected)
        worst = int(difference.argmax())
        print(f"version {version}, {how}: differs by at most {difference[worst]:.3g}, in row {worst + 1}")
        if not np.allclose(actual, expected, rtol=relative, atol=absolute):
            raise SystemExit(f"version {version}: the exported model does not agree with scikit-learn")


def number(value):
    """Return a float as JSON should show it: whole numbers without a fraction, as in the csv."""
    return int(value) if value == int(value) else float(value)


def describe(x, y, versions, example):
    """Return the content of model.json."""
    one, two = (versions[v]["metrics"] for v in ("1", "2"))
    description = (
        f"Predicts the median value of owner-occupied homes in a census tract of the Boston area from {len(FEATURES)} "
        "figures about the tract and its town. It is the model of the lecture, an ordinary least squares fit, with "
        "gradient boosting beside it as a second version. "
        f"In {FOLDS}-fold cross-validation the first is off by {one['mae']:.2f} thousand dollars on average (R² "
        f"{one['r2']:.2f}), the second by {two['mae']:.2f} (R² {two['r2']:.2f}). "
        "The data has known faults. The feature B encodes race: it is computed from the share of Black residents of "
        f"the town. {int((y == TARGET_CEILING).sum())} of the {len(y)} targets are censored: they say "
        f"{TARGET_CEILING}, and the true values may be higher. It is a tiny teaching set of 1970, fit for a "
        "demonstration and for nothing else: do not value a home with it. "
        f"The lecture's own answer for the first row, {LECTURE_FIRST_ROW}, came of a fit that we do not have."
    )
    features = [
        {
            "name": name,
            "description": text,
            "unit": unit,
            "min": 0,
            **bounds,
            "observed": [number(column.min()), number(column.max())],
        }
        for (name, (text, unit, bounds)), column in zip(FEATURES.items(), x.T)
    ]
    return {
        "title": "Boston house prices",
        "description": description,
        "target": {
            "name": TARGET,
            "description": f"Median value of owner-occupied homes, censored at {TARGET_CEILING}",
            "unit": "1,000 USD",
        },
        "features": features,
        "labels": {"stable": "1", "canary": "2"},
        "defaultLabel": "stable",
        "example": example["1"],
        "versions": {
            "1": versions["1"],
            "2": {**versions["2"], "example": example["2"]},
        },
    }


def to_json(value, indent=""):
    """Serialise as prettier prints it: objects one key a line, arrays of numbers on one line."""
    deeper = indent + "  "
    if isinstance(value, dict):
        lines = [f"{deeper}{json.dumps(key)}: {to_json(item, deeper)}" for key, item in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return "[\n" + ",\n".join(deeper + to_json(item, deeper) for item in value) + f"\n{indent}]"
    return json.dumps(value, ensure_ascii=False)


def main():
    """Train, verify, and only then write."""
    x, y = read_data()
    first = {name: number(value) for name, value in zip(FEATURES, x[0])}
    files, versions, example = {}, {}, {}
    for version, plan in VERSIONS.items():
        regressor = clone(plan["regressor"]).fit(x, y)
        files[version] = export(regressor, version, plan["description"], len(x))
        run = open_model(files[version])
        verify(version, run, regressor, x, plan["relative"], plan["absolute"])
        versions[version] = {"description": plan["description"], "metrics": cross_validate(regressor, x, y)}
        prediction = round(float(run(x[:1])[0]), plan["decimals"])
        example[version] = {"input": first, "prediction": [prediction], "tolerance": EXAMPLE_TOLERANCE}
        print(f"version {version}: {versions[version]['metrics']}, first row {prediction}")
    if abs(example["1"]["prediction"][0] - KNOWN_FIRST_ROW) > 1e-8:
        raise SystemExit(f"the first row should be {KNOWN_FIRST_ROW} in version 1: was boston.csv changed?")

    for version, data in files.items():
        path = HERE / version / "model.onnx"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        print(f"{path.relative_to(HERE)}: {len(data)} bytes")
    text = to_json(describe(x, y, versions, example)) + "\n"
    (HERE / "model.json").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
