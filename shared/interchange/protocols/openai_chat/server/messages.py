"""A caller's `messages` -> hub messages: system text before the first turn apart, tool results gathered.

Content parts of a caller's message -> hub blocks.

The reasoning that a caller sends back, with the state that we had sealed into it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from typing import Any

from interchange.continuity.seal import Seal
from interchange.dataclass import dataclass, replace
from interchange.hub import blocks as b
from interchange.hub.failure import invalid
from interchange.hub.turns import Turn
from interchange.protocols.faces import JsonObject
from interchange.protocols.mixed import read_mixed, read_thinking
from interchange.protocols.openai import fields
from interchange.wire import codec
from interchange.wire.data_url import read_data_url

from ..blocks import read_annotation, read_detail, read_signature
from ..words import AUDIO_TYPES, DEFAULT_FILE_TYPE, FILE_TYPES, PROTOCOL
from . import mcp

LIVES = ("5m", "1h")
"""How long a cached prefix is kept: BetaCacheControlEphemeralParam.ttl of the anthropic SDK."""
ROLES = ("system", "developer", "user", "assistant", "tool", "function")
KNOWN = frozenset(
    {"role", "content", "name", "refusal", "audio", "tool_calls", "function_call", "tool_call_id", "annotations"}
    | {"reasoning_content", "reasoning", "reasoning_details", "thinking_blocks", "cache_control", mcp.FIELD}
)
SIGNED, DRAWN = frozenset({"extra_content"}), frozenset({"images"})
"""Of an assistant's message: where it holds what `read_signature` reads; what a model drew."""


@dataclass(slots=True)
class Conversation:
    """Takes messages one by one."""

    seal: Seal
    system: list[b.Block] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    _results: bool = False
    """The last turn gathers tool results."""
    _function_call: str | None = None
    """The id made for the last legacy `function_call`, which a `function` message answers."""

    def add(self, raw: JsonObject, path: str) -> None:
        role = fields.needed_text(raw, "role", f"{path}.role")
        if role not in ROLES:
            raise fields.unsupported(f"{path}.role", role, ROLES)
        name = fields.text(raw, "name", f"{path}.name")
        match role:
            case "tool" | "function":
                self._result(raw, path, role, name)
                return
            case "assistant":
                turn = Turn(b.Role.ASSISTANT, list(self._assistant(raw, path)), name)
            case _:
                content = _marked(read_content(_content(raw, path), f"{path}.content"), raw, path)
                if role != "user" and not self.turns and name is None:
                    self.system += content
                    return
                turn = Turn(b.Role(role), [*content], name)
        known = KNOWN | SIGNED if read_signature(raw) is not None else KNOWN
        known = known | DRAWN if role == "assistant" else known
        turn.extra = {key: value for key, value in raw.items() if key not in known and value is not None} or None
        self.turns.append(turn)
        self._results = False

    def _result(self, raw: JsonObject, path: str, role: str, name: str | None) -> None:
        if role == "tool":
            call_id = fields.needed_text(raw, "tool_call_id", f"{path}.tool_call_id")
        elif self._function_call is None:
            raise invalid(f"'{path}': a function message must follow an assistant's function_call.", path)
        else:
            call_id = self._function_call
        content = read_content(_content(raw, path), f"{path}.content")
        block = b.ToolResult(call_id, content, name=name, cache=read_cache(raw, path))
        if not self._results:
            self.turns.append(Turn(b.Role.USER))
            self._results = True
        self.turns[-1].content.append(block)

    def _assistant(self, raw: JsonObject, path: str) -> Iterator[b.Block]:
        thoughts: list[b.Block] = list(read_thought(raw, path, self.seal))
        past, said = mcp.read_calls(raw, path), _signed(list(self._said(raw, path)), read_signature(raw))
        text = said[0] if said and isinstance(said[0], b.Text) else None
        if past and (text is not None or not said) and all(one.place is not None for one in past):
            yield from mcp.in_place(past, thoughts, text)
            yield from said[1:]
            yield from self._calls(raw, path)
        else:
            yield from self._grouped(thoughts, past, said, list(self._calls(raw, path)))
        legacy = fields.mapping(raw, "function_call", f"{path}.function_call")
        if legacy is not None:
            name = fields.needed_text(legacy, "name", f"{path}.function_call.name")
            arguments = fields.text(legacy, "arguments", f"{path}.function_call.arguments") or ""
            digest = hashlib.sha256(f"{path}:{name}".encode("utf-8", "surrogatepass")).hexdigest()
            self._function_call = f"call_{digest[:24]}"
            yield b.ToolUse(self._function_call, name, arguments)

    @staticmethod
    def _grouped(
        thoughts: list[b.Block], past: list[mcp.Past], said: list[b.Block], calls: list[b.Block]
    ) -> Iterator[b.Block]:
        """Orders blocks where nothing tells when the servers were called: before all that was said, beside the caller's
        own tools."""
        served: list[b.Block] = [one.call for one in past]
        served += [one.result for one in past if one.result is not None]
        yield from thoughts
        yield from () if calls else served  # the text was written when they were there
        yield from said
        yield from calls
        yield from served if calls else ()

    @staticmethod
    def _calls(raw: JsonObject, path: str) -> Iterator[b.Block]:
        for here, call in fields.objects(raw, "tool_calls", f"{path}.tool_calls"):
            yield _call(call, here)

    @staticmethod
    def _said(raw: JsonObject, path: str) -> Iterator[b.Block]:
        value = raw.get("content")
        said = () if value is None else read_content(value, f"{path}.content", thoughts=True)
        yield from _cited(_marked(said, raw, path), raw, path)
        for here, image in fields.objects(raw, "images", f"{path}.images"):  # what a model drew, as our answers have it
            yield replace(_image(image, here, None), state=read_signature(image))
        if refusal := fields.text(raw, "refusal", f"{path}.refusal"):
            yield b.Refusal(refusal)
        audio = fields.mapping(raw, "audio", f"{path}.audio")
        if audio is not None:
            audio_id = fields.needed_text(audio, "id", f"{path}.audio.id")
            yield b.Audio(b.FileSource(audio_id, PROTOCOL), "", id=audio_id, transcript=audio.get("transcript"))


