"""OpenAI Agents SDK: its Responses and its chat model, in one session of items."""

import asyncio

from agents import (
    Agent,
    ModelSettings,
    OpenAIChatCompletionsModel,
    OpenAIResponsesModel,
    Runner,
    function_tool,
    set_tracing_disabled,
)
from harness import BASE, FIRST, KEY, SECOND, SYSTEM, listen_closely, look_around, run, tell
from openai import AsyncOpenAI
from openai.types.shared import Reasoning

set_tracing_disabled(True)
TOOLS = [function_tool(look_around), function_tool(listen_closely)]


def talking(kind):
    async def conversation(first, second, stream):
        client = AsyncOpenAI(base_url=BASE, api_key=KEY, max_retries=0)
        items, texts = [], []
        for model, text in ((first, FIRST), (second, SECOND)):
            agent = Agent(
                name="a",
                instructions=SYSTEM,
                tools=TOOLS,
                model=kind(model=model, openai_client=client),
                model_settings=ModelSettings(reasoning=Reasoning(effort="low")),
            )
            items = [*items, {"role": "user", "content": text}]
            if stream:
                result = Runner.run_streamed(agent, items)
                async for _ in result.stream_events():
                    pass
            else:
                result = await Runner.run(agent, items)
            items = result.to_input_list()
            texts.append(result.final_output)
        return texts

    return lambda first, second, stream: asyncio.run(conversation(first, second, stream))


tell(run(talking(OpenAIResponsesModel), label="responses "), run(talking(OpenAIChatCompletionsModel), label="chat "))
