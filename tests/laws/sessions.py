"""Sessions of coding agents, each request as the agent sends it, with vendors that answer by a script: what goes up for
a turn, and what stood in it that the agent itself takes back in the next.

The requests have the shape of the agents' own: Claude Code 2.1 (anthropics/claude-code#68900: its line of telemetry;
reminders in the last turn, a wandering breakpoint, deferred tools), Codex 0.60 (codex-rs/core/src/client_common.rs),
opencode by @ai-sdk/openai-compatible, and OpenAI's SDKs with whole items, with references and with a thread.
"""

from __future__ import annotations

import asyncio
import copy
import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx2
from anthropic import AsyncAnthropic
from openai import AsyncOpenAI

from interchange.wire import codec
from tests.continuity.added import everyone
from tests.continuity.clients import ToWorld
from tests.continuity.vendors import Part
from tests.exchange.world import KEY, World, world

Json = dict[str, Any]
PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
REMINDER = "<system-reminder>The list of tasks has changed: "
SCHEMA: Json = {"type": "object", "properties": {"path": {"type": "string"}, "all": {"type": "boolean"}},
                "required": ["path"]}  # fmt: skip
NAMES = ("Read", "Grep", "ToolSearch")
RULES = "Follow the rules of the repository. " * 20


@dataclass(frozen=True)
class Step:
    """What the model says in a turn, and what the user says when nothing was called."""

    says: Sequence[Part]
    asks: str = ""
    picture: bool = False
    """The first call's result is one."""


SCRIPT = (
    Step([("think", "A"), ("text", "I look."), ("call", 'Read {"path":"a"}'), ("call", 'Grep {"path":"b"}')]),
    Step([("think", "B"), ("call", 'Read {"path":"c","all":true}')], picture=True),
    Step([("think", "C"), ("text", "It is mended.")], asks="Now the other test."),
    Step([("think", "D"), ("call", 'ToolSearch {"path":"sums"}'), ("call", 'Read {"path":"a"}')], picture=True),
    Step([("call", 'Read {"path":"a"}')]),
    Step([("text", "I look again."), ("call", 'Grep {"path":"d"}')]),
    Step([("text", "Both are mended.")], asks="Thanks. And the page?"),
    Step([("think", "E"), ("text", "It is written.")]),
)


@dataclass
class Agent(ABC):
    """One session: `body` is its next request, `hear` takes the answer. `history` is what goes up again."""

    model: str
    history: list[Json] = field(default_factory=list)
    turn: int = 0
    family = "chat"

    @abstractmethod
    def body(self) -> Json: ...

    @abstractmethod
    def hear(self, answer: Json, step: Step) -> None: ...


class ClaudeCode(Agent):
    family = "messages"

    def __init__(self, model: str) -> None:
        reminder = f"<system-reminder>{RULES}</system-reminder>"
        asked = [{"type": "text", "text": reminder}, {"type": "text", "text": "Mend the failing test."}]
        super().__init__(model, [{"role": "user", "content": asked}])

    def body(self) -> Json:
        line = f"x-anthropic-billing-header: cc_version=2.1.177; cc_entrypoint=cli; cch={self.turn * 7919:05x};"
        messages = copy.deepcopy(self.history)
        messages[-1]["content"][-1]["cache_control"] = {"type": "ephemeral"}
        if self.turn % 2:
            messages[-1]["content"].append({"type": "text", "text": f"{REMINDER}{self.turn}</system-reminder>"})
        return {
            "model": self.model, "max_tokens": 32_000, "metadata": {"user_id": "user_" + "0" * 150},
            "thinking": {"type": "enabled", "budget_tokens": 10_000}, "messages": messages,
            "system": [{"type": "text", "text": line}, {"type": "text", "text": "You are a coding agent."},
                       {"type": "text", "text": RULES, "cache_control": {"type": "ephemeral"}}],
            "tools": [*({"name": name, "description": name, "input_schema": SCHEMA} for name in NAMES),
                      {"name": "mcp__sums__add", "input_schema": SCHEMA, "defer_loading": True}],
        }  # fmt: skip

    def hear(self, answer: Json, step: Step) -> None:
        said = [{name: block[name] for name in block if name in BLOCK} for block in answer["content"]]
        self.history.append({"role": "assistant", "content": said})
        calls = [block for block in said if block["type"] == "tool_use"]
        source = {"type": "base64", "media_type": "image/png", "data": PICTURE}
        found: list[Json] = []
        for at, call in enumerate(calls):
            shown: Any = [{"type": "image", "source": source}] if step.picture and not at else f"line {at}\n" * 9
            if call["name"] == "ToolSearch":
                shown = [{"type": "tool_reference", "tool_name": "mcp__sums__add"}]
            found.append({"type": "tool_result", "tool_use_id": call["id"], "content": shown})
        self.history.append({"role": "user", "content": found or [{"type": "text", "text": step.asks}]})