def _signed(said: list[b.Block], state: b.Continuation | None) -> list[b.Block]:
    """A signature of the whole message is its last text's, as Gemini gives it, unless a picture bears it."""
    if state is None or any(isinstance(block, b.Image) and block.state == state for block in said):
        return said
    for at in range(len(said) - 1, -1, -1):
        match said[at]:
            case b.Text() as text:
                return [*said[:at], replace(text, state=state), *said[at + 1 :]]
            case _:
                continue
    return [*said, b.Text("", state=state)]


def _content(raw: JsonObject, path: str) -> Any:
    if raw.get("content") is None:
        if "content" in raw:
            raise fields.mistyped(f"{path}.content", "one of a string or array of objects", None)
        raise fields.missing(f"{path}.content")
    return raw["content"]


def _marked(content: tuple[b.Block, ...], raw: JsonObject, path: str) -> tuple[b.Block, ...]:
    """`cache_control` on a message stands for its last part."""
    cache = read_cache(raw, path)
    if cache is None or not content:
        return content
    match content[-1]:
        case b.Text() | b.Image() | b.Document() as last:
            return (*content[:-1], replace(last, cache=cache))
        case _:
            return content


def _cited(content: tuple[b.Block, ...], raw: JsonObject, path: str) -> Iterator[b.Block]:
    """The annotations of an answer that is sent back belong to its text."""
    citations = [read_annotation(item) for _, item in fields.objects(raw, "annotations", f"{path}.annotations")]
    for position, block in enumerate(content):
        if isinstance(block, b.Text) and position == len(content) - 1 and citations:
            block = replace(block, citations=tuple(citations))
        yield block


