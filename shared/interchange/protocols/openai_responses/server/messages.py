"""A caller's `instructions` and `input` -> system text and turns.

Items are flat; the hub's turns are not: what the model made between two inputs is one ASSISTANT turn, tool outputs in a
row are one USER turn. Nothing is stored here, so what refers to a stored answer is refused.

Content parts of a caller's items -> hub blocks. Source: openai-python `types/responses/response_input_*.py`.
"""

from __future__ import annotations

from dataclasses import field
from typing import Any

from interchange.continuity.seal import Seal
from interchange.dataclass import dataclass, replace
from interchange.hub import blocks as b
from interchange.hub.failure import invalid
from interchange.hub.mcp import APPROVAL, LISTING
from interchange.hub.request import Tool
from interchange.hub.turns import Turn
from interchange.protocols.faces import JsonObject
from interchange.protocols.mixed import read_mixed
from interchange.protocols.openai import fields
from interchange.wire import codec
from interchange.wire.data_url import read_data_url

from ..blocks import is_search, read_annotation, read_hosted
from ..client_run import is_call, is_output, read_call, read_output
from ..words import AUDIO_TYPES, DEFAULT_FILE_TYPE, FILE_TYPES, PROTOCOL
from .tools import joined, read_tools

ROLES = ("user", "assistant", "system", "developer")
REDACTED = "redacted"
"""The item id under which reasoning is sealed that its vendor shows encrypted only."""
OUTPUTS = ("function_call_output", "custom_tool_call_output")


@dataclass(slots=True)
class Conversation:
    """Takes items one by one."""

    seal: Seal
    system: list[b.Block] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    found: list[Tool] = field(default_factory=list)
    """Tools that an item brings."""
    answers: bool = False
    """The caller answers what it was asked before a call."""
    _results: bool = False
    """The last turn gathers tool results."""

    def read(self, body: JsonObject) -> None:
        instructions = fields.text(body, "instructions")
        if instructions:
            self.system.append(b.Text(instructions))
        given = body.get("input")
        if isinstance(given, str):
            self.turns.append(Turn(b.Role.USER, [*read_content(given, "input")]))
            return
        if given is None:
            raise fields.missing("input")
        if given == []:
            raise invalid("Invalid 'input': empty array. Expected at least one item.", "input", "empty_array")
        items = list(fields.objects(body, "input"))
        answered = {str(item.get("call_id")) for _, item in items if item.get("type") in OUTPUTS}
        for path, item in items:
            if is_search(item) and str(item.get("call_id")) not in answered:
                self._ran(item)
            else:
                self.add(item, path)

    def add(self, item: JsonObject, path: str) -> None:
        kind = fields.text(item, "type", f"{path}.type") or "message"
        match kind:
            case "message":
                self._message(item, path)
            case "function_call" | "custom_tool_call":
                self._made(_call(item, path, kind))
            case "reasoning":
                self._reasoning(item, path)
            case _ if kind in OUTPUTS:
                self._output(item, path)
            case _ if is_call(item):
                self._made(read_call(item, path))
            case _ if is_output(item):
                self._result(read_output(item, path))
                self.found += _found(item) if brings_tools(item) else ()
            case "additional_tools" | "tool_search_output":
                self.found += _found(item) if brings_tools(item) else ()
                self._made(b.Opaque(PROTOCOL, item))
            case "item_reference":
                message = f"{path}: this deployment keeps no answers, so an item cannot be referred to; send it whole"
                raise invalid(message, path, "item_reference_not_supported")
            case _:
                if isinstance(item.get("content"), list):
                    list(fields.objects(item, "content", f"{path}.content"))  # whatever it is, its parts are objects
                self.answers = self.answers or kind == "mcp_approval_response"
                if kind in OF_MCP:
                    self._made(read_of_mcp(kind, item))
                else:
                    self._ran(item)

    def _message(self, item: JsonObject, path: str) -> None:
        role = fields.needed_text(item, "role", f"{path}.role")
        if role not in ROLES:
            raise fields.unsupported(f"{path}.role", role, ROLES)
        if item.get("content") is None:
            raise fields.missing(f"{path}.content")
        content = read_content(item["content"], f"{path}.content")
        if role == "assistant":
            for block in content:
                self._made(block)
            return
        self._results = False
        if role != "user" and not self.turns:
            self.system += content
            return
        self.turns.append(Turn(b.Role(role), [*content]))

    def _ran(self, item: JsonObject) -> None:
        for block in read_hosted(item):
            self._made(block)

    def _made(self, block: b.Block) -> None:
        """A block of the model's own turn."""
        self._results = False
        if not self.turns or self.turns[-1].role is not b.Role.ASSISTANT:
            self.turns.append(Turn(b.Role.ASSISTANT))
        self.turns[-1].content.append(block)

    def _reasoning(self, item: JsonObject, path: str) -> None:
        """Reasoning without its state is told as text, which writers leave out where a vendor refuses it."""
        text = _joined(item, "content", path) or _joined(item, "summary", path)
        given = fields.text(item, "encrypted_content", f"{path}.encrypted_content")
        state: b.Continuation | None = None
        if given and self.seal.is_sealed(given):
            state = self.seal.open(given)
        elif given:
            state = b.Continuation(PROTOCOL, given, fields.text(item, "id", f"{path}.id"))
        if state is not None and state.issuer != PROTOCOL and state.item_id == REDACTED:
            self._made(b.RedactedThinking(replace(state, item_id=None)))
        elif text or state is not None:
            self._made(b.Thinking(text, state))

    def _output(self, item: JsonObject, path: str) -> None:
        call_id = fields.needed_text(item, "call_id", f"{path}.call_id")
        value = item.get("output")
        if value is None:
            raise fields.missing(f"{path}.output")
        if isinstance(value, dict):  # some clients send the object itself
            value = codec.dumps_text(value)
        self._result(b.ToolResult(call_id, read_content(value, f"{path}.output")))

    def _result(self, block: b.ToolResult) -> None:
        if not self._results:
            self.turns.append(Turn(b.Role.USER))
            self._results = True
        self.turns[-1].content.append(block)


