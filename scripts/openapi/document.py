"""Puts the documents together."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from fastapi import FastAPI
from starlette.requests import Request

from interchange.account.api import account_api
from interchange.api.listing import listing
from interchange.api.vectors import vectors, verdicts
from interchange.operator.api import admin
from interchange.operator.webhook_api import webhook_api

from .kinds import tell_kinds

Json = dict[str, Any]

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent.parent / "pyproject.toml"
PARTS = ("shared", "chat", "messages", "responses", "media")
VERBS = ("get", "post", "put", "patch", "delete")
NOTHING: Any = None
"""In the place of services: only the routes of the applications are looked at."""

ABOUT = """\
One key and one balance for every model, through the OpenAI or the Anthropic protocol. OpenAI's SDKs take the base URL
with `/v1`, Anthropic's without. `GET /v1/models` lists what there is; the guides are at `docs/`.\
"""
ADMIN = "The operator's API."
SIGNED = "Every request is signed with IAM credentials (Signature Version 4, service `execute-api`)."
IAM = {
    "type": "apiKey", "in": "header", "name": "authorization", "x-amazon-apigateway-authtype": "awsSigv4",
    "description": "AWS Signature Version 4",
}  # fmt: skip
TAGS = {
    "chat": "OpenAI's Chat Completions, for every chat model",
    "messages": "Anthropic's Messages, for every chat model",
    "responses": "OpenAI's Responses, for every chat model",
    "embeddings": "Vectors and moderation",
    "images": "Images",
    "audio": "Speech, transcription and uploads",
    "models": "The catalog",
    "account": "Balance, usage and requests",
    "keys": "Keys of the account",
    "credit": "Codes and payments",
}
REFUSALS = {
    "400": "A field is wrong; the error names it. Nothing was charged.",
    "401": "No good key",
    "402": "The balance, or what is left of the key's cap, does not cover the request",
    "403": "The key may not do this",
    "404": "No such model, or none of this account",
    "405": "Another method",
    "409": "A repeat that differs, or whose first request still runs",
    "413": "The body is too large",
    "415": "The body's type is not one that this endpoint reads",
    "422": "The model's vendor cannot process the request",
    "429": "A limit of the key, or of the vendor, is reached; `retry-after` says when to come again",
    "500": "A fault of the gateway or of the vendor",
    "502": "The vendor's answer cannot be used",
    "503": "The vendor or the books are away for a moment",
    "504": "The vendor did not answer in time",
    "529": "The vendor is overloaded",
}
TOLD = {
    "x-interchange-request-id": "request-id",
    "x-interchange-charge-usd": "charge",
    "x-interchange-dropped": "dropped",
}


def customers() -> Json:
    """Document of what a customer's key can call."""
    parts = [yaml.safe_load((HERE / f"{part}.yaml").read_text("utf-8")) for part in PARTS]
    own = [account_api(NOTHING, NOTHING, NOTHING, NOTHING).openapi(), _json_families().openapi()]
    document = _begun("Interchange", ABOUT)
    document["servers"] = [{"url": "{base}", "variables": {"base": {"default": "http://127.0.0.1:8080"}}}]
    document["security"] = [{"bearer": []}, {"key": []}]
    document["tags"] = [{"name": name, "description": words} for name, words in TAGS.items()]
    for part in parts:
        _merge(document["components"], part["components"])
        document["paths"] |= part.get("paths", {})
    for made in own:
        _merge(document["components"], {"schemas": _own_schemas(made, document)})
        document["paths"] |= made["paths"]
    tell_kinds(document)
    for path, item in document["paths"].items():
        for verb, operation in _operations(item):
            _lift(operation, document["components"]["schemas"])
            _complete(operation) if "errors" in operation else _complete_own(operation, verb, path)
    return document


def _json_families() -> FastAPI:
    """The models, embeddings and moderations as one application."""
    routers = listing(NOTHING), vectors(NOTHING, NOTHING, NOTHING), verdicts(NOTHING, NOTHING, NOTHING)
    return FastAPI(routes=[route for router in routers for route in router.routes], openapi_url=None)


def _lift(operation: Json, schemas: Json) -> None:
    """Makes what a body's schema defines beside itself a schema of the document."""
    for content in operation.get("requestBody", {}).get("content", {}).values():
        schemas |= content["schema"].pop("$defs", {})