def _call(call: JsonObject, path: str) -> b.ToolUse:
    """The arguments stay the text that they are, well-formed or not: the model wrote them."""
    kind = fields.text(call, "type", f"{path}.type") or "function"
    if kind not in ("function", "custom"):
        raise fields.unsupported(f"{path}.type", kind, ("function", "custom"))
    call_id = fields.needed_text(call, "id", f"{path}.id")
    inner = fields.needed_mapping(call, kind, f"{path}.{kind}")
    name = fields.needed_text(inner, "name", f"{path}.{kind}.name")
    spelled = "input" if kind == "custom" else "arguments"
    value = inner.get(spelled)
    if isinstance(value, dict):  # Ollama's form, which its clients send everywhere
        value = codec.dumps_text(value)
    arguments = fields.text({spelled: value}, spelled, f"{path}.{kind}.{spelled}") or ""
    return b.ToolUse(call_id, name, arguments, kind, read_signature(call), read_cache(call, path))


def read_content(value: Any, path: str, *, thoughts: bool = False) -> tuple[b.Block, ...]:
    """A string or an array of parts. An empty string is no block: it says nothing, and some vendors refuse it. With
    `thoughts`, Messages' thinking may stand among the parts."""
    if isinstance(value, str):
        return (b.Text(value),) if value else ()
    if not isinstance(value, list):
        raise fields.mistyped(path, "one of a string or array of objects", value)
    parts = fields.objects({"parts": value}, "parts", path)
    return tuple((read_thinking(part) if thoughts else None) or read_part(part, here) for here, part in parts)


def read_part(part: JsonObject, path: str) -> b.Block:
    kind = fields.needed_text(part, "type", f"{path}.type")
    cache = read_cache(part, path)
    match kind:
        case "text":
            return b.Text(fields.needed_text(part, "text", f"{path}.text"), cache=cache)
        case "refusal":
            return b.Refusal(fields.needed_text(part, "refusal", f"{path}.refusal"))
        case "image_url":
            return _image(part, path, cache)
        case "input_audio":
            return _audio(part, path, cache)
        case "file":
            return _file(fields.needed_mapping(part, "file", f"{path}.file"), f"{path}.file", cache)
        case "thinking" if isinstance(part.get("thinking"), list):  # Mistral's replay of its reasoning
            return b.Thinking("".join(str(item.get("text", "")) for _, item in fields.objects(part, "thinking", path)))
        case _:
            return read_mixed(part) or b.Opaque(PROTOCOL, part)


def read_cache(raw: Mapping[str, Any], path: str | None = None) -> b.CacheControl | None:
    """`cache_control` (as OpenRouter takes it) or OpenAI's `prompt_cache_breakpoint`, whose lifetimes (30m, 12h) are
    minima: the hub's nearest word is an hour."""
    before = "" if path is None else f"{path}."
    control = fields.mapping(raw, "cache_control", f"{before}cache_control")
    if control is not None:
        ttl = fields.text(control, "ttl", f"{before}cache_control.ttl")
        if ttl not in (None, *LIVES):
            raise fields.unsupported(f"{before}cache_control.ttl", ttl, LIVES)
        return b.CacheControl(ttl)
    mark = fields.mapping(raw, "prompt_cache_breakpoint", f"{before}prompt_cache_breakpoint")
    if mark is None:
        return None
    return b.CacheControl("1h" if mark.get("ttl") is not None else None)


def _image(part: JsonObject, path: str, cache: b.CacheControl | None) -> b.Image:
    raw = part.get("image_url")
    if isinstance(raw, str):  # Mistral takes the bare URL
        raw = {"url": raw}
    here = f"{path}.image_url"
    inner = fields.needed_mapping({"image_url": raw}, "image_url", here)
    url = fields.needed_text(inner, "url", f"{here}.url")
    detail = fields.text(inner, "detail", f"{here}.detail")
    return b.Image(_source(url, f"{here}.url"), detail, cache)


def _source(url: str, path: str) -> b.Source:
    inline = read_data_url(url)
    if inline is not None:
        return b.Base64Source(*inline)
    url = url.strip()
    url = url[:8].lower() + url[8:]  # schemes and hosts are the same in any case
    if not url.startswith(("http://", "https://")):
        raise invalid(f"Invalid '{path}': expected an http(s) URL or a base64 data URL.", path, "invalid_image_url")
    return b.UrlSource(url)


