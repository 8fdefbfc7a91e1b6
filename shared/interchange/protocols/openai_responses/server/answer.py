"""Output items as they are written: each knows its events, and is in the end the item itself.

An event is (type without "response.", its own fields); the stream's writer adds what all events have. Order and fields:
openai-python `types/responses/response_*_event.py`, and recorded streams.

The `response` object around the output items, in every state that a stream shows it.

Source: openai-python `types/responses/response.py`. An answer repeats its request; what the caller did not send is
null, or the API's own default where null is not allowed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from interchange.dataclass import dataclass, replace
from interchange.hub import blocks as b
from interchange.hub.events import Stop, StopReason
from interchange.hub.failure import Failure
from interchange.hub.full_context import CODE
from interchange.hub.usage import Usage
from interchange.protocols.faces import Envelope, JsonObject
from interchange.protocols.openai.errors import worded

from ..client_run import CALLS
from ..usage import write_tier, write_usage
from ..words import FAILED_CODES, INCOMPLETE_WORDS

Piece = tuple[str, JsonObject]
CALLED = frozenset({"function_call", "custom_tool_call", *CALLS})


@dataclass(slots=True)
class Item:
    """`shape` grows into the finished item; what is shown when it begins is a copy."""

    shape: JsonObject
    begun: bool = False
    ending: str = "completed"
    """Its `status` when it ends; the one that was cut short is "incomplete"."""
    place: int = 0
    """In the output, once it has begun."""

    def begin(self) -> list[Piece]:
        if self.begun:
            return []
        self.begun = True
        return [("output_item.added", {"item": self.opening()})]

    def opening(self) -> JsonObject:
        return dict(self.shape)

    def end(self) -> list[Piece]:
        if "status" in self.shape:
            self.shape["status"] = self.ending
        return [("output_item.done", {"item": dict(self.shape)})] if self.begun else []


@dataclass(slots=True)
class MessageItem(Item):
    """Text and refusals in a row are parts of one message. A part begins with its first text."""

    kind: str = ""
    """The open part's type, "" where none is open."""
    _base: int = 0
    _waiting: list[b.Citation] = field(default_factory=list)
    """Citations that do not say where they end: they are of the whole part."""

    def opening(self) -> JsonObject:
        return {**self.shape, "content": []}

    def open(self, kind: str, base: int) -> None:
        """`base` counts the characters of the answer's text before the part: citations count from the part."""
        self.kind, self._base = kind, base

    def say(self, text: str) -> list[Piece]:
        out = [*self.begin(), *self._begin_part()]
        part = self.shape["content"][-1]
        name = "refusal" if self.kind == "refusal" else "text"
        part[name] += text
        fields: JsonObject = {"content_index": self._at, "delta": text}
        if self.kind == "output_text":
            fields["logprobs"] = []
        return [*out, (f"{self.kind}.delta", fields)]

    def cite(self, citation: b.Citation, protocol: str) -> list[Piece]:
        """A source on the web; a place in another vendor's file has no counterpart here."""
        if citation.protocol != protocol and citation.end is None:
            self._waiting.append(citation)
            return []
        annotation = self._annotation(citation, protocol)
        if annotation is None or self.kind != "output_text":
            return []
        out = [*self.begin(), *self._begin_part()]
        found = self.shape["content"][-1]["annotations"]
        found.append(annotation)
        at = {"content_index": self._at, "annotation_index": len(found) - 1}
        return [*out, ("output_text.annotation.added", {**at, "annotation": annotation})]

    def close(self) -> list[Piece]:
        """The open part's end; nothing where nothing was said."""
        waiting, self._waiting = self._waiting, []
        content = self.shape["content"]
        said = self._base + (len(content[-1].get("text", "")) if content and "open" in content[-1] else 0)
        cited = [piece for one in waiting for piece in self.cite(replace(one, end=said), "")]
        return [*cited, *self._closed()]

    def _closed(self) -> list[Piece]:
        content = self.shape["content"]
        kind, self.kind = self.kind, ""
        if not kind or not content or content[-1].get("open") is None:
            return []
        part = content[-1]
        del part["open"]
        if kind == "refusal":
            told: JsonObject = {"refusal": part["refusal"]}
        else:
            told = {"text": part["text"], "logprobs": part["logprobs"]}
        at = {"content_index": self._at}
        return [(f"{kind}.done", {**at, **told}), ("content_part.done", {**at, "part": dict(part)})]

    def probable(self, logprobs: list[Any]) -> None:
        parts = [part for part in self.shape["content"] if part["type"] == "output_text"]
        if parts:
            parts[-1]["logprobs"] += logprobs

    @property
    def _at(self) -> int:
        return len(self.shape["content"]) - 1

    def _begin_part(self) -> list[Piece]:
        content = self.shape["content"]
        if content and "open" in content[-1]:
            return []
        if self.kind == "refusal":
            empty: JsonObject = {"type": "refusal", "refusal": ""}
        else:
            empty = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
        content.append({**empty, "open": True})
        return [("content_part.added", {"content_index": self._at, "part": empty})]

    def _annotation(self, citation: b.Citation, protocol: str) -> JsonObject | None:
        if citation.protocol == protocol:
            return dict(citation.raw)
        if citation.url is None:
            return None
        content = self.shape["content"]
        said = len(content[-1]["text"]) if content and "open" in content[-1] else 0
        start = max(0, (citation.start or self._base) - self._base)
        end = said if citation.end is None else max(start, citation.end - self._base)
        title = citation.title or citation.url
        return {"type": "url_citation", "url": citation.url, "title": title, "start_index": start, "end_index": end}


