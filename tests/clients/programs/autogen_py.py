"""AutoGen: an assistant agent over its OpenAI client."""

import asyncio

from autogen_agentchat.agents import AssistantAgent
from autogen_core.model_context import BufferedChatCompletionContext
from autogen_ext.models.openai import OpenAIChatCompletionClient
from harness import BASE, FIRST, KEY, SECOND, SYSTEM, listen_closely, look_around, run, tell

INFO = {
    "vision": False,
    "function_calling": True,
    "json_output": True,
    "family": "unknown",
    "structured_output": True,
    "multiple_system_messages": True,
}


async def conversation(first, second, stream):
    texts, state = [], None
    for model, text in ((first, FIRST), (second, SECOND)):
        client = OpenAIChatCompletionClient(model=model, base_url=BASE, api_key=KEY, model_info=INFO, max_retries=0)
        agent = AssistantAgent(
            "a",
            model_client=client,
            tools=[look_around, listen_closely],
            system_message=SYSTEM,
            reflect_on_tool_use=True,
            model_client_stream=stream,
            model_context=BufferedChatCompletionContext(buffer_size=50),
        )
        if state is not None:
            await agent.load_state(state)
        result = await agent.run(task=text)
        texts.append(result.messages[-1].content)
        state = await agent.save_state()
    return texts


tell(run(lambda first, second, stream: asyncio.run(conversation(first, second, stream)), label="chat "))
