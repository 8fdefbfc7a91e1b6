"""Items that both faces read: a caller sends back what an answer gave.

Calls of vendor-run tools, pictures, and what only this protocol has are read when they are whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from interchange.dataclass import dataclass, replace
from interchange.hub import blocks as b
from interchange.hub import events as e
from interchange.protocols.faces import JsonObject
from interchange.wire import codec

from .words import CALL_KINDS, PROTOCOL, SEARCHES, is_own

NOWHERE = -1


@dataclass(slots=True)
class WholeReader:
    """Pieces are progress, and code as it is written: the whole item says it all."""

    closed: bool = False

    def piece(self, kind: str, event: JsonObject) -> Iterator[e.Event]:
        return iter(())

    def done(self, item: JsonObject) -> Iterator[e.Event]:
        if self.closed:
            return
        self.closed = True
        for block in read_hosted(item):
            match block:
                case b.ServerToolUse(arguments=arguments):
                    yield e.BlockStart(NOWHERE, replace(block, arguments=""))
                    if arguments:
                        yield e.ArgumentsDelta(NOWHERE, arguments)
                case _:
                    yield e.BlockStart(NOWHERE, block)
            yield e.BlockStop(NOWHERE)


def read_hosted(item: JsonObject) -> Iterator[b.Block]:
    """The item stays whole in `raw`: it goes back as it came."""
    word = str(item.get("type"))
    if word == "program":  # code that calls the caller's tools, which the vendor runs
        yield b.ServerToolUse(str(item.get("call_id") or ""), word, _arguments(item), "other", PROTOCOL, item)
        return
    if word == "program_output":
        yield b.ServerToolResult(str(item.get("call_id") or ""), "other", PROTOCOL, item)
        return
    kind = "x_search" if is_search(item) else CALL_KINDS.get(word)
    if kind == "image_generation" and is_own(item.get("id")):  # a picture that another vendor's model drew
        yield from _drawn(item)
        return
    if kind is None or word == "mcp_list_tools":
        yield b.Opaque(PROTOCOL, item, _summary_state(item))
        return
    name = _text(item.get("name")) or kind
    identity = str(item.get("id") or item.get("call_id") or "")
    server = _text(item.get("server_label")) if kind == "mcp" else None
    vendors = "" if is_own(item.get("id")) else PROTOCOL  # what we wrote for another vendor's is no vendor's item
    yield b.ServerToolUse(identity, name, _arguments(item), kind, vendors, item, server)
    if word == "mcp_call":
        yield from _mcp_result(item)
    if kind == "image_generation":
        yield from _drawn(item)


def _summary_state(item: Mapping[str, Any]) -> b.Continuation | None:
    """A conversation that was summed up is state like reasoning: of the vendor and the account that made it
    (openai-python `types/responses/response_compaction_item.py`)."""
    data = _text(item.get("encrypted_content"))
    return b.Continuation(PROTOCOL, data) if data and item.get("type") == "compaction" else None


def is_search(item: Mapping[str, Any]) -> bool:
    """True for a call by the word of a caller's own tool that the vendor ran itself."""
    return item.get("type") == "custom_tool_call" and _text(item.get("name")) in SEARCHES


def _drawn(item: JsonObject) -> Iterator[b.Image]:
    picture, form = item.get("result"), item.get("output_format")
    if isinstance(picture, str) and picture:
        yield b.Image(b.Base64Source(f"image/{form if isinstance(form, str) else 'png'}", picture))


def _mcp_result(item: JsonObject) -> Iterator[b.Block]:
    """The item holds both the call and what came of it; other protocols have a block for each."""
    failed = item.get("error")
    given = failed if failed else item.get("output")
    if given is not None:
        text = given if isinstance(given, str) else _said(given)
        yield b.ServerToolResult(str(item.get("id") or ""), "mcp", PROTOCOL, {}, (b.Text(text),), bool(failed))


def _said(error: Any) -> str:
    """openai-python `types/responses/mcp_tool_call_error.py`: the tool's own words where there are any."""
    content = error.get("content") if isinstance(error, Mapping) else None
    parts = content if isinstance(content, list) else []
    texts = [str(part.get("text") or "") for part in parts if isinstance(part, Mapping) and part.get("type") == "text"]
    return "".join(texts) or codec.dumps_text(error)


def _arguments(item: Mapping[str, Any]) -> str:
    """Arguments of the tool's call, as JSON text."""
    for given in (item.get("arguments"), item.get("input")):
        if isinstance(given, str):
            return given
    for name in ("action", "arguments"):
        if isinstance(item.get(name), Mapping):
            return codec.dumps_text(item[name])
    asked = {name: item[name] for name in ("code", "queries", "prompt") if item.get(name) is not None}
    return codec.dumps_text(asked) if asked else ""


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def read_annotation(raw: Mapping[str, Any]) -> b.Citation:
    """`start`/`end` count from the part's beginning here: `sequence.Sequence` makes them count from the answer's."""
    start, end = raw.get("start_index"), raw.get("end_index")
    return b.Citation(
        PROTOCOL,
        raw,
        url=raw.get("url"),
        title=raw.get("title") or raw.get("filename"),
        start=start if isinstance(start, int) else None,
        end=end if isinstance(end, int) else None,
    )