def operators(*, signed: bool = True) -> Json:
    """Document of the admin API, with the signatures that a deployment's asks for."""
    found, told = admin(NOTHING, _nobody).openapi(), webhook_api(NOTHING).openapi()
    document = _begun("Interchange, for the operator", f"{ADMIN} {SIGNED}" if signed else ADMIN)
    if signed:
        document |= {"security": [{"iam": []}]}
        document["components"]["securitySchemes"]["iam"] = IAM
    refused = {"type": "object", "required": ["error"], "properties": {"error": {"type": "string"}}}
    schemas = {name: one for name, one in found["components"]["schemas"].items() if "Validation" not in name}
    answer = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Refused"}}}}
    schemas |= {**_own_schemas(told, document), "Refused": refused}
    for path, item in told["paths"].items():
        item["post"] |= {"operationId": _operation_id("post", path), "security": []}
        _lift(item["post"], schemas)
    document["components"]["schemas"] = schemas
    for path, item in found["paths"].items():
        for verb, operation in _operations(item):
            operation["responses"].pop("422", None)
            for status in ("400", "403", "404", "405", "409", "500", "503"):
                operation["responses"].setdefault(status, {"description": REFUSALS[status], **answer})
            operation["operationId"] = _operation_id(verb, path)
            operation["summary"] = _summary(operation, verb, path)
        document["paths"][path] = item
    document["paths"] |= told["paths"]
    return document


def _nobody(request: Request) -> None:
    """In the place of a guard: its parameter is read as one of the query's where it has no type."""


def write(folder: Path, *, signed: bool = True) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, document in (("openapi.json", customers()), ("openapi-admin.json", operators(signed=signed))):
        (folder / name).write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _begun(title: str, words: str) -> Json:
    info = {"title": title, "version": _version(), "description": words, "license": _LICENCE}
    return {"openapi": "3.1.0", "info": info, "paths": {}, "components": {"securitySchemes": {}, "schemas": {}}}


_LICENCE = {"name": "Apache-2.0", "identifier": "Apache-2.0"}


def _version() -> str:
    """The project's, from its file: the Python of a build has the lock, and not the project."""
    return str(tomllib.loads(PROJECT.read_text("utf-8"))["project"]["version"])


def _operations(path: Json) -> Iterator[tuple[str, Json]]:
    yield from ((verb, path[verb]) for verb in VERBS if verb in path)


def _complete(operation: Json) -> None:
    """From the short words of the data, or of `openapi_extra`: `errors`, the schema of refusals; `headers`, those that
    it reads; `free`, whether it takes callers without a key."""
    refused = {"content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{operation.pop('errors')}"}}}}
    headers = {name: {"$ref": f"#/components/headers/{one}"} for name, one in TOLD.items()}
    done = {status: {**answer, "headers": headers} for status, answer in operation["responses"].items()}
    operation["responses"] = done | {status: {"description": words, **refused} for status, words in REFUSALS.items()}
    read = [{"$ref": f"#/components/parameters/{name}"} for name in operation.pop("headers", ())]
    if read:
        operation["parameters"] = [*operation.get("parameters", ()), *read]
    if operation.pop("free", False):
        operation["security"] = [{}, {"bearer": []}, {"key": []}]


def _own_schemas(made: Json, document: Json) -> Json:
    """An application's, without FastAPI's own error and what is there already."""
    known = document["components"]["schemas"]
    return {
        name: schema
        for name, schema in made["components"]["schemas"].items()
        if "Validation" not in name and name not in known
    }


def _complete_own(operation: Json, verb: str, path: str) -> None:
    """Completes an endpoint of the account's."""
    refused = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}
    operation.pop("security", None)
    operation["responses"].pop("422", None)
    for status in ("405", "413", "500", "503"):
        operation["responses"].setdefault(status, {"description": REFUSALS[status], **refused})
    operation["operationId"] = _operation_id(verb, path)
    operation["summary"] = _summary(operation, verb, path)


def _operation_id(verb: str, path: str) -> str:
    """get_keys_id_rotate and the like: stable while the path is."""
    words = path.removeprefix("/v1").replace("{", "").replace("}", "").strip("/").replace("/", "_")
    return f"{verb}_{words}"


def _summary(operation: Mapping[str, Any], verb: str, path: str) -> str:
    """The first sentence of its description."""
    said = str(operation.get("description", "")).split(".")[0].split(":")[0].replace("\n", " ").strip()
    return said or f"{verb.upper()} {path}"


def _merge(into: Json, more: Json) -> None:
    for kind, entries in more.items():
        into[kind] = {**into.get(kind, {}), **entries}