BLOCK = frozenset({"type", "text", "thinking", "signature", "data", "id", "name", "input"})
"""Members of an answer's blocks that a client sends back."""


class Codex(Agent):
    family = "responses"

    def __init__(self, model: str) -> None:
        said = (("developer", "<permissions>all</permissions>"), ("user", "<environment_context>bash"),
                ("user", "Mend the failing test."))  # fmt: skip
        texts = [(role, [{"type": "input_text", "text": text}]) for role, text in said]
        super().__init__(model, [{"type": "message", "role": role, "content": content} for role, content in texts])

    def body(self) -> Json:
        functions = [{"type": "function", "name": name, "description": name, "parameters": SCHEMA, "strict": False}
                     for name in NAMES]  # fmt: skip
        patch = {"type": "custom", "name": "apply_patch", "format": {"type": "grammar", "syntax": "lark",
                                                                     "definition": "start: /.+/"}}  # fmt: skip
        return {
            "model": self.model, "instructions": RULES, "input": copy.deepcopy(self.history),
            "tools": [*functions, patch], "tool_choice": "auto", "parallel_tool_calls": True, "store": False,
            "reasoning": {"effort": "high", "summary": "auto"}, "include": ["reasoning.encrypted_content"],
            "prompt_cache_key": "5b3f7a52-session", **self.more(),
        }  # fmt: skip

    def more(self) -> Json:
        return {}

    def hear(self, answer: Json, step: Step) -> None:
        self.history += self.kept(answer)
        calls = [item for item in answer["output"] if item["type"] == "function_call"]
        for at, call in enumerate(calls):
            picture = {"type": "input_image", "image_url": f"data:image/png;base64,{PICTURE}"}
            output: Any = [picture] if step.picture and not at else f"line {at}\n" * 9
            self.history.append({"type": "function_call_output", "call_id": call["call_id"], "output": output})
        if not calls:
            asked = [{"type": "input_text", "text": step.asks}]
            self.history.append({"type": "message", "role": "user", "content": asked})

    def kept(self, answer: Json) -> list[Json]:
        return [{name: value for name, value in item.items() if name not in UNSENT} for item in answer["output"]]


UNSENT = frozenset({"status", "parsed_arguments"})


class References(Codex):
    """@ai-sdk/openai: answers are stored unless it is told otherwise, and what was said is referred to by its id."""

    def more(self) -> Json:
        return {"store": True}

    def kept(self, answer: Json) -> list[Json]:
        return [{"type": "item_reference", "id": item["id"]} for item in answer["output"]]


class Thread(Codex):
    """A loop by `previous_response_id`: each request has its new items alone."""

    previous: str | None = None

    def more(self) -> Json:
        return {"store": True, "previous_response_id": self.previous}

    def kept(self, answer: Json) -> list[Json]:
        self.previous = answer["id"]
        self.history.clear()
        return []


