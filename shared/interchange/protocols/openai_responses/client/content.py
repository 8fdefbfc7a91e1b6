"""Hub blocks -> content parts, and vendor-run tools and MCP servers in the words of Responses.

Hub blocks -> the content parts of an input message or a tool's output.

Tools that the vendor runs itself, and MCP servers, in the words of Responses.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub import blocks as b
from interchange.hub import request as r
from interchange.hub.failure import RequestError, invalid
from interchange.hub.losses import Losses
from interchange.protocols.faces import JsonObject, Profile
from interchange.wire.data_url import read_data_url, write_data_url

from ..dialect import Dialect
from ..words import HOSTED_KINDS, IMAGE_TYPES, PROTOCOL


@dataclass(frozen=True, slots=True)
class Parts:
    """Writes parts for one model. `protocol` is the caller's, and so are the paths."""

    dialect: Dialect
    profile: Profile
    losses: Losses
    protocol: str

    @property
    def own(self) -> bool:
        return self.protocol == PROTOCOL

    @property
    def kin(self) -> bool:
        """The caller speaks one of OpenAI's formats: what they share needs no adapting."""
        return self.protocol.startswith("openai_")

    def write(self, blocks: Iterable[b.Block], path: str) -> list[JsonObject]:
        return [part for at, block in enumerate(blocks) for part in self.block(block, f"{path}[{at}]")]

    def block(self, block: b.Block, path: str) -> Iterator[JsonObject]:
        """Raises RequestError for media that the model cannot be given: the answer would not be about it."""
        match block:
            case b.Text(text=text, citations=citations, cache=cache):
                if citations:
                    self.losses.drop(f"{path}.citations", "Responses takes no citations back")
                yield {"type": "input_text", "text": text, **self.cache(cache, path)}
            case b.Refusal(text=text):
                yield {"type": "input_text", "text": text}
            case b.Image():
                yield {**self._image(block, path), **self.cache(block.cache, path)}
            case b.Document():
                yield from self._document(block, path)
            case b.Audio():
                raise invalid(f"{path}: this model does not take audio input", path, "unsupported_modality")
            case b.Opaque(protocol, raw) if protocol == PROTOCOL:
                yield dict(raw)
            case b.Thinking() | b.RedactedThinking():
                pass  # reasoning is an assistant's; elsewhere it has no meaning
            case b.ToolUse() | b.ToolResult() | b.ServerToolUse() | b.ServerToolResult() | b.Opaque():
                raise invalid(f"{path}: this block cannot stand here for this model", path)

    def cache(self, cache: b.CacheControl | None, path: str, *, able: bool = True) -> JsonObject:
        """A breakpoint, where the model has them (trait `cache`: "prompt_cache_breakpoint") and the place is `able`."""
        if cache is None:
            return {}
        if able and self.profile.traits.get("cache") == "prompt_cache_breakpoint":
            return {"prompt_cache_breakpoint": {"mode": "explicit"}}
        self.losses.drop(f"{path}.cache_control", "this provider places its cache breakpoints itself")
        return {}

    def need(self, modality: str, path: str) -> None:
        if modality not in self.profile.inputs:
            raise invalid(f"{path}: this model does not take {modality} input", path, "unsupported_modality")

    def _image(self, block: b.Image, path: str) -> JsonObject:
        self.need("image", path)
        match _inline(block.source):
            case b.Base64Source(media_type, data):
                if media_type not in IMAGE_TYPES and not self.own:
                    supported = ", ".join(sorted(IMAGE_TYPES))
                    raise invalid(f"{path}: images of type {media_type} are not taken; supported: {supported}", path)
                place = {"image_url": write_data_url(media_type, data)}
            case b.UrlSource(url):
                place = {"image_url": url}
            case b.FileSource(file_id, protocol) if protocol.startswith("openai_"):
                place = {"file_id": file_id}
            case _:
                raise _unseen(path, "image")
        return {"type": "input_image", **place, "detail": block.detail or "auto"}  # the SDK's type requires it

    def _document(self, block: b.Document, path: str) -> Iterator[JsonObject]:
        if block.citations:
            self.losses.drop(f"{path}.citations", "Responses does not cite documents that are sent along")
        match _inline(block.source):
            case b.TextSource(text):
                yield self._inlined(text, block, path)
            case b.BlocksSource(blocks):
                if head := _head(block):
                    yield {"type": "input_text", "text": head}
                yield from self.write(blocks, f"{path}.source.content")
                if block.cache is not None:
                    self.losses.drop(f"{path}.cache_control", "the document is taken apart into its blocks")
            case b.Base64Source(media_type, data) if media_type in self.dialect.file_types or self.own:
                name = block.title or f"document.{media_type.rpartition('/')[2]}"
                yield from self._file({"filename": name, "file_data": write_data_url(media_type, data)}, block, path)
            case b.Base64Source(media_type, data) if media_type.startswith("text/") or media_type.endswith("json"):
                yield self._inlined(_decoded(data, path), block, path)
            case b.Base64Source(media_type):
                supported = ", ".join(sorted(self.dialect.file_types)) or "none"
                raise invalid(f"{path}: documents of type {media_type} are not taken; supported: {supported}", path)
            case b.UrlSource(url):
                yield from self._file({"file_url": url}, block, path)
            case b.FileSource(file_id, protocol) if protocol.startswith("openai_"):
                yield from self._file({"file_id": file_id}, block, path)
            case _:
                raise _unseen(path, "document")

    def _file(self, place: JsonObject, block: b.Document, path: str) -> Iterator[JsonObject]:
        self.need("document", path)
        if block.context:
            yield {"type": "input_text", "text": block.context}
        yield {"type": "input_file", **place, **self.cache(block.cache, path)}

    def _inlined(self, text: str, block: b.Document, path: str) -> JsonObject:
        """A text document needs no modality: it is said."""
        head = _head(block)
        return {"type": "input_text", "text": f"{head}\n\n{text}" if head else text, **self.cache(block.cache, path)}


