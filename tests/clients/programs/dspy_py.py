"""DSPy: a predictor with the vendor's own tool calls, then one over the history, with another model."""

import dspy
from harness import BASE, KEY, WORD, listen_closely, look_around, run, tell

TOOLS = {one.name: one for one in (dspy.Tool(look_around), dspy.Tool(listen_closely))}


class Choose(dspy.Signature):
    """Choose the tools that answer the question."""

    question: str = dspy.InputField()
    tools: list[dspy.Tool] = dspy.InputField()
    outputs: dspy.ToolCalls = dspy.OutputField()


class Answer(dspy.Signature):
    """Answer the question."""

    history: dspy.History = dspy.InputField()
    question: str = dspy.InputField()
    answer: str = dspy.OutputField()


class LM(dspy.LM):
    """Says what its models can: DSPy knows them by their names, and not under this one's."""

    supports_function_calling = True
    supports_response_schema = True
    supported_params = frozenset({"tools", "tool_choice", "response_format", "temperature", "max_tokens"})


def talk(first, second, stream):
    said, told = [], []
    for model in (first, second):
        lm = LM(f"openai/{model}", api_base=BASE, api_key=KEY, cache=False, num_retries=0, max_tokens=None)
        with dspy.context(lm=lm, adapter=dspy.ChatAdapter(use_native_function_calling=True)):
            if model is first:
                chosen = dspy.Predict(Choose)(question="What is there?", tools=list(TOOLS.values())).outputs
                told = [str(TOOLS[call.name](**call.args)) for call in chosen.tool_calls]
        with dspy.context(lm=lm, adapter=dspy.JSONAdapter()):
            found = dspy.Predict(Answer)(history=dspy.History(messages=list(said)), question=f"{told}: which tree?")
        said.append({"question": "Which tree?", "answer": found.answer})
    return [f"{one['answer']} {WORD}" for one in said]


tell(run(talk, label="chat ", streams=(False,)))