OF_MCP = frozenset({"mcp_list_tools", "mcp_approval_request", "mcp_approval_response"})


def read_of_mcp(word: str, item: JsonObject) -> b.Block:
    """A server's tools, what the caller is asked before a call, and its answer."""
    identity, server = str(item.get("id") or ""), str(item.get("server_label") or "") or None
    match word:
        case "mcp_list_tools":
            return b.ServerToolUse(identity, server or "", "", LISTING, PROTOCOL, item, server)
        case "mcp_approval_request":
            name = str(item.get("name") or "")
            return b.ServerToolUse(identity, name, str(item.get("arguments") or ""), APPROVAL, PROTOCOL, item, server)
        case _:
            asked, why = str(item.get("approval_request_id") or ""), str(item.get("reason") or "")
            content = (b.Text(why),) if why else ()
            return b.ServerToolResult(asked, APPROVAL, PROTOCOL, item, content, item.get("approve") is not True)


def brings_tools(item: JsonObject) -> bool:
    known = item.get("type") in ("additional_tools", "tool_search_output") or is_output(item)
    return known and isinstance(item.get("tools"), list)


def _found(item: JsonObject) -> tuple[Tool, ...]:
    return read_tools({"tools": item["tools"]})[0]


def _call(item: JsonObject, path: str, kind: str) -> b.ToolUse:
    """The arguments stay the text that they are, well-formed or not: the model wrote them."""
    call_id = fields.needed_text(item, "call_id", f"{path}.call_id")
    name = fields.needed_text(item, "name", f"{path}.name")
    space = fields.text(item, "namespace", f"{path}.namespace")
    name = joined(space, name) if space else name
    custom = kind == "custom_tool_call"
    spelled = "input" if custom else "arguments"
    text = fields.text(item, spelled, f"{path}.{spelled}") or ""
    identity = fields.text(item, "id", f"{path}.id")
    state = b.Continuation(PROTOCOL, "", identity) if identity else None
    return b.ToolUse(call_id, name, text, "custom" if custom else "function", state)


