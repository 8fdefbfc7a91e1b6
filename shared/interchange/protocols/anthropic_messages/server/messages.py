"""Content blocks of a request, wire -> hub.

What is structurally wrong is refused in the API's words; what is only unknown (new block types, new fields) is kept,
because the same body may go on unchanged to a provider that knows it.
"""

from __future__ import annotations

from dataclasses import field
from typing import Any

from interchange.continuity.seal import Seal
from interchange.dataclass import dataclass
from interchange.hub import blocks as b
from interchange.hub.mcp import LISTING
from interchange.protocols.mixed import read_mixed

from ..blocks import RESULT, read_arguments, read_citation, read_server_call, read_server_result
from ..toolsets import joined, tabs
from ..words import PROTOCOL, Json
from . import fields as check
from .fields import Place

KNOWN: dict[str, frozenset[str]] = {
    "text": frozenset({"text", "citations", "cache_control"}),
    "image": frozenset({"source", "cache_control"}),
    "document": frozenset({"source", "title", "context", "citations", "cache_control"}),
    "search_result": frozenset({"source", "title", "content", "citations", "cache_control"}),
    "thinking": frozenset({"thinking", "signature"}),
    "redacted_thinking": frozenset({"data"}),
    "tool_use": frozenset({"id", "name", "input", "cache_control", "toolset_name"}),
    "tool_result": frozenset({"tool_use_id", "content", "is_error", "cache_control"}),
}
"""The fields of each block that the hub has a place for."""
DEEPEST = 16
"""Blocks within blocks; the API itself takes three: a turn, a tool's result, a document in it."""
DIRECT = {"type": "direct"}
"""`caller` of a call that the model made itself: says nothing."""


