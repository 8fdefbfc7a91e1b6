"""LiteLLM as a client: its OpenAI and its Anthropic provider."""

import json

import litellm
from harness import BASE, FIRST, KEY, SECOND, URL, listen_closely, look_around, run, tell

litellm.telemetry = False
litellm.drop_params = True
FUNCTIONS = {"look_around": look_around, "listen_closely": listen_closely}
SCHEMA = {"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]}
TOOLS = [
    {"type": "function", "function": {"name": name, "description": "A tool.", "parameters": SCHEMA}}
    for name in FUNCTIONS
]


def talking(prefix, base):
    def talk(first, second, stream):
        history, texts = [], []
        for model, text in ((first, FIRST), (second, SECOND)):
            history.append({"role": "user", "content": text})
            while True:
                found = litellm.completion(
                    model=f"{prefix}/{model}",
                    messages=history,
                    tools=TOOLS,
                    api_base=base,
                    api_key=KEY,
                    stream=stream,
                    num_retries=0,
                    max_tokens=4000,
                    reasoning_effort="low",
                    allowed_openai_params=["reasoning_effort"] if prefix == "openai" else [],
                )
                if stream:
                    found = litellm.stream_chunk_builder(list(found), messages=history)
                message = found.choices[0].message
                history.append(message.model_dump(exclude_none=True))
                if not message.tool_calls:
                    break
                for call in message.tool_calls:
                    result = FUNCTIONS[call.function.name](**json.loads(call.function.arguments))
                    history.append({"role": "tool", "tool_call_id": call.id, "content": result})
            texts.append(message.content)
        return texts

    return talk


tell(run(talking("openai", BASE), label="openai/ "), run(talking("anthropic", URL), label="anthropic/ "))
