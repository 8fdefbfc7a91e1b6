"""CrewAI: an agent with tools, in two turns."""

import os

os.environ["CREWAI_DISABLE_TELEMETRY"] = os.environ["OTEL_SDK_DISABLED"] = "true"
os.environ["CREWAI_TRACING_ENABLED"] = "false"

import harness
from crewai import LLM, Agent
from crewai.tools import tool
from harness import BASE, FIRST, KEY, SECOND, run, tell


@tool("look_around")
def look_around(place: str) -> str:
    """Looks around at a place."""
    return harness.look_around(place)


@tool("listen_closely")
def listen_closely(place: str) -> str:
    """Listens at a place."""
    return harness.listen_closely(place)


def talk(first, second, stream):
    history, texts = [], []
    for model, text in ((first, FIRST), (second, SECOND)):
        llm = LLM(model=model, provider="openai", base_url=BASE, api_key=KEY, stream=stream)
        agent = Agent(
            role="Forester",
            goal="Name trees.",
            backstory="Walks in woods.",
            llm=llm,
            tools=[look_around, listen_closely],
            verbose=False,
        )
        history.append({"role": "user", "content": text})
        said = agent.kickoff(list(history)).raw
        history.append({"role": "assistant", "content": said})
        texts.append(said)
    return texts


tell(run(talk, label="chat "))
