"""`llm`: models of an OpenAI-compatible server, conversations with tools."""

from harness import BASE, FIRST, KEY, SECOND, SYSTEM, listen_closely, look_around, run, tell
from llm.default_plugins.openai_models import Chat


def made(model):
    return Chat(model, model_name=model, key=KEY, api_base=BASE, supports_tools=True)


def talk(first, second, stream):
    texts = []
    conversation = made(first).conversation(tools=[look_around, listen_closely])
    for model, text in ((first, FIRST), (second, SECOND)):
        conversation.model = made(model)
        chain = conversation.chain(text, system=SYSTEM, stream=stream, key=KEY)
        said = [response.text() for response in chain.responses()]
        texts.append(said[-1])
    return texts


tell(run(talk, label="chat "))