@dataclass(slots=True)
class ContentReader:
    """`extra` collects, by path below `prefix`, what only this protocol understands."""

    seal: Seal
    prefix: str = ""
    extra: Json = field(default_factory=dict)

    def content(self, raw: Json, name: str, place: Place) -> tuple[b.Block, ...]:
        """A text, or a list of blocks."""
        value = raw.get(name)
        if isinstance(value, str):
            return (b.Text(value),)
        if value is not None and not isinstance(value, list):
            raise place.key(name).wrong("Input should be a valid string or list")
        if place.path.count(".content") > DEEPEST:
            raise place.key(name).wrong("Blocks are nested too deeply")
        return tuple(self.block(item, where) for item, where in check.objects(raw, name, place))

    def block(self, raw: Json, where: Place) -> b.Block:
        kind = check.text(raw, "type", where)
        place = where.tag(kind)
        for name, value in raw.items():
            if kind in KNOWN and name != "type" and name not in KNOWN[kind] and value not in (None, DIRECT):
                self._keep(place.key(name), value)
        match kind:
            case "text":
                citations = tuple(self._citations(raw, place))
                return b.Text(check.text(raw, "text", place), citations, self.cache(raw, place))
            case "image":
                return b.Image(self._source(raw, place), cache=self.cache(raw, place))
            case "document":
                return self._document(raw, place)
            case "search_result":
                return self._search_result(raw, place)
            case "thinking":
                return b.Thinking(check.text(raw, "thinking", place), self._state(raw.get("signature")))
            case "redacted_thinking":
                # A seal that is not ours: state of no issuer, which every writer leaves out.
                data = check.text(raw, "data", place)
                return b.RedactedThinking(self._state(data) or b.Continuation("", data))
            case "tool_use":
                return self._call(raw, place)
            case "tool_result":
                return self._result(raw, place)
            case "server_tool_use" | "mcp_tool_use":
                for name in ("id", "name"):
                    check.text(raw, name, place)
                check.optional_text(raw, "server_name", place)
                return read_server_call(raw, read_arguments(check.mapping(raw, "input", place)))
            case "mcp_tool_listing":
                server = check.text(raw, "mcp_server_name", place)
                return b.ServerToolUse("", server, "", LISTING, PROTOCOL, raw, server)
            case "browser_state":
                check.objects(raw, "tabs", place)
                return b.Text(tabs(raw), cache=self.cache(raw, place))
            case _ if kind.endswith(RESULT):
                check.text(raw, "tool_use_id", place)
                return read_server_result(raw)
            case _:
                return read_mixed(raw) or b.Opaque(PROTOCOL, raw)

    def _call(self, raw: Json, place: Place) -> b.ToolUse:
        arguments = read_arguments(check.mapping(raw, "input", place))
        identity, name = check.text(raw, "id", place), check.text(raw, "name", place)
        family = check.optional_text(raw, "toolset_name", place)
        name = name if family is None else joined(family, name)
        return b.ToolUse(identity, name, arguments, cache=self.cache(raw, place))

    def cache(self, raw: Json, place: Place) -> b.CacheControl | None:
        control = check.optional_mapping(raw, "cache_control", place)
        if control is None:
            return None
        here = place.key("cache_control")
        if check.text(control, "type", here) != "ephemeral":
            raise here.key("type").wrong("Input should be 'ephemeral'")
        return b.CacheControl(check.optional_text(control, "ttl", here))

    def _keep(self, place: Place, value: Any) -> None:
        self.extra[place.path.removeprefix(self.prefix).lstrip(".")] = value

    def _citations(self, raw: Json, place: Place) -> list[b.Citation]:
        """Those that we made for another vendor's answer are left out: they point at nothing here."""
        found = [item for item, _ in check.objects(raw, "citations", place)]
        return [read_citation(item) for item in found if not self.seal.is_sealed(str(item.get("encrypted_index", "")))]

    def _state(self, text: Any) -> b.Continuation | None:
        """The state in a signature: another vendor's where we sealed it, none where the seal is broken."""
        if not text:
            return None
        return self.seal.open(str(text)) if self.seal.is_sealed(str(text)) else b.Continuation(PROTOCOL, str(text))

    def _document(self, raw: Json, place: Place) -> b.Document:
        citations = check.optional_mapping(raw, "citations", place)
        return b.Document(
            source=self._source(raw, place),
            title=check.optional_text(raw, "title", place),
            context=check.optional_text(raw, "context", place),
            citations=None if citations is None else bool(citations.get("enabled")),
            cache=self.cache(raw, place),
        )

    def _search_result(self, raw: Json, place: Place) -> b.Document:
        """A document made of text, as every other vendor can read it; its type is kept beside it."""
        self._keep(place.key("type"), "search_result")
        citations = check.optional_mapping(raw, "citations", place)
        return b.Document(
            source=b.BlocksSource(self.content(raw, "content", place)),
            title=check.text(raw, "title", place),
            context=check.text(raw, "source", place),
            citations=None if citations is None else bool(citations.get("enabled")),
            cache=self.cache(raw, place),
        )

    def _result(self, raw: Json, place: Place) -> b.ToolResult:
        return b.ToolResult(
            tool_use_id=check.text(raw, "tool_use_id", place),
            content=self.content(raw, "content", place),
            is_error=bool(check.optional_flag(raw, "is_error", place)),
            cache=self.cache(raw, place),
        )

    def _source(self, raw: Json, place: Place) -> b.Source:
        source = check.mapping(raw, "source", place)
        here = place.key("source")
        kind = check.text(source, "type", here)
        here = here.tag(kind)
        match kind:
            case "base64":
                return b.Base64Source(check.text(source, "media_type", here), check.text(source, "data", here))
            case "url":
                return b.UrlSource(check.text(source, "url", here))
            case "text":
                return b.TextSource(check.text(source, "data", here), check.text(source, "media_type", here))
            case "content":
                return b.BlocksSource(self.content(source, "content", here))
            case "file":
                return b.FileSource(check.text(source, "file_id", here), PROTOCOL)
            case _:
                raise here.wrong(f"Input tag '{kind}' is none of 'base64', 'url', 'text', 'content', 'file'")
