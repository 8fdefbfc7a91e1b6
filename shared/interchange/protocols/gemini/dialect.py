"""Differences between providers of Gemini."""

from __future__ import annotations

from interchange.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Dialect:
    """`prefix` stands before the model's name in the path (AI Studio's; Vertex has project and location there).
    `call_ids`: `functionCall.id` and `functionResponse.id` are accepted. `json_schema`: `parametersJsonSchema` and
    `responseJsonSchema` are accepted, else the OpenAPI subset is written."""

    prefix: str = "/v1beta/"
    call_ids: bool = True
    json_schema: bool = True
