"""Asks a running Oriel with Triton's own client: `python tritonclient_check.py http://127.0.0.1:8000`.

Needs `pip install "tritonclient[http]"` and a server whose ORIEL_MODELS is a copy of test/fixtures/models.
Prints `N passed, M failed`; the exit code is 0 when none failed.
"""

import sys
import traceback

import numpy as np
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException

CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


def infer(client, model, arrays, types, binary=True, binary_out=True, outputs=None, **options):
    inputs = []
    for name, array in arrays.items():
        tensor = triton.InferInput(name, list(array.shape), types[name])
        tensor.set_data_from_numpy(array, binary_data=binary)
        inputs.append(tensor)
    asked = None if outputs is None else [triton.InferRequestedOutput(o, binary_data=binary_out) for o in outputs]
    return client.infer(model, inputs, outputs=asked, **options)


SAMPLES = {
    "bool": ("BOOL", np.array([[True, False]])),
    "uint8": ("UINT8", np.array([[0, 255]], np.uint8)),
    "uint16": ("UINT16", np.array([[0, 65535]], np.uint16)),
    "uint32": ("UINT32", np.array([[0, 2**32 - 1]], np.uint32)),
    "uint64": ("UINT64", np.array([[0, 2**64 - 1]], np.uint64)),
    "int8": ("INT8", np.array([[-128, 127]], np.int8)),
    "int16": ("INT16", np.array([[-32768, 32767]], np.int16)),
    "int32": ("INT32", np.array([[-(2**31), 2**31 - 1]], np.int32)),
    "int64": ("INT64", np.array([[-(2**63), 2**63 - 1]], np.int64)),
    "fp16": ("FP16", np.array([[0.1, -65504]], np.float16)),
    "fp32": ("FP32", np.array([[0.1, -3.4e38]], np.float32)),
    "fp64": ("FP64", np.array([[0.1, 1e308]], np.float64)),
    "bytes": ("BYTES", np.array([["zażółć".encode(), b""]], np.object_)),
}


@check
def server_is_live_ready_and_named(client):
    assert client.is_server_live() and client.is_server_ready()
    metadata = client.get_server_metadata()
    assert metadata["name"] == "oriel" and "binary_tensor_data" in metadata["extensions"], metadata


@check
def models_have_metadata_and_config(client):
    assert client.is_model_ready("add-sub") and client.is_model_ready("add-sub", "1")
    assert not client.is_model_ready("no-such-model")
    metadata = client.get_model_metadata("add-sub")
    assert metadata["inputs"][0] == {"name": "a", "datatype": "FP32", "shape": [-1, 2]}, metadata
    config = client.get_model_config("add-sub")
    assert config["max_batch_size"] > 0 and config["input"][0]["dims"] == [2], config


def round_trip(kind, binary):
    def run(client):
        datatype, array = SAMPLES[kind]
        result = infer(
            client, f"same-{kind}", {"x": array}, {"x": datatype}, binary, binary, ["y"], request_id=kind
        )
        assert result.get_response()["id"] == kind
        out = result.as_numpy("y")
        expected = array if binary or kind != "bytes" else np.vectorize(bytes.decode, otypes=[object])(array)
        assert out.tolist() == expected.tolist(), out

    run.__name__ = f"{kind}_goes_there_and_back_as_{'bytes' if binary else 'json'}"
    return run


for kind in SAMPLES:
    check(round_trip(kind, True))
    if kind != "fp16":  # the client itself refuses FP16 as JSON
        check(round_trip(kind, False))


@check
def without_outputs_all_come(client):
    a = np.array([[1, 2]], np.float32)
    result = infer(client, "add-sub", {"a": a, "b": a}, {"a": "FP32", "b": "FP32"})
    assert result.as_numpy("sum").tolist() == [[2, 4]] and result.as_numpy("difference").tolist() == [[0, 0]]


@check
def forms_may_be_mixed(client):
    a = np.array([[1, 2], [3, 4]], np.float32)
    first = triton.InferInput("a", [2, 2], "FP32").set_data_from_numpy(a, binary_data=True)
    second = triton.InferInput("b", [2, 2], "FP32").set_data_from_numpy(a, binary_data=False)
    outputs = [
        triton.InferRequestedOutput("difference", binary_data=False),
        triton.InferRequestedOutput("sum", binary_data=True),
    ]
    result = client.infer("add-sub", [first, second], outputs=outputs)
    assert [o["name"] for o in result.get_response()["outputs"]] == ["difference", "sum"]
    assert result.as_numpy("sum").tolist() == [[2, 4], [6, 8]]
    assert result.as_numpy("difference").tolist() == [[0, 0], [0, 0]]


