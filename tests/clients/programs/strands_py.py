"""Strands: its OpenAI and its Anthropic model."""

from harness import BASE, FIRST, KEY, SECOND, SYSTEM, URL, listen_closely, look_around, run, tell
from strands import Agent, tool
from strands.models.anthropic import AnthropicModel
from strands.models.openai import OpenAIModel

MAKE = {
    "chat ": lambda model: OpenAIModel(client_args={"base_url": BASE, "api_key": KEY}, model_id=model),
    "messages ": lambda model: AnthropicModel(
        client_args={"base_url": URL, "api_key": KEY}, model_id=model, max_tokens=4000
    ),
}


def talking(make):
    def talk(first, second, stream):
        agent = Agent(
            model=make(first),
            tools=[tool(look_around), tool(listen_closely)],
            system_prompt=SYSTEM,
            callback_handler=None,
        )
        texts = [str(agent(FIRST))]
        agent.model = make(second)
        return [*texts, str(agent(SECOND))]

    return talk


tell(*(run(talking(make), label=label, streams=(True,)) for label, make in MAKE.items()))
