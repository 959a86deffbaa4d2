"""Inference by the Open Inference Protocol, with tensors as JSON and in the binary form."""

import json
import struct

import numpy as np

DATATYPES = {
    "bool": "BOOL",
    "float16": "FP16",
    "float32": "FP32",
    "float64": "FP64",
    "object": "BYTES",
    **{f"{sign}int{bits}": f"{sign.upper()}INT{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64)},
}
DTYPES = {datatype: np.dtype(name) for name, datatype in DATATYPES.items()}
JSON_LENGTH = "inference-header-content-length"


class Refused(Exception):
    """The server answered with an error."""

    def __init__(self, reply):
        super().__init__(f"status {reply.status}: {reply.body[:300].decode(errors='replace')}")
        self.status = reply.status
        self.code = reply.json().get("code")


def infer(client, model, arrays, binary):
    """Asks a model. Takes and returns arrays by name; texts are arrays of `str` objects."""
    inputs, parts = [], []
    for name, array in arrays.items():
        tensor = {"name": name, "datatype": DATATYPES[array.dtype.name], "shape": list(array.shape)}
        if binary:
            parts.append(to_bytes(array))
            tensor["parameters"] = {"binary_data_size": len(parts[-1])}
        else:
            tensor["data"] = to_json(array)
        inputs.append(tensor)
    request = {"inputs": inputs, "parameters": {"binary_data_output": binary}}
    head = json.dumps(request, allow_nan=False).encode()
    headers = {"content-type": "application/octet-stream" if binary else "application/json"}
    if binary:
        headers[JSON_LENGTH] = str(len(head))
    reply = client.ask("POST", f"/v2/models/{model}/infer", head + b"".join(parts), headers)
    if reply.status != 200:
        raise Refused(reply)
    return read(reply)


def read(reply):
    length = int(reply.headers.get(JSON_LENGTH, len(reply.body)))
    answer, rest = json.loads(reply.body[:length]), reply.body[length:]
    outputs = {}
    for output in answer["outputs"]:
        dtype, size = DTYPES[output["datatype"]], output.get("parameters", {}).get("binary_data_size")
        if size is None:
            values = from_json(dtype, output["data"])
        else:
            values, rest = from_bytes(dtype, rest[:size]), rest[size:]
        outputs[output["name"]] = values.reshape(output["shape"])
    if rest:
        raise AssertionError(f"{len(rest)} bytes follow the last output")
    return outputs


def to_bytes(array):
    if array.dtype != object:
        return np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<")).tobytes()
    texts = [text.encode() for text in array.ravel().tolist()]
    return b"".join(struct.pack("<I", len(text)) + text for text in texts)


def from_bytes(dtype, data):
    if dtype != object:
        return np.frombuffer(data, dtype.newbyteorder("<"))
    texts = []
    while data:
        (length,) = struct.unpack_from("<I", data)
        texts.append(data[4 : 4 + length].decode())
        data = data[4 + length :]
    return np.array(texts, object)


def to_json(array):
    return [plain(value) for value in array.ravel().tolist()]


def plain(value):
    """A value as JSON can write it; what it has no number for becomes a text."""
    if not isinstance(value, float) or np.isfinite(value):
        return value
    return "NaN" if np.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def from_json(dtype, values):
    if dtype.kind == "f":
        return np.array([float(value) for value in values], dtype)
    return np.array(values, dtype)
