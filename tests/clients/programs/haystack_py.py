"""Haystack: its agent, over its chat generator and its Responses generator."""

from harness import BASE, FIRST, KEY, SECOND, SYSTEM, listen_closely, look_around, run, tell
from haystack.components.agents import Agent
from haystack.components.generators.chat import OpenAIChatGenerator, OpenAIResponsesChatGenerator
from haystack.dataclasses import ChatMessage
from haystack.tools import create_tool_from_function
from haystack.utils import Secret

TOOLS = [create_tool_from_function(look_around), create_tool_from_function(listen_closely)]
KINDS = {
    "chat ": (OpenAIChatGenerator, {"reasoning_effort": "low"}),
    "responses ": (OpenAIResponsesChatGenerator, {"reasoning": {"effort": "low", "summary": "auto"}}),
}


def talking(kind, asked):
    def talk(first, second, stream):
        history, texts = [], []
        for model, text in ((first, FIRST), (second, SECOND)):
            generator = kind(
                model=model,
                api_base_url=BASE,
                api_key=Secret.from_token(KEY),
                max_retries=0,
                generation_kwargs=dict(asked),
            )
            streaming = (lambda _chunk: None) if stream else None
            agent = Agent(chat_generator=generator, tools=TOOLS, system_prompt=SYSTEM, streaming_callback=streaming)
            result = agent.run(messages=[*history, ChatMessage.from_user(text)])
            history = [message for message in result["messages"] if message.role != "system"]
            texts.append(result["last_message"].text)
        return texts

    return talk


tell(*(run(talking(*kind), label=label) for label, kind in KINDS.items()))
