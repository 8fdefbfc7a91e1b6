"""openai: chat completions and Responses, by `previous_response_id` and by items; pictures in results; free-form tools;
`parse`."""

import json

from harness import BASE, FIRST, KEY, PIXEL, SECOND, listen_closely, look_around, parsed, run, tell
from openai import OpenAI
from pydantic import BaseModel

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


def shown(call):
    """The result of a call with a picture beside its text."""
    text = FUNCTIONS[call.name](**json.loads(call.arguments))
    picture = {"type": "input_image", "image_url": f"data:image/png;base64,{PIXEL}", "detail": "low"}
    return [{"type": "input_text", "text": text}, picture]


def told(call):
    return FUNCTIONS[call.name](**json.loads(call.arguments))


def responses(referring, result=told):
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
                        "output": result(call),
                    }
                    for call in calls
                ]
                if not calls:
                    break
            texts.append(response.output_text)
        return texts

    return talk


def custom_responses(first, second, stream):
    """A function and a free-form tool at once."""
    function, free = FUNCTIONS
    tools = [
        {"type": "function", "name": function, "parameters": SCHEMA, "strict": False},
        {"type": "custom", "name": free, "description": "Takes a place, in plain words."},
    ]
    history, texts = [], []
    for model, text in ((first, FIRST), (second, SECOND)):
        history.append({"role": "user", "content": text})
        while True:
            asked = {"model": model, "input": history, "tools": tools, "reasoning": {"effort": "low"}}
            if stream:
                with client.responses.stream(**asked) as events:
                    response = events.get_final_response()
            else:
                response = client.responses.create(**asked)
            history += response.output
            calls = [item for item in response.output if item.type in ("function_call", "custom_tool_call")]
            if not calls:
                break
            for call in calls:
                assert call.type == ("custom_tool_call" if call.name == free else "function_call"), call
                result = FUNCTIONS[free](call.input) if call.name == free else told(call)
                history.append({"type": f"{call.type}_output", "call_id": call.call_id, "output": result})
        texts.append(response.output_text)
    return texts


def custom_chat(first, second, _):
    function, free = FUNCTIONS
    tools = [
        {"type": "function", "function": {"name": function, "parameters": SCHEMA}},
        {"type": "custom", "custom": {"name": free, "description": "Takes a place, in plain words."}},
    ]
    history, texts = [], []
    for model, text in ((first, FIRST), (second, SECOND)):
        history.append({"role": "user", "content": text})
        while True:
            asked = {"model": model, "messages": history, "tools": tools, "reasoning_effort": "low"}
            message = client.chat.completions.create(**asked).choices[0].message
            history.append(message)
            if not message.tool_calls:
                break
            for call in message.tool_calls:
                if call.type == "custom":
                    assert call.custom.name == free, call
                    result = FUNCTIONS[free](call.custom.input)
                else:
                    assert call.function.name == function, call
                    result = FUNCTIONS[function](**json.loads(call.function.arguments))
                history.append({"role": "tool", "tool_call_id": call.id, "content": result})
        texts.append(message.content)
    return texts


class Tree(BaseModel):
    name: str
    rings: int


def parse_chat(first, second, stream):
    history, objects = [], []
    for model, text in ((first, "Which tree?"), (second, SECOND)):
        history.append({"role": "user", "content": text})
        asked = {"model": model, "messages": history, "response_format": Tree}
        if stream:
            with client.chat.completions.stream(**asked) as events:
                message = events.get_final_completion().choices[0].message
        else:
            message = client.chat.completions.parse(**asked).choices[0].message
        history.append(message)
        objects.append(message.parsed)
    return objects


def parse_responses(first, second, stream):
    history, objects = [], []
    for model, text in ((first, "Which tree?"), (second, SECOND)):
        history.append({"role": "user", "content": text})
        asked = {"model": model, "input": history, "text_format": Tree}
        if stream:
            with client.responses.stream(**asked) as events:
                response = events.get_final_response()
        else:
            response = client.responses.parse(**asked)
        history += response.output
        objects.append(response.output_parsed)
    return objects


tell(
    run(chat, label="chat "),
    run(responses(False), label="responses "),
    run(responses(True), label="previous "),
    run(responses(False, shown), label="pictures "),
    run(custom_responses, label="free-form tools, responses "),
    run(custom_chat, label="free-form tools, chat ", streams=(False,)),
    run(parse_chat, label="parse, chat ", check=parsed),
    run(parse_responses, label="parse, responses ", check=parsed),
)
