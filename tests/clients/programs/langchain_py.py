"""LangChain: chat, Responses and Messages."""

from harness import BASE, FIRST, KEY, SECOND, URL, listen_closely, look_around, run, tell
from langchain_anthropic import ChatAnthropic
from langchain_core.messages import HumanMessage, ToolMessage
from langchain_openai import ChatOpenAI

FUNCTIONS = {"look_around": look_around, "listen_closely": listen_closely}
MAKE = {
    "chat ": lambda model: ChatOpenAI(model=model, base_url=BASE, api_key=KEY, reasoning_effort="low", max_retries=0),
    "responses ": lambda model: ChatOpenAI(
        model=model, base_url=BASE, api_key=KEY, use_responses_api=True, reasoning={"effort": "low"}, max_retries=0
    ),
    "messages ": lambda model: ChatAnthropic(
        model=model,
        base_url=URL,
        api_key=KEY,
        max_tokens=4000,
        max_retries=0,
        thinking={"type": "enabled", "budget_tokens": 1024},
    ),
}


def talking(make):
    def talk(first, second, stream):
        history, texts = [], []
        for model, text in ((first, FIRST), (second, SECOND)):
            bound = make(model).bind_tools(list(FUNCTIONS.values()))
            history.append(HumanMessage(text))
            while True:
                if stream:
                    message = None
                    for chunk in bound.stream(history):
                        message = chunk if message is None else message + chunk
                else:
                    message = bound.invoke(history)
                history.append(message)
                if not message.tool_calls:
                    break
                for call in message.tool_calls:
                    history.append(ToolMessage(FUNCTIONS[call["name"]](**call["args"]), tool_call_id=call["id"]))
            texts.append(message.text if isinstance(message.text, str) else message.text())
        return texts

    return talk


tell(*(run(talking(make), label=label) for label, make in MAKE.items()))