def _audio(part: JsonObject, path: str, cache: b.CacheControl | None) -> b.Audio:
    inner = fields.needed_mapping(part, "input_audio", f"{path}.input_audio")
    data = fields.needed_text(inner, "data", f"{path}.input_audio.data")
    form = fields.needed_text(inner, "format", f"{path}.input_audio.format")
    inline = read_data_url(data)
    if inline is not None:
        return b.Audio(b.Base64Source(*inline), form, cache=cache)
    return b.Audio(b.Base64Source(AUDIO_TYPES.get(form, f"audio/{form}"), data), form, cache=cache)


def _file(inner: JsonObject, path: str, cache: b.CacheControl | None) -> b.Document:
    title = fields.text(inner, "filename", f"{path}.filename")
    file_id = fields.text(inner, "file_id", f"{path}.file_id")
    data = fields.text(inner, "file_data", f"{path}.file_data")
    if file_id is not None:
        return b.Document(b.FileSource(file_id, PROTOCOL), title, cache=cache)
    if data is None:
        raise fields.missing(f"{path}.file_data")
    inline = read_data_url(data)
    if inline is not None:
        return b.Document(b.Base64Source(*inline), title, cache=cache)
    if data.startswith(("http://", "https://")):  # OpenRouter takes a URL here
        return b.Document(b.UrlSource(data), title, cache=cache)
    ending = (title or "").rpartition(".")[2].lower()
    return b.Document(b.Base64Source(FILE_TYPES.get(ending, DEFAULT_FILE_TYPE), data), title, cache=cache)


@dataclass(slots=True)
class _Entry:
    """One entry of `reasoning_details`, put together again from the pieces of a stream."""

    text: str = ""
    state: b.Continuation | None = None
    encrypted: bool = False


def read_thought(message: JsonObject, path: str, seal: Seal) -> Iterator[b.Thinking | b.RedactedThinking]:
    """`reasoning_details` where they are, else LiteLLM's `thinking_blocks`, else the bare text. State that this
    deployment did not seal is the upstream's own, and stays with its protocol; a tampered seal is left out."""
    details = [item for _, item in fields.objects(message, "reasoning_details", f"{path}.reasoning_details")]
    entries = list(_entries(details, seal))
    blocks = (
        [] if entries else [item for _, item in fields.objects(message, "thinking_blocks", f"{path}.thinking_blocks")]
    )
    thoughts = [thought for one in blocks if (thought := read_thinking(one)) is not None]
    yield from thoughts
    if not thoughts and not any(entry.text for entry in entries):
        bare = fields.text(message, "reasoning_content", f"{path}.reasoning_content")
        bare = bare or fields.text(message, "reasoning", f"{path}.reasoning")
        silent = [entry for entry in entries if not entry.encrypted]
        if bare and len(silent) == 1:
            silent[0].text = bare
        elif bare:
            yield b.Thinking(bare)
    for entry in entries:
        if entry.encrypted:
            if entry.state is not None:
                yield b.RedactedThinking(entry.state)
        elif entry.text or entry.state is not None:
            yield b.Thinking(entry.text, entry.state)


def _entries(details: Iterable[JsonObject], seal: Seal) -> Iterable[_Entry]:
    """Pieces of one `index` and kind are one entry: clients keep a stream's pieces side by side, or joined."""
    found: dict[Any, _Entry] = {}
    for position, raw in enumerate(details):
        encrypted = raw.get("type") == "reasoning.encrypted"
        index = raw.get("index")
        key = (position if index is None else f"at {index}", encrypted)
        entry = found.setdefault(key, _Entry(encrypted=encrypted))
        text, own, _ = read_detail(raw)
        entry.text += text
        entry.state = entry.state or _state(raw.get("data" if encrypted else "signature"), own, seal)
    return found.values()


def _state(value: Any, own: b.Continuation | None, seal: Seal) -> b.Continuation | None:
    if isinstance(value, str) and seal.is_sealed(value):
        return seal.open(value)
    return own
