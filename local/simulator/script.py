"""Decides what the simulated model does with a prompt: one decision for all wire formats.

Markers in the last user text (or in the model's name) order what a real provider does only on a bad day:
[[429]] [[500]] [[529]] an error status; [[slow S]] seconds before the first token; [[cut]] the stream breaks off;
[[malformed]] a frame that is no JSON; [[error-frame]] an error as the first frame of a 200; [[tokens N]] an answer of N
words; [[gate NAME]] waits after the first word until POST /control/gate/NAME; [[parallel]] two tool calls at once;
[[think]] reasoning.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

MARKER = re.compile(r"\[\[([a-z0-9-]+)(?: ([^\]]+))?\]\]")
DEEP, DEEPEST = 4, 24
"""Levels of an example below which a schema's shorter ways are taken, and where it ends whatever it says."""
WORDS = "This is the Interchange simulator, not a real model. It heard".split()
NO_MCP = (
    "(MCP is not simulated: no vendor connected to the servers. With the header x-interchange-mcp: gateway the gateway "
    "does, and its calls are real.)"
).split()


@dataclass(frozen=True, slots=True)
class Tool:
    name: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt, as every wire format boils down to it. `answered` is True after tool results, `forced` names a forced
    tool ("" for any), `limit` is the output limit."""

    model: str
    text: str
    everything: str
    tools: tuple[Tool, ...] = ()
    forced: str | None = None
    answered: bool = False
    thinking: bool = False
    schema: Mapping[str, Any] | None = None
    limit: int | None = None
    stops: tuple[str, ...] = ()
    servers: bool = False
    """MCP servers were named, for the vendor to reach."""


@dataclass(frozen=True, slots=True)
class Call:
    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Script:
    """The answer: `words` are streamed one by one; counts are tokens."""

    markers: Mapping[str, str]
    thinking: str
    words: tuple[str, ...]
    calls: tuple[Call, ...]
    stop: str
    """"end", "tool", "length" or "stop"."""
    stop_sequence: str | None
    input_tokens: int
    text_tokens: int
    thinking_tokens: int
    seed: str

    @property
    def text(self) -> str:
        return "".join(self.words)

    @property
    def output_tokens(self) -> int:
        return self.text_tokens + self.thinking_tokens


def tokens(text: str) -> int:
    """Four bytes a token, never none."""
    return max(1, len(text.encode()) // 4)


def play(prompt: Prompt) -> Script:
    markers: dict[str, str] = dict(MARKER.findall(f"{prompt.model} {prompt.text}"))
    seed = hashlib.sha256(f"{prompt.model}\0{prompt.everything}".encode()).hexdigest()
    calls = _calls(prompt, markers, seed)
    thinking = "The simulator considers the question." if prompt.thinking or "think" in markers else ""
    words, stop, sequence = _words(prompt, markers, bool(calls))
    text_tokens = sum(tokens(call.arguments) + 8 for call in calls) + (tokens("".join(words)) if words else 0)
    return Script(
        markers, thinking, words, calls, "tool" if calls else stop, sequence,
        tokens(prompt.everything), max(1, text_tokens), tokens(thinking) if thinking else 0, seed,
    )  # fmt: skip


def _calls(prompt: Prompt, markers: Mapping[str, str], seed: str) -> tuple[Call, ...]:
    if not prompt.tools:
        return ()
    asked = [tool for tool in prompt.tools if tool.name in prompt.text] if not prompt.answered else []
    if prompt.forced:
        asked = [tool for tool in prompt.tools if tool.name == prompt.forced]
    elif not asked and (prompt.forced == "" or (not prompt.answered and "use the tool" in prompt.text.lower())):
        asked = [prompt.tools[0]]
    if asked and "parallel" in markers:
        asked = [asked[0], prompt.tools[-1]]
    return tuple(
        Call(f"call_{seed[number : number + 24]}", tool.name, json.dumps(example(tool.schema)))
        for number, tool in enumerate(asked)
    )


def _words(prompt: Prompt, markers: Mapping[str, str], calling: bool) -> tuple[tuple[str, ...], str, str | None]:
    if calling:
        return (), "tool", None
    if prompt.schema is not None:
        text = json.dumps(example(prompt.schema))
        words = [text[at : at + 8] for at in range(0, len(text), 8)]
    else:
        said = [*WORDS, *MARKER.sub("", prompt.text).split(), *(NO_MCP if prompt.servers else ())]
        if "tokens" in markers:
            said = [WORDS[number % len(WORDS)] for number in range(int(markers["tokens"]))]
        words = [word if number == 0 else f" {word}" for number, word in enumerate(said)]
    for stop in prompt.stops:
        if stop in "".join(words):
            return ("".join(words).partition(stop)[0],), "stop", stop
    if prompt.limit is not None and tokens("".join(words)) > prompt.limit:
        return ("".join(words)[: prompt.limit * 4],), "length", None
    return tuple(words), "end", None


def example(schema: Any, root: Any = None, depth: int = 0) -> Any:
    """A value of the schema: the first of each enum and union, the shortest of each kind; where a schema contains
    itself, the last of a union. `root` holds what references point at."""
    root = schema if root is None else root
    if not isinstance(schema, Mapping):
        return "simulated"  # `true` is a schema too
    if "$ref" in schema:
        return example(_target(root, str(schema["$ref"])), root, depth + 1) if depth < DEEPEST else None
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    for union in ("anyOf", "oneOf", "allOf"):
        if schema.get(union):
            return example(schema[union][0 if depth < DEEP else -1], root, depth + 1)
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = kind[0]
    match str(kind).lower():
        case "object":
            properties = schema.get("properties") or {}
            return {name: example(inner, root, depth + 1) for name, inner in properties.items()}
        case "array":
            return [example(schema.get("items") or {}, root, depth + 1)] if depth < DEEP else []
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case "null":
            return None
        case _:
            return "simulated"


def _target(root: Any, pointer: str) -> Any:
    for step in pointer.removeprefix("#").split("/")[1:]:
        root = root[step]
    return root


def collect(texts: Iterable[str]) -> str:
    return "\n".join(texts)
