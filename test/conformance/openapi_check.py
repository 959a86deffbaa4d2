"""The OpenAPI document is valid, and its examples are what its own schemas ask for."""

from urllib.parse import urlencode

from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV32SpecValidator

from oriel import PROJECT, Server
from result import Result


def check_document(document):
    if not document["openapi"].startswith("3.2."):
        raise AssertionError(f"it says to be OpenAPI {document['openapi']}")
    errors = list(OpenAPIV32SpecValidator(document).iter_errors())
    if errors:
        raise AssertionError("; ".join(f"{'/'.join(map(str, e.absolute_path))}: {e.message}"[:200] for e in errors[:5]))


def check_body(client, path, media, example):
    """An example fits its schema, and is answered as the schema of the answer says."""
    Draft202012Validator(media["schema"]).validate(example)
    return client.post(path, example).expect().json()


def check_query(client, path, parameters):
    for parameter in parameters:
        Draft202012Validator(parameter["schema"]).validate(parameter["example"])
    query = urlencode({parameter["name"]: parameter["example"] for parameter in parameters})
    return client.get(f"{path}?{query}").expect().json()


def check_answer(operation, ask, *arguments):
    Draft202012Validator(operation["responses"]["200"]["content"]["application/json"]["schema"]).validate(
        ask(*arguments)
    )


def check(work):
    result = Result()
    with Server(PROJECT / "models", work, ORIEL_LOG_LEVEL="fatal") as server:
        client = server.client
        document = client.get("/openapi.json").expect().json()
        result.check("the document", check_document, document)
        for path, operations in document["paths"].items():
            post, get = operations.get("post", {}), operations.get("get", {})
            media = post.get("requestBody", {}).get("content", {}).get("application/json", {})
            for name, example in media.get("examples", {}).items():
                result.check(
                    f"{path}, example {name}", check_answer, post, check_body, client, path, media, example["value"]
                )
            parameters = get.get("parameters", [])
            if parameters and all("example" in parameter for parameter in parameters):
                result.check(f"GET {path}", check_answer, get, check_query, client, path, parameters)
    return result