def _joined(item: JsonObject, name: str, path: str) -> str:
    found = [fields.text(part, "text", f"{here}.text") for here, part in fields.objects(item, name, f"{path}.{name}")]
    return "\n\n".join(text for text in found if text)


def read_content(value: Any, path: str) -> tuple[b.Block, ...]:
    """A string or an array of parts. An empty string is no block: it says nothing, and some vendors refuse it."""
    if isinstance(value, str):
        return (b.Text(value),) if value else ()
    if not isinstance(value, list):
        raise fields.mistyped(path, "one of a string or array of objects", value)
    return tuple(read_part(part, here) for here, part in fields.objects({"parts": value}, "parts", path))


def read_part(part: JsonObject, path: str) -> b.Block:
    match fields.needed_text(part, "type", f"{path}.type"):
        case "input_text" | "output_text" | "text":
            text = fields.needed_text(part, "text", f"{path}.text")
            annotations = fields.objects(part, "annotations", f"{path}.annotations")
            return b.Text(text, tuple(read_annotation(item) for _, item in annotations), read_cache(part, path))
        case "refusal":
            return b.Refusal(fields.needed_text(part, "refusal", f"{path}.refusal"))
        case "input_image":
            return _image(part, path)
        case "input_file":
            return _file(part, path)
        case "input_audio":
            return _audio(part, path)
        case _:
            return read_mixed(part) or b.Opaque(PROTOCOL, part)


def read_cache(part: JsonObject, path: str) -> b.CacheControl | None:
    """`prompt_cache_breakpoint`: its lifetimes are minima, so the hub's nearest word is an hour."""
    mark = fields.mapping(part, "prompt_cache_breakpoint", f"{path}.prompt_cache_breakpoint")
    if mark is None:
        return None
    return b.CacheControl("1h" if mark.get("ttl") is not None else None)


def _image(part: JsonObject, path: str) -> b.Image:
    detail = fields.text(part, "detail", f"{path}.detail")
    cache = read_cache(part, path)
    file_id = fields.text(part, "file_id", f"{path}.file_id")
    if file_id is not None:
        return b.Image(b.FileSource(file_id, PROTOCOL), detail, cache)
    return b.Image(
        _source(fields.needed_text(part, "image_url", f"{path}.image_url"), f"{path}.image_url"), detail, cache
    )


def _source(url: str, path: str) -> b.Source:
    inline = read_data_url(url)
    if inline is not None:
        return b.Base64Source(*inline)
    url = url.strip()
    url = url[:8].lower() + url[8:]  # schemes and hosts are the same in any case
    if not url.startswith(("http://", "https://")):
        raise invalid(f"Invalid '{path}': expected an http(s) URL or a base64 data URL.", path, "invalid_image_url")
    return b.UrlSource(url)


def _file(part: JsonObject, path: str) -> b.Document:
    title = fields.text(part, "filename", f"{path}.filename")
    cache = read_cache(part, path)
    file_id = fields.text(part, "file_id", f"{path}.file_id")
    if file_id is not None:
        return b.Document(b.FileSource(file_id, PROTOCOL), title, cache=cache)
    url = fields.text(part, "file_url", f"{path}.file_url")
    if url is not None:
        return b.Document(_source(url, f"{path}.file_url"), title, cache=cache)
    data = fields.needed_text(part, "file_data", f"{path}.file_data")
    inline = read_data_url(data)
    if inline is not None:
        return b.Document(b.Base64Source(*inline), title, cache=cache)
    ending = (title or "").rpartition(".")[2].lower()
    return b.Document(b.Base64Source(FILE_TYPES.get(ending, DEFAULT_FILE_TYPE), data), title, cache=cache)


def _audio(part: JsonObject, path: str) -> b.Audio:
    inner = fields.needed_mapping(part, "input_audio", f"{path}.input_audio")
    data = fields.needed_text(inner, "data", f"{path}.input_audio.data")
    form = fields.needed_text(inner, "format", f"{path}.input_audio.format")
    inline = read_data_url(data)
    source = b.Base64Source(*inline) if inline else b.Base64Source(AUDIO_TYPES.get(form, f"audio/{form}"), data)
    return b.Audio(source, form)
