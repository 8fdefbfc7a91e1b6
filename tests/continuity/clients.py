"""Callers of the three protocols as they are built on the stock SDKs, and what each sends back of an answer.

`full` appends what the SDK gave it; `plain` keeps what its protocol is old enough to know: text and calls. A turn is
(what goes back into the history, the text, the names of the calls).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx2
from anthropic import AsyncAnthropic
from openai import AsyncOpenAI

from tests.exchange.world import KEY, World

Json = dict[str, Any]
Turn = tuple[list[Any], str, list[str]]
PARAMETERS: Json = {"type": "object", "properties": {}}
NAMES = ("look", "listen")


class ToWorld(httpx2.AsyncBaseTransport):
    """Hands the SDK's requests to the exchange."""

    def __init__(self, here: World) -> None:
        self.here = here

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        family = {"completions": "chat", "messages": "messages", "responses": "responses"}[
            request.url.path.rsplit("/", 1)[1]
        ]
        asked = {name: value for name, value in request.headers.items() if name.startswith("x-interchange-")}
        answer, chunks = await self.here.streamed(family, await request.aread(), **asked)
        return httpx2.Response(answer.status, headers=dict(answer.headers), content=b"".join(chunks))


@dataclass(frozen=True)
class Client:
    """`keeps` is "full" or "plain"."""

    family: str
    keeps: str
    stream: bool

    async def turn(self, here: World, model: str, history: list[Any], *, reason: bool, force: bool = False) -> Turn:
        http = httpx2.AsyncClient(transport=ToWorld(here))
        match self.family:
            case "chat":
                return await self._chat(http, model, history, reason)
            case "messages":
                return await self._messages(http, model, history, reason)
            case _:
                return await self._responses(http, model, history, reason)

    async def _chat(self, http: httpx2.AsyncClient, model: str, history: list[Any], reason: bool) -> Turn:
        client = AsyncOpenAI(api_key=KEY, base_url="http://gateway/v1", http_client=http, max_retries=0)
        tools: Any = [{"type": "function", "function": {"name": name, "parameters": PARAMETERS}} for name in NAMES]
        more: Json = {"reasoning_effort": "high"} if reason else {}
        if self.stream:
            async with client.chat.completions.stream(model=model, messages=history, tools=tools, **more) as stream:
                message: Any = (await stream.get_final_completion()).choices[0].message
        else:
            done: Any = await client.chat.completions.create(model=model, messages=history, tools=tools, **more)
            message = done.choices[0].message
        calls = message.tool_calls or []
        plain_calls = [
            {"id": call.id, "type": "function", "function": {"name": call.function.name, "arguments": "{}"}}
            for call in calls
        ]
        said: Any = {"role": "assistant", "content": message.content}
        said |= {"tool_calls": plain_calls} if calls else {}
        if self.keeps == "full":
            said = message
            if self.stream:  # as its own users write it back: the helper's `parsed` is no part of a message
                said = message.model_dump(exclude_none=True, exclude={"parsed": True})
                for call in said.get("tool_calls", ()):
                    call.pop("index", None)
                    call["function"].pop("parsed_arguments", None)
        results = [{"role": "tool", "tool_call_id": call.id, "content": "oak"} for call in calls]
        return [said, *results], message.content or "", [call.function.name for call in calls]

    async def _messages(self, http: httpx2.AsyncClient, model: str, history: list[Any], reason: bool) -> Turn:
        client = AsyncAnthropic(api_key=KEY, base_url="http://gateway", http_client=http, max_retries=0)
        tools: Any = [{"name": name, "input_schema": PARAMETERS} for name in NAMES]
        more: Json = {"thinking": {"type": "enabled", "budget_tokens": 1024}} if reason else {}
        asked: Json = {"model": model, "max_tokens": 4000, "messages": history, "tools": tools, **more}
        if self.stream:
            async with client.messages.stream(**asked) as stream:
                message: Any = await stream.get_final_message()
        else:
            message = await client.messages.create(**asked)
        content = [block for block in message.content if self.keeps == "full" or block.type in ("text", "tool_use")]
        if self.keeps == "plain":
            content = [
                {"type": "text", "text": block.text}
                if block.type == "text"
                else {"type": "tool_use", "id": block.id, "name": block.name, "input": {}}
                for block in content
            ]
        calls = [block for block in message.content if block.type == "tool_use"]
        results = [{"type": "tool_result", "tool_use_id": call.id, "content": "oak"} for call in calls]
        text = "".join(block.text for block in message.content if block.type == "text")
        back: list[Any] = [{"role": "assistant", "content": content}]
        return [*back, {"role": "user", "content": results}] if calls else back, text, [call.name for call in calls]

    async def _responses(self, http: httpx2.AsyncClient, model: str, history: list[Any], reason: bool) -> Turn:
        client = AsyncOpenAI(api_key=KEY, base_url="http://gateway/v1", http_client=http, max_retries=0)
        tools: Any = [{"type": "function", "name": name, "parameters": PARAMETERS, "strict": False} for name in NAMES]
        more: Json = {"reasoning": {"effort": "high"}, "include": ["reasoning.encrypted_content"]} if reason else {}
        asked: Json = {"model": model, "input": history, "tools": tools, "store": False, **more}
        if self.stream:
            async with client.responses.stream(**asked) as stream:
                done: Any = await stream.get_final_response()
        else:
            done = await client.responses.create(**asked)
        calls = [item for item in done.output if item.type == "function_call"]
        back: list[Any] = []
        for item in done.output:
            if self.keeps == "full":
                found = item.model_dump(exclude_none=True) if self.stream else item
                if self.stream:
                    found.pop("parsed_arguments", None)
                    for part in found.get("content") or ():
                        part.pop("parsed", None)
                back.append(found)
            elif item.type == "function_call":
                plain = {"type": "function_call", "call_id": item.call_id, "name": item.name, "arguments": "{}"}
                back.append(plain)
            elif item.type == "message":
                back.append({"role": "assistant", "content": item.content[0].text})
        results = [{"type": "function_call_output", "call_id": call.call_id, "output": "oak"} for call in calls]
        return [*back, *results], done.output_text, [call.name for call in calls]


CLIENTS = [
    Client(family, keeps, stream)
    for family in ("chat", "messages", "responses")
    for keeps in ("full", "plain")
    for stream in (False, True)
]
