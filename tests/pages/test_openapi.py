"""The OpenAPI documents: valid, and of what is served."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from scripts.openapi import customers, operators
from scripts.openapi.document import write
from tests.template.applications import families, routes

Json = dict[str, Any]
PRIVATE = {"admin", "console", "webhooks", "sweep"}
"""Families that no customer's program calls."""


@pytest.mark.parametrize("make", [customers, operators])
def test_a_document_is_valid(make: Any) -> None:
    document = make()
    OpenAPIV31SpecValidator(document).validate()
    assert document["openapi"].startswith("3.1")
    ids = [operation["operationId"] for _, operation in operations(document)]
    assert len(ids) == len(set(ids))
    for name, operation in operations(document):
        assert operation["summary"], name
        assert any(status.startswith("2") for status in operation["responses"]), name


def test_what_is_described_is_served_and_the_other_way_round() -> None:
    served = {(m, open_path(path)) for family in set(families()) - PRIVATE for m, path in routes(family)}
    described = {(name.split()[0], open_path(name.split()[1])) for name, _ in operations(customers())}
    served.discard(("GET", "/healthz"))
    inside = {one for one in described if one[1].endswith("/{}/input_items")}  # one greedy route has both
    assert described - inside <= served
    missing = served - described
    assert not missing, f"scripts/openapi says nothing of {missing}"


def test_the_operators_document_has_the_operators_routes() -> None:
    assert {(name.split()[0], name.split()[1]) for name, _ in operations(operators())} == (
        set(routes("admin")) | set(routes("webhooks"))
    )


def test_sound_streams_and_files_are_described_as_what_they_are() -> None:
    paths = customers()["paths"]
    assert set(content(paths["/v1/chat/completions"]["post"])) == {"application/json", "text/event-stream"}
    assert "audio/*" in content(paths["/v1/audio/speech"]["post"])
    for path in ("/v1/audio/transcriptions", "/v1/audio/translations", "/v1/images/edits"):
        assert set(paths[path]["post"]["requestBody"]["content"]) == {"multipart/form-data"}
    assert {} in paths["/v1/models"]["get"]["security"]


def test_every_schema_is_used() -> None:
    for document in (customers(), operators()):
        text = json.dumps(document)
        unused = [name for name in document["components"]["schemas"] if f'"#/components/schemas/{name}"' not in text]
        assert set(unused) <= {"ChatCompletionChunk"}, unused  # the text of a stream's lines names it


def test_it_is_written_as_files(tmp_path: Path) -> None:
    write(tmp_path)
    assert json.loads((tmp_path / "openapi.json").read_text()) == customers()
    assert json.loads((tmp_path / "openapi-admin.json").read_text()) == operators()


def operations(document: Json) -> list[tuple[str, Json]]:
    return [
        (f"{verb.upper()} {path}", operation)
        for path, item in document["paths"].items()
        for verb, operation in item.items()
        if verb in ("get", "post", "put", "patch", "delete")
    ]


def open_path(path: str) -> str:
    return re.sub(r"\{[^}]*\}", "{}", path)


def content(operation: Json) -> Json:
    found: Json = operation["responses"]["200"]["content"]
    return found


def test_an_endpoint_names_the_models_of_other_kinds() -> None:
    document = customers()
    schemas, paths = document["components"]["schemas"], document["paths"]
    others = {kind: set(schemas[f"NotFor{kind}"]["enum"]) for kind in ("Chat", "Image")}
    assert "gpt-5" in others["Image"] and "gpt-image-1" not in others["Image"]
    assert "omni-moderation-2024-09-26" in others["Chat"] and "gpt-5" not in others["Chat"]
    asked = paths["/v1/embeddings"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    for schema, name in ((schemas["ChatRequest"], "NotForChat"), (asked, "NotForEmbedding")):
        assert schema["properties"]["model"]["not"] == {"$ref": f"#/components/schemas/{name}"}
