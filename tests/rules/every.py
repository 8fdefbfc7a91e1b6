"""Rules that more than one vendor has. Each has its source beside it, and yields the words of the refusal."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from jsonschema.exceptions import SchemaError  # type: ignore[import-untyped]

from interchange.wire import codec
from tests.rules.typed import misfits

Json = dict[str, Any]
Traits = Mapping[str, Any]
Rule = Callable[[Json, Traits], Iterator[str]]
"""(body, the model's traits) -> refusals."""
ROOTS = ("anyOf", "oneOf", "allOf", "enum", "not")
MAGIC = {"image/png": b"\x89PNG", "image/jpeg": b"\xff\xd8\xff", "image/gif": b"GIF8", "application/pdf": b"%PDF"}


def parts(value: Any) -> Iterator[Json]:
    """Every object below."""
    if isinstance(value, dict):
        yield value
        for inner in value.values():
            yield from parts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from parts(inner)


def functions(body: Json) -> Iterator[tuple[Json, Any]]:
    """(function, its schema)"""
    for tool in body.get("tools") or ():
        inner = tool.get("function", tool)
        schema = inner.get("parameters", inner.get("input_schema"))
        if isinstance(schema, dict):
            yield inner, schema


def typed(kind: Any) -> Rule:
    def check(body: Json, _traits: Traits) -> Iterator[str]:
        yield from misfits({name: value for name, value in body.items() if name != "stream"}, kind)

    return check


def roots(body: Json, _traits: Traits) -> Iterator[str]:
    """makenotion/notion-mcp-server#340: "schema must have type 'object' and not have 'oneOf'/'anyOf'/..."."""
    for tool, schema in functions(body):
        if schema.get("type") != "object" or any(name in schema for name in ROOTS):
            yield f"tools: {tool.get('name')}: the root of a schema is a plain object"


def drafts(body: Json, _traits: Traits) -> Iterator[str]:
    """anthropics/claude-code#586, #10606: "JSON schema is invalid. It must match JSON Schema draft 2020-12"."""
    for tool, schema in functions(body):
        try:
            Draft202012Validator.check_schema({name: value for name, value in schema.items() if name != "$schema"})
        except SchemaError as error:
            yield f"tools: {tool.get('name')}: JSON schema is invalid: {error.message[:120]}"


def names(pattern: str) -> Rule:
    """OpenAI: `^[a-zA-Z0-9_-]{1,64}$`; Anthropic: 128 of the same (the API's own 400s)."""
    form = re.compile(pattern)

    def check(body: Json, _traits: Traits) -> Iterator[str]:
        seen: set[str] = set()
        for tool in body.get("tools") or ():
            name = str(tool.get("function", tool).get("name"))
            if tool.get("type", "function") not in ("function", "custom"):
                continue
            if not form.fullmatch(name):
                yield f"tools: invalid name {name!r}"
            if name in seen:
                yield "tools: Tool names must be unique."
            seen.add(name)

    return check


def media(body: Json, _traits: Traits) -> Iterator[str]:
    """anthropics/claude-code#11975: "the image was specified using the image/png media type, but ..."."""
    for part in parts(body):
        kind, data = part.get("media_type") or part.get("mimeType"), part.get("data")
        if isinstance(data, str) and kind in MAGIC:
            head = base64.b64decode(re.sub(r"[^A-Za-z0-9+/]", "", data[:64])[:24] + "==")
            if head and not head.startswith(MAGIC[kind]) and any(head.startswith(one) for one in MAGIC.values()):
                yield f"Image does not match the provided media type {kind}"


def addresses(body: Json, _traits: Traits) -> Iterator[str]:
    """docs.anthropic.com/en/docs/build-with-claude/vision: images by URL are "hosted at an HTTPS URL"; AidenAI-IO/
    aiden-firmware#504: "http:// URLs are typically rejected"."""
    for part in parts(body):
        source = part.get("type") == "url" and not part.get("name")  # an MCP server has a name
        if source and not str(part.get("url")).startswith("https://"):
            yield "Only HTTPS URLs are supported."


def breakpoints(body: Json, _traits: Traits) -> Iterator[str]:
    """headroomlabs-ai/headroom#2939: tools, system, messages, and the whole request's own last."""
    asked = [body.get(name) for name in ("toolConfig", "tools", "system", "messages")]
    lives = list(_lives([*asked, {"cache_control": body.get("cache_control")}]))
    if "5m" in lives and "1h" in lives[lives.index("5m") :]:
        yield "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block"


def _lives(value: Any) -> Iterator[str]:
    """How long each breakpoint lasts: one within a block before the block's own."""
    if isinstance(value, list):
        for inner in value:
            yield from _lives(inner)
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _lives(inner)
        mark = value.get("cache_control") or value.get("cachePoint")
        if isinstance(mark, dict):
            yield mark.get("ttl") or "5m"


def output(*path: str) -> Rule:
    """Every vendor: more output than the model gives is a 400."""

    def check(body: Json, traits: Traits) -> Iterator[str]:
        asked: Any = body
        for name in path:
            asked = (asked or {}).get(name)
        limit = traits.get("max_output")
        if isinstance(limit, int) and isinstance(asked, int) and asked > limit:
            yield f"{path[-1]}: {asked} > {limit}"

    return check


def whole_texts(body: Json, _traits: Traits) -> Iterator[str]:
    """anthropics/claude-code#65155: "no low surrogate in string"."""
    try:
        codec.dumps(body).decode("utf-8")
        codec.dumps_text(body).encode("utf-8")
    except UnicodeError:
        yield "The request body is not valid JSON: no low surrogate in string"
