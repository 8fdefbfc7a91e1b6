"""openai: chat completions and Responses, by `previous_response_id` and by items."""

import json

from harness import BASE, FIRST, KEY, SECOND, listen_closely, look_around, run, tell
from openai import OpenAI

client = OpenAI(base_url=BASE, api_key=KEY, max_retries=0)
FUNCTIONS = {"look_around": look_around, "listen_closely": listen_closely}
SCHEMA = {"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]}


def chat(first, second, stream):
    tools = [{"type": "function", "function": {"name": name, "parameters": SCHEMA}} for name in FUNCTIONS]
    history, texts = [], []
    for model, text in ((first, FIRST), (second, SECOND)):
        history.append({"role": "user", "content": text})
        while True:
            asked = {"model": model, "messages": history, "tools": tools, "reasoning_effort": "low"}
            if stream:
                with client.chat.completions.stream(**asked) as events:
                    message = events.get_final_completion().choices[0].message
            else:
                message = client.chat.completions.create(**asked).choices[0].message
            history.append(message)
            if not message.tool_calls:
                break
            for call in message.tool_calls:
                result = FUNCTIONS[call.function.name](**json.loads(call.function.arguments))
                history.append({"role": "tool", "tool_call_id": call.id, "content": result})
        texts.append(message.content)
    return texts


def responses(referring):
    def talk(first, second, stream):
        tools = [{"type": "function", "name": name, "parameters": SCHEMA, "strict": False} for name in FUNCTIONS]
        history, texts, previous = [], [], None
        for model, text in ((first, FIRST), (second, SECOND)):
            new = [{"role": "user", "content": text}]
            while True:
                asked = {"model": model, "tools": tools, "reasoning": {"effort": "low", "summary": "auto"}}
                asked |= {"input": new, "previous_response_id": previous} if referring else {"input": history + new}
                if stream:
                    with client.responses.stream(**asked) as events:
                        response = events.get_final_response()
                else:
                    response = client.responses.create(**asked)
                history += [*new, *response.output]
                previous = response.id
                calls = [item for item in response.output if item.type == "function_call"]
                new = [
                    {
                        "type": "function_call_output",
                        "call_id": call.call_id,
                        "output": FUNCTIONS[call.name](**json.loads(call.arguments)),
                    }
                    for call in calls
                ]
                if not calls:
                    break
            texts.append(response.output_text)
        return texts

    return talk


tell(run(chat, label="chat "), run(responses(False), label="responses "), run(responses(True), label="previous "))
