"""pydantic-ai: chat, Responses and Messages."""

import asyncio

from harness import BASE, FIRST, KEY, SECOND, SYSTEM, URL, listen_closely, look_around, run, tell
from pydantic_ai import Agent
from pydantic_ai.models.anthropic import AnthropicModel
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.anthropic import AnthropicProvider
from pydantic_ai.providers.openai import OpenAIProvider

MAKE = {
    "chat ": lambda model: OpenAIChatModel(model, provider=OpenAIProvider(base_url=BASE, api_key=KEY)),
    "responses ": lambda model: OpenAIResponsesModel(model, provider=OpenAIProvider(base_url=BASE, api_key=KEY)),
    "messages ": lambda model: AnthropicModel(model, provider=AnthropicProvider(base_url=URL, api_key=KEY)),
}


async def drain(_context, events):
    async for _ in events:
        pass


def talking(make):
    async def conversation(first, second, stream):
        history, texts = [], []
        for model, text in ((first, FIRST), (second, SECOND)):
            agent = Agent(make(model), instructions=SYSTEM, model_settings={"thinking": "low"})
            agent.tool_plain(look_around)
            agent.tool_plain(listen_closely)
            # `run_stream` ends at a turn's first text, tools or not: with them, this is its own way to stream
            handler = {"event_stream_handler": drain} if stream else {}
            result = await agent.run(text, message_history=history, **handler)
            texts.append(result.output)
            history = result.all_messages()
        return texts

    return lambda first, second, stream: asyncio.run(conversation(first, second, stream))


tell(*(run(talking(make), label=label) for label, make in MAKE.items()))