def _head(block: b.Document) -> str:
    return "\n".join(part for part in (block.title, block.context) if part)


def _inline(source: b.Source) -> b.Source:
    """A data URL is data, whatever field it came in."""
    found = read_data_url(source.url) if isinstance(source, b.UrlSource) else None
    return b.Base64Source(*found) if found is not None else source


def _unseen(path: str, kind: str) -> RequestError:
    return invalid(f"{path}: this provider cannot be given the {kind} this way; send it as base64", path)


def _decoded(data: str, path: str) -> str:
    try:
        return base64.b64decode(data, validate=False).decode("utf-8-sig")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise invalid(f"{path}: the document says that it is text, and is not UTF-8", path) from error


_PLACE = ("city", "region", "country", "timezone")
_NOT_LABEL = re.compile(r"[^A-Za-z0-9_-]")


@dataclass(frozen=True, slots=True)
class Hosted:
    """Decided by the declaration's `type`, never by a name."""

    parts: Parts

    def write(self, tool: r.HostedTool, path: str) -> Iterator[JsonObject]:
        """Raises RequestError for a tool that this provider does not run: the answer would lack what it finds."""
        losses = self.parts.losses
        if tool.protocol == PROTOCOL or (tool.protocol.startswith("openai_") and tool.raw.get("type") in HOSTED_KINDS):
            yield dict(tool.raw)  # both OpenAI formats declare these tools in the same words
        elif tool.kind == "tool_search":
            losses.drop(path, "every tool is declared outright, so there is nothing to search for")
        elif tool.kind == "mcp":
            pass  # a toolset configures a server, and is written with it
        elif tool.kind == "web_search" and self._runs(tool.kind):
            yield self._search(tool, path)
        elif self._runs(tool.kind):
            yield dict(self.parts.dialect.hosted[tool.kind])
        else:
            kind = tool.raw.get("type", tool.kind)
            raise invalid(f"{path}: this provider cannot run the tool {kind!r}", path)
        if tool.cache is not None:
            losses.drop(f"{path}.cache_control", "Responses has no cache breakpoint on a tool")

    def _runs(self, kind: str) -> bool:
        return kind in self.parts.dialect.hosted

    def _search(self, tool: r.HostedTool, path: str) -> JsonObject:
        if tool.max_uses is not None and (tool.most is None or "max_tool_calls" not in self.parts.dialect.parameters):
            self.parts.losses.drop(f"{path}.max_uses", "this provider decides how often it searches")
        out: JsonObject = dict(self.parts.dialect.hosted["web_search"])
        blocked = self.parts.dialect.blocked
        if tool.blocked_domains and not blocked:
            self.parts.losses.drop(f"{path}.blocked_domains", "this provider can only be told the allowed domains")
        filters = {"allowed_domains": tool.allowed_domains, blocked: tool.blocked_domains if blocked else ()}
        if any(filters.values()):
            out["filters"] = {name: list(domains) for name, domains in filters.items() if domains}
        if tool.user_location:
            nested = tool.user_location.get("approximate")
            place = nested if isinstance(nested, Mapping) else tool.user_location
            found = {name: place[name] for name in _PLACE if place.get(name)}
            out["user_location"] = {"type": "approximate", **found}
        if tool.raw.get("search_context_size"):
            out["search_context_size"] = tool.raw["search_context_size"]
        return out

    def servers(self, request: r.Request) -> Iterator[JsonObject]:
        """MCP servers are tools here."""
        if request.mcp_servers and not self._runs("mcp"):
            raise invalid("mcp_servers: this provider reaches no MCP servers", "mcp_servers")
        toolsets = {tool.name: tool for tool in request.tools if isinstance(tool, r.HostedTool) and _is_toolset(tool)}
        known = [server.get("name") for server in request.mcp_servers]
        for name in toolsets:
            if name not in known:
                raise invalid(f"tools: the MCP server {name!r} is not among mcp_servers", "mcp_servers")
        for number, server in enumerate(request.mcp_servers):
            path = f"mcp_servers[{number}]"
            name = str(server.get("name") or f"server{number}")
            if not server.get("url") or not isinstance(server["url"], str):
                raise invalid(f"{path}.url: Field required", f"{path}.url")
            declared = dict(self.parts.dialect.hosted["mcp"])
            out: JsonObject = {**declared, "server_label": label(name), "server_url": server["url"]}
            if server.get("authorization_token"):
                out["authorization"] = server["authorization_token"]
            allowed = self._allowed(server.get("tool_configuration"), toolsets.get(name), path)
            if allowed is not None:
                out["allowed_tools"] = allowed
            yield out

    def _allowed(self, configuration: Any, toolset: r.HostedTool | None, path: str) -> list[str] | None:
        """The tools of a server that may be called, None for all: from the older `tool_configuration`, or from the
        toolset that names the server. An allow-list is said exactly; a single tool forbidden cannot be."""
        if isinstance(configuration, Mapping):
            if configuration.get("enabled") is False:
                return []
            names = configuration.get("allowed_tools")
            return [str(name) for name in names] if isinstance(names, list) else None
        if toolset is None:
            return None
        default = toolset.raw.get("default_config")
        configs = toolset.raw.get("configs")
        by_default = not isinstance(default, Mapping) or default.get("enabled") is not False
        known: Mapping[str, Any] = configs if isinstance(configs, Mapping) else {}
        enabled = {name: not isinstance(one, Mapping) or one.get("enabled", by_default) for name, one in known.items()}
        if not by_default:
            return [name for name, on in enabled.items() if on]
        if not all(enabled.values()):
            off = ", ".join(name for name, on in enabled.items() if not on)
            raise invalid(f"{path}: single tools cannot be switched off for this provider ({off}); allow others", path)
        return None


def _is_toolset(tool: r.HostedTool) -> bool:
    return tool.kind == "mcp" and not tool.protocol.startswith("openai_")


def label(name: str) -> str:
    """`server_label` takes letters, digits, - and _."""
    return _NOT_LABEL.sub("_", name)
