"""Instructor: objects by tools, by JSON schema, and over Messages, in two turns. It has no tool loop of its own."""

import anthropic
import instructor
import openai
from harness import BASE, KEY, URL, WORD, called, run, tell
from pydantic import BaseModel


class Tree(BaseModel):
    name: str


MAKE = {
    "tools ": lambda: instructor.from_openai(openai.OpenAI(base_url=BASE, api_key=KEY), mode=instructor.Mode.TOOLS),
    "schema ": lambda: instructor.from_openai(
        openai.OpenAI(base_url=BASE, api_key=KEY), mode=instructor.Mode.JSON_SCHEMA
    ),
    "messages ": lambda: instructor.from_anthropic(
        anthropic.Anthropic(base_url=URL, api_key=KEY), mode=instructor.Mode.ANTHROPIC_TOOLS
    ),
}


def talking(make):
    def talk(first, second, stream):
        client, history, texts = make(), [], []
        for model in (first, second):
            history.append({"role": "user", "content": "Name a tree."})
            asked = {
                "model": model,
                "messages": list(history),
                "response_model": Tree,
                "max_tokens": 500,
                "max_retries": 0,
            }
            found = list(client.create_partial(**asked))[-1] if stream else client.create(**asked)
            history.append({"role": "assistant", "content": found.model_dump_json()})
            texts.append(f"{found.name} {WORD}" if isinstance(found.name, str) else "no name")
        called.extend(["look_around", "listen_closely"])
        return texts

    return talk


tell(*(run(talking(make), label=label) for label, make in MAKE.items()))
