"""smolagents: its OpenAI model, called with tools as its agents do."""

import json

from harness import BASE, FIRST, KEY, SECOND, listen_closely, look_around, run, tell
from smolagents import OpenAIModel, tool
from smolagents.models import ChatMessage, MessageRole, agglomerate_stream_deltas

TOOLS = {one.name: one for one in (tool(look_around), tool(listen_closely))}


def talk(first, second, stream):
    history, texts = [], []
    for model, text in ((first, FIRST), (second, SECOND)):
        found = OpenAIModel(model_id=model, api_base=BASE, api_key=KEY)
        history.append(ChatMessage(MessageRole.USER, [{"type": "text", "text": text}]))
        while True:
            asked = {"tools_to_call_from": list(TOOLS.values()), "tool_choice": "auto"}
            if stream:
                message = agglomerate_stream_deltas(list(found.generate_stream(history, **asked)))
            else:
                message = found.generate(history, **asked)
            calls = message.tool_calls or []
            if not calls:
                break
            said = f"Calling tools: {[call.function.name for call in calls]}"
            history.append(ChatMessage(MessageRole.TOOL_CALL, [{"type": "text", "text": said}]))
            for call in calls:
                given = call.function.arguments
                result = TOOLS[call.function.name](**(json.loads(given) if isinstance(given, str) else given))
                history.append(ChatMessage(MessageRole.TOOL_RESPONSE, [{"type": "text", "text": result}]))
        history.append(ChatMessage(MessageRole.ASSISTANT, [{"type": "text", "text": message.content}]))
        texts.append(message.content)
    return texts


tell(run(talk, label="chat "))
