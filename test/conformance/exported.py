"""A model as a framework exported it, with what the framework itself predicts."""

from dataclasses import dataclass

import numpy as np


@dataclass
class Exported:
    name: str
    onnx: bytes
    inputs: dict[str, np.ndarray]
    """What the graph takes, by the names of its inputs: `[N, F]` each."""
    expected: list[np.ndarray]
    """What the framework predicts for the same rows, output by output."""
    classes: list | None = None
    """A classifier's labels, where the second output holds their probabilities."""
    features: list[str] | None = None
    """Names of the columns, for model.json; without them a lone input has `f0`, `f1` and so on."""
    nullable: bool = False
    """Whether missing values are sent as `null`."""
    rtol: float = 1e-3
    atol: float = 1e-4

    @property
    def is_text(self):
        """Whether the graph cuts texts into words, for which the runtime needs a locale."""
        return self.name.startswith("text-")

    @property
    def size(self):
        return len(next(iter(self.inputs.values())))

    @property
    def columns(self):
        """Names of the features, in the order of the graph."""
        if len(self.inputs) > 1:
            return list(self.inputs)
        (table,) = self.inputs.values()
        return self.features or [f"f{column}" for column in range(table.shape[1])]

    def rows(self):
        """The rows as lists of plain values, in the order of `columns`. NaN is None where that is sent."""
        table = zip(*(column for array in self.inputs.values() for column in array.T.tolist()))
        return [[None if self.nullable and value != value else value for value in row] for row in table]

    def config(self):
        """model.json, or None."""
        if not self.features:
            return None
        return {"features": [{"name": name, "nullable": True} if self.nullable else name for name in self.features]}
