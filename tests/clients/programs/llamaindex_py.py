"""LlamaIndex: OpenAILike with its function agent."""

import asyncio

from harness import BASE, FIRST, KEY, SECOND, SYSTEM, listen_closely, look_around, run, tell
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.workflow import Context
from llama_index.llms.openai_like import OpenAILike


async def conversation(first, second, stream):
    texts, _memory = [], None
    context = None
    for model, text in ((first, FIRST), (second, SECOND)):
        llm = OpenAILike(
            model=model, api_base=BASE, api_key=KEY, is_chat_model=True, is_function_calling_model=True, max_retries=0
        )
        agent = FunctionAgent(tools=[look_around, listen_closely], llm=llm, system_prompt=SYSTEM, streaming=stream)
        context = Context(agent) if context is None else Context.from_dict(agent, context.to_dict())
        texts.append(str(await agent.run(text, ctx=context)))
    return texts


tell(run(lambda first, second, stream: asyncio.run(conversation(first, second, stream)), label="chat "))
