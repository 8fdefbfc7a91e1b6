"""anthropic: a loop by hand, with pictures in results, the tool runner (threading by default), `thread()`, `parse`."""

from anthropic import Anthropic, beta_tool
from harness import FIRST, KEY, PIXEL, SECOND, URL, listen_closely, look_around, parsed, run, tell
from pydantic import BaseModel

client = Anthropic(base_url=URL, api_key=KEY, max_retries=0)
TOOLS = [beta_tool(look_around), beta_tool(listen_closely)]


def text_of(message):
    return "".join(block.text for block in message.content if block.type == "text")


def told(text):
    return text


def shown(text):
    """A result with a picture beside its text."""
    source = {"type": "base64", "media_type": "image/png", "data": PIXEL}
    return [{"type": "text", "text": text}, {"type": "image", "source": source}]


def plain(first, second, stream, result=told):
    history, texts = [], []
    for model, text in ((first, FIRST), (second, SECOND)):
        history.append({"role": "user", "content": text})
        while True:
            asked = {
                "model": model,
                "max_tokens": 4000,
                "messages": history,
                "tools": [tool.to_dict() for tool in TOOLS],
                "thinking": {"type": "enabled", "budget_tokens": 1024},
            }
            if stream:
                with client.messages.stream(**asked) as events:
                    message = events.get_final_message()
            else:
                message = client.messages.create(**asked)
            history.append({"role": "assistant", "content": message.content})
            calls = [block for block in message.content if block.type == "tool_use"]
            if not calls:
                break
            tools = {tool.name: tool for tool in TOOLS}
            results = [
                {"type": "tool_result", "tool_use_id": call.id, "content": result(tools[call.name].call(call.input))}
                for call in calls
            ]
            history.append({"role": "user", "content": results})
        texts.append(text_of(message))
    return texts


def runner(first, second, stream):
    history, texts = [], []
    for model, text in ((first, FIRST), (second, SECOND)):
        history.append({"role": "user", "content": text})
        found = client.beta.messages.tool_runner(
            model=model, max_tokens=4000, messages=history, tools=TOOLS, stream=stream
        )
        for item in found:
            message = item.get_final_message() if stream else item
        history.append({"role": "assistant", "content": message.content})
        texts.append(text_of(message))
    return texts


def thread(first, second, stream):
    found = client.beta.messages.thread(model=first, max_tokens=4000, tools=TOOLS)
    texts = []
    for model, text in ((first, FIRST), (second, SECOND)):
        found.update(model=model)
        found.append({"role": "user", "content": text})
        for item in found.tool_runner(stream=stream):
            message = item.get_final_message() if stream else item
        texts.append(text_of(message))
    return texts


def pictures(first, second, stream):
    return plain(first, second, stream, shown)


class Tree(BaseModel):
    name: str
    rings: int


def parse(first, second, stream):
    history, objects = [], []
    for model, text in ((first, "Which tree?"), (second, SECOND)):
        history.append({"role": "user", "content": text})
        asked = {"model": model, "max_tokens": 4000, "messages": history, "output_format": Tree}
        if stream:
            with client.messages.stream(**asked) as events:
                message = events.get_final_message()
        else:
            message = client.messages.parse(**asked)
        history.append({"role": "assistant", "content": message.content})
        objects.append(message.parsed_output)
    return objects


tell(
    run(plain, label="messages "),
    run(pictures, label="pictures "),
    run(runner, label="tool runner "),
    run(thread, label="thread "),
    run(parse, label="parse ", check=parsed),
)