@dataclass(slots=True)
class ReasoningItem(Item):
    """Thinking is a summary of one part. It begins with its first text, or with its state."""

    def opening(self) -> JsonObject:
        return {**self.shape, "summary": []}

    def say(self, text: str) -> list[Piece]:
        out = self.begin()
        summary = self.shape["summary"]
        if not summary:
            summary.append({"type": "summary_text", "text": ""})
            part = {"type": "summary_text", "text": ""}
            out.append(("reasoning_summary_part.added", {"summary_index": 0, "part": part}))
        summary[0]["text"] += text
        return [*out, ("reasoning_summary_text.delta", {"summary_index": 0, "delta": text})]

    def state(self, sealed: str) -> list[Piece]:
        self.shape["encrypted_content"] = sealed
        return self.begin()

    def end(self) -> list[Piece]:
        out: list[Piece] = []
        for part in self.shape["summary"]:
            out.append(("reasoning_summary_text.done", {"summary_index": 0, "text": part["text"]}))
            out.append(("reasoning_summary_part.done", {"summary_index": 0, "part": dict(part)}))
        return [*out, *Item.end(self)]


@dataclass(slots=True)
class CallItem(Item):
    """A call that the caller runs: of a function, or of a custom tool with free-form input."""

    said: list[str] = field(default_factory=list)

    @property
    def custom(self) -> bool:
        return bool(self.shape["type"] == "custom_tool_call")

    def say(self, text: str) -> list[Piece]:
        self.said.append(text)
        return [("custom_tool_call_input.delta" if self.custom else "function_call_arguments.delta", {"delta": text})]

    def end(self) -> list[Piece]:
        text = "".join(self.said)
        if self.custom:
            self.shape["input"] = text
            return [("custom_tool_call_input.done", {"input": text}), *Item.end(self)]
        self.shape["arguments"] = text
        told = {"name": self.shape["name"], "arguments": text}
        return [("function_call_arguments.done", told), *Item.end(self)]


_REPEATED = (
    "instructions",
    "max_output_tokens",
    "max_tool_calls",
    "prompt_cache_key",
    "prompt_cache_retention",
    "safety_identifier",
    "temperature",
    "top_p",
    "top_logprobs",
    "user",
)


@dataclass(frozen=True, slots=True)
class AnswerFrame:
    envelope: Envelope

    @property
    def id(self) -> str:
        return f"resp_{self.envelope.request_id}"

    def begun(self) -> JsonObject:
        return self._object("in_progress", [], None)

    def ended(self, output: list[JsonObject], usage: Usage | None, stop: Stop) -> JsonObject:
        """`completed`, or `incomplete` with the reason."""
        called = any(str(item.get("type")) in CALLED for item in output)
        word = None if called and stop.reason is StopReason.OTHER else INCOMPLETE_WORDS.get(stop.reason)
        whole = self._object("incomplete" if word else "completed", output, usage)
        whole["incomplete_details"] = {"reason": word} if word else None
        whole["service_tier"] = write_tier(usage)
        return whole

    def failed(self, output: list[JsonObject], usage: Usage | None, failure: Failure) -> JsonObject:
        whole = self._object("failed", output, usage)
        code = CODE if failure.code == CODE else FAILED_CODES.get(failure.kind, "server_error")
        whole["error"] = {"code": code, "message": worded(failure)}
        return whole

    def _object(self, status: str, output: list[JsonObject], usage: Usage | None) -> JsonObject:
        asked = self.envelope.asked
        return {
            "id": self.id,
            "object": "response",
            "created_at": self.envelope.created,
            "status": status,
            "background": False,
            "error": None,
            "incomplete_details": None,
            **{name: asked.get(name) for name in _REPEATED},
            "model": self.envelope.model,
            "output": output,
            "parallel_tool_calls": asked.get("parallel_tool_calls") is not False,
            "previous_response_id": asked.get("previous_response_id"),
            "reasoning": _reasoning(asked.get("reasoning")),
            "store": bool(asked.get("store")),
            "text": _text(asked.get("text")),
            "tool_choice": asked.get("tool_choice") or "auto",
            "tools": [_tool(tool) for tool in asked.get("tools") or ()],
            "truncation": asked.get("truncation") or "disabled",
            "usage": None if usage is None else write_usage(usage),
            "metadata": asked.get("metadata") or {},
        }


def _reasoning(asked: Any) -> JsonObject:
    return {"effort": None, "summary": None, **(asked if isinstance(asked, dict) else {})}


def _text(asked: Any) -> JsonObject:
    return {"format": {"type": "text"}, **(asked if isinstance(asked, dict) else {})}


def _tool(tool: Mapping[str, Any]) -> JsonObject:
    """The SDK's type of a function requires these two. A server's credential is not repeated."""
    if tool.get("type") == "function":
        return {"parameters": None, "strict": None, **tool}
    return {name: value for name, value in tool.items() if name not in ("authorization", "headers")}