class Chat(Agent):
    """OpenAI's SDK: the whole message goes back."""

    def __init__(self, model: str) -> None:
        asked = [{"type": "text", "text": "Mend the failing test."},
                 {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PICTURE}"}}]  # fmt: skip
        super().__init__(model, [{"role": "system", "content": RULES}, {"role": "user", "content": asked}])

    def body(self) -> Json:
        functions = [{"type": "function", "function": {"name": name, "description": name, "parameters": SCHEMA}}
                     for name in NAMES]  # fmt: skip
        return {"model": self.model, "messages": copy.deepcopy(self.history), "tools": functions,
                "tool_choice": "auto", "reasoning_effort": "high"}  # fmt: skip

    def hear(self, answer: Json, step: Step) -> None:
        message = answer["choices"][0]["message"]
        calls = message.get("tool_calls") or []
        self.history.append(self.kept(message, calls))
        for at, call in enumerate(calls):
            self.history.append({"role": "tool", "tool_call_id": call["id"], "content": f"line {at}\n" * 9})
        if not calls:
            self.history.append({"role": "user", "content": step.asks})

    def kept(self, message: Json, _calls: list[Json]) -> Json:
        return message


class Opencode(Chat):
    """What its library keeps of an answer: text, calls, and reasoning as text."""

    def kept(self, message: Json, calls: list[Json]) -> Json:
        plain = [{"id": call["id"], "type": "function",
                  "function": {name: call["function"][name] for name in ("name", "arguments")}}
                 for call in calls]  # fmt: skip
        thought = message.get("reasoning_content")
        said = {"role": "assistant", "content": message.get("content") or "", "tool_calls": plain or None,
                "reasoning_content": thought}  # fmt: skip
        return {name: value for name, value in said.items() if value is not None}


AGENTS: dict[str, Callable[[str], Agent]] = {
    "Claude Code": ClaudeCode, "Codex": Codex, "references": References, "thread": Thread, "chat": Chat,
    "opencode": Opencode,
}  # fmt: skip


async def answered(here: World, family: str, body: Json, *, stream: bool) -> Json:
    """The answer as the caller's SDK has it."""
    if not stream:
        status, told, _ = await here.whole(family, body)
        assert status == 200, told
        return dict(told)
    http: Any = httpx2.AsyncClient(transport=ToWorld(here))
    made: Any
    if family == "messages":
        claude: Any = AsyncAnthropic(api_key=KEY, base_url="http://gateway", http_client=http, max_retries=0)
        async with claude.beta.messages.stream(**body) as told:
            made = await told.get_final_message()
        return dict(made.model_dump(exclude_none=True))
    gpt: Any = AsyncOpenAI(api_key=KEY, base_url="http://gateway/v1", http_client=http, max_retries=0)
    if family == "responses":
        async with gpt.responses.stream(**body) as told:
            made = await told.get_final_response()
        return dict(made.model_dump(exclude_none=True, warnings=False))
    async with gpt.chat.completions.stream(**body) as told:
        made = await told.get_final_completion()
    return dict(made.model_dump(exclude_none=True, warnings=False))


async def run(agent: Agent, vendor: str, *, stream: bool) -> list[Json]:
    """The bodies that the vendor got, one a turn."""
    with world() as here:
        vendors = everyone(here)
        made = vendors.made[vendor]
        for agent.turn, step in enumerate(SCRIPT):
            made.script = [list(step.says)]
            agent.hear(await answered(here, agent.family, agent.body(), stream=stream), step)
            assert vendors.refused == []
            assert len(made.bodies) == agent.turn + 1, "a turn is one request"
        return made.bodies


def digests() -> list[str]:
    """What some sessions come to, for another process to compare."""
    asked = [("Claude Code", "gpt-5.4", "openai"), ("Codex", "claude-sonnet-4-5", "anthropic"),
             ("chat", "gemini-3-flash-preview", "gemini")]  # fmt: skip
    bodies = [asyncio.run(run(AGENTS[agent](model), vendor, stream=False)) for agent, model, vendor in asked]
    return [hashlib.sha256(codec.dumps(found)).hexdigest() for found in bodies]


if __name__ == "__main__":
    print("\n".join(digests()))