@check
def compression_and_concurrency(client):
    a = np.ones((200, 2), np.float32)
    result = infer(
        client, "same-fp32", {"x": a}, {"x": "FP32"}, request_compression_algorithm="gzip",
        response_compression_algorithm="gzip",
    )
    assert result.as_numpy("y").shape == (200, 2)
    pending = []
    for n in range(16):
        tensor = triton.InferInput("x", [1, 2], "FP32").set_data_from_numpy(np.full((1, 2), n, np.float32))
        pending.append(client.async_infer("same-fp32", [tensor]))
    assert [p.get_result().as_numpy("y")[0, 0] for p in pending] == list(range(16))


@check
def classification(client):
    x = np.array([[0, 0], [5, 0]], np.float32)
    tensor = triton.InferInput("X", [2, 2], "FP32").set_data_from_numpy(x)
    for binary in (True, False):
        asked = triton.InferRequestedOutput("probabilities", binary_data=binary, class_count=2)
        classes = client.infer("colours", [tensor], outputs=[asked]).as_numpy("probabilities")
        assert classes.shape == (2, 2), classes
        texts = [[c.decode() if isinstance(c, bytes) else c for c in row] for row in classes]
        assert texts[0][0].endswith(":2:red") and texts[1][0].endswith(":1:green"), texts
        assert float(texts[0][0].split(":")[0]) > float(texts[0][1].split(":")[0])


@check
def optional_inputs_may_be_given(client):
    x, factor = np.array([[1, 2]], np.float32), np.array([5], np.float32)
    assert infer(client, "scaled", {"x": x}, {"x": "FP32"}).as_numpy("y").tolist() == [[2, 4]]
    given = infer(client, "scaled", {"x": x, "factor": factor}, {"x": "FP32", "factor": "FP32"})
    assert given.as_numpy("y").tolist() == [[5, 10]]


def refused(call, text):
    try:
        call()
    except InferenceServerException as error:
        assert text in str(error), error
        return
    raise AssertionError("it was not refused")


@check
def errors_reach_the_client_as_text(client):
    a = np.zeros((1, 3), np.float32)
    refused(lambda: infer(client, "same-fp32", {"x": a}, {"x": "FP32"}), "/inputs/0/shape")
    b = np.zeros((1, 2), np.int32)
    refused(lambda: infer(client, "same-fp32", {"x": b}, {"x": "INT32"}), "must be FP32")
    refused(lambda: client.get_model_metadata("no-such-model"), "no-such-model")


@check
def the_repository_loads_and_unloads(client):
    def state():
        return next(m for m in client.get_model_repository_index() if m["name"] == "same-open")

    assert state()["state"] == "READY"
    client.unload_model("same-open", unload_dependents=True)
    assert state() == {"name": "same-open", "version": "1", "state": "UNAVAILABLE", "reason": "unloaded"}
    assert not client.is_model_ready("same-open")
    client.load_model("same-open")
    assert state()["state"] == "READY" and client.is_model_ready("same-open")
    refused(lambda: client.load_model("same-open", config='{"max_batch_size": 1}'), "/parameters/config")
    refused(lambda: client.load_model("no-such-model"), "no-such-model")


@check
def statistics_count(client):
    def stats():
        return client.get_inference_statistics("same-uint8", "1")["model_stats"][0]

    before = stats()
    infer(client, "same-uint8", {"x": np.zeros((3, 2), np.uint8)}, {"x": "UINT8"})
    after = stats()
    assert after["inference_count"] == before["inference_count"] + 3
    assert after["execution_count"] == before["execution_count"] + 1
    assert after["inference_stats"]["success"]["count"] == before["inference_stats"]["success"]["count"] + 1
    assert after["inference_stats"]["compute_infer"]["ns"] > before["inference_stats"]["compute_infer"]["ns"]
    assert any(b["batch_size"] == 3 for b in after["batch_stats"])
    assert len(client.get_inference_statistics()["model_stats"]) > 10


def main():
    address = sys.argv[1].removeprefix("http://").rstrip("/")
    client = triton.InferenceServerClient(url=address, concurrency=8)
    failed = 0
    for function in CHECKS:
        try:
            function(client)
        except Exception:
            failed += 1
            print(f"FAILED {function.__name__}", file=sys.stderr)
            traceback.print_exc()
    client.close()
    print(f"{len(CHECKS) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
