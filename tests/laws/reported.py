"""Requests like those of public reports on gateways and clients: what callers write, in each protocol. Each is served
by every model that can, and refused by name by the rest."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import Any

from tests.laws.reported_schemas import CITY, SCHEMAS

Json = dict[str, Any]
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(24)).decode()
JPEG = base64.b64encode(b"\xff\xd8\xff\xe0" + bytes(24)).decode()
GIF = base64.b64encode(b"GIF89a" + bytes(24)).decode()
WEBP = base64.b64encode(b"RIFF\x10\x00\x00\x00WEBPVP8 " + bytes(24)).decode()
PDF = base64.b64encode(b"%PDF-1.4\n%%EOF\n").decode()
TEXT = base64.b64encode(b"a,b\n1,2\n").decode()
WAV = base64.b64encode(b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(28)).decode()
EMPTY = {"type": "object", "properties": {}}


def chat(*messages: Json, **fields: Any) -> Json:
    return {"model": "m", "messages": list(messages) or [user()], **fields}


def messages(*turns: Json, **fields: Any) -> Json:
    return {"model": "m", "max_tokens": 3000, "messages": list(turns) or [user()], **fields}


def responses(*items: Json, **fields: Any) -> Json:
    return {"model": "m", "input": list(items) or [user()], **fields}


def user(content: Any = "q") -> Json:
    return {"role": "user", "content": content}


def said(content: Any = "a", **fields: Any) -> Json:
    return {"role": "assistant", "content": content, **fields}


def f(name: str = "f", schema: Any = None, **fields: Any) -> Json:
    return {"type": "function", "function": {"name": name, "parameters": EMPTY if schema is None else schema, **fields}}


def claude(name: str = "f", schema: Any = None, **fields: Any) -> Json:
    return {"name": name, "input_schema": EMPTY if schema is None else schema, **fields}


def flat(name: str = "f", schema: Any = None, **fields: Any) -> Json:
    return {"type": "function", "name": name, "parameters": EMPTY if schema is None else schema, "strict": False,
            **fields}  # fmt: skip


def call(identity: str = "c1", name: str = "f", arguments: Any = "{}") -> Json:
    return {"id": identity, "type": "function", "function": {"name": name, "arguments": arguments}}


def done(identity: str = "c1", content: Any = "ok") -> Json:
    return {"role": "tool", "tool_call_id": identity, "content": content}


def use(identity: str = "t1", name: str = "f", **given: Any) -> Json:
    return {"type": "tool_use", "id": identity, "name": name, "input": given}


def result(identity: str = "t1", content: Any = "ok", **fields: Any) -> Json:
    return {"type": "tool_result", "tool_use_id": identity, "content": content, **fields}


def text(words: str = "q", **fields: Any) -> Json:
    return {"type": "text", "text": words, **fields}


def picture(kind: str, data: str) -> Json:
    return {"type": "image_url", "image_url": {"url": f"data:{kind};base64,{data}"}}


def image(kind: str, data: str) -> Json:
    return {"type": "image", "source": {"type": "base64", "media_type": kind, "data": data}}


def ran(identity: str = "c1", name: str = "f", arguments: str = "{}", **fields: Any) -> Json:
    return {"type": "function_call", "call_id": identity, "name": name, "arguments": arguments, **fields}


def output(identity: str = "c1", words: Any = "ok", **fields: Any) -> Json:
    return {"type": "function_call_output", "call_id": identity, "output": words, **fields}


EPHEMERAL: Json = {"cache_control": {"type": "ephemeral"}}
HOUR: Json = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}
EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
CHAT: Mapping[str, Json] = {
    "choice none": chat(tools=[f()], tool_choice="none"),
    "choice none after a call": chat(user(), said(None, tool_calls=[call()]), done(), tools=[f()], tool_choice="none"),
    "choice none without tools": chat(tool_choice="none"),
    "choice auto without tools": chat(tool_choice="auto"),
    "choice of a function": chat(tools=[f(), f("g")], tool_choice={"type": "function", "function": {"name": "g"}}),
    "choice of an unknown function": chat(tools=[f()], tool_choice={"type": "function", "function": {"name": "x"}}),
    "choice of allowed": chat(tools=[f(), f("g")], tool_choice={
        "type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [f("g")]}}),
    "required with thinking": chat(tools=[f()], tool_choice="required", reasoning_effort="high"),
    "one call at a time": chat(tools=[f()], parallel_tool_calls=False),
    "one call without tools": chat(parallel_tool_calls=False),
    "no tools at all": chat(tools=[]),
    "no tools but a choice": chat(tools=[], tool_choice="auto", parallel_tool_calls=True),
    "tools null": chat(tools=None, tool_choice=None, stop=None, temperature=None, response_format=None, seed=None,
                       logit_bias=None, n=None, user=None, stream_options=None, metadata=None, max_tokens=None),
    "same tool twice": chat(tools=[f(), f()]),
    "many tools": chat(tools=[f(f"f{n}") for n in range(140)]),
    "tool without parameters": chat(tools=[{"type": "function", "function": {"name": "f"}}]),
    "tool with null parameters": chat(tools=[{"type": "function", "function": {
        "name": "f", "parameters": None, "description": None, "strict": None}}]),
    "tool with an empty description": chat(tools=[f(description="")]),
    "tool with a long description": chat(tools=[f(description="d" * 5000)]),
    "names with dots": chat(tools=[f("a.b"), f("a/b"), f("a:b"), f("1st"), f("mit leer")]),
    "names that become one": chat(tools=[f("a.b"), f("a_b"), f("a/b")]),
    "long name": chat(tools=[f("n" * 100)]),
    "call of a name that is not declared": chat(user(), said(None, tool_calls=[call(name="gone.away")]), done(),
                                                tools=[f()]),
    "calls without tools": chat(user(), said(None, tool_calls=[call()]), done()),
    "empty arguments": chat(user(), said("", tool_calls=[call(arguments="")]), done(), tools=[f()]),
    "arguments null": chat(user(), said(None, tool_calls=[call(arguments="null")]), done(), tools=[f()]),
    "arguments a list": chat(user(), said(None, tool_calls=[call(arguments="[1]")]), done(), tools=[f()]),
    "arguments cut": chat(user(), said(None, tool_calls=[call(arguments='{"a": "b')]), done(), tools=[f()]),
    "arguments twice encoded": chat(user(), said(None, tool_calls=[call(arguments='"{}"')]), done(), tools=[f()]),
    "no content beside calls": chat(user(), {"role": "assistant", "tool_calls": [call()]}, done(), tools=[f()]),
    "blank content beside calls": chat(user(), said(" \n", tool_calls=[call()]), done(), tools=[f()]),
    "empty list of calls": chat(user(), said("a", tool_calls=[]), user()),
    "legacy function call": chat(user(), said(None, function_call={"name": "f", "arguments": "{}"}),
                                 {"role": "function", "name": "f", "content": "ok"}),
    "legacy functions": chat(functions=[{"name": "f", "parameters": EMPTY}], function_call="auto"),
    "parallel results in another order": chat(user(), said(None, tool_calls=[call("c1"), call("c2", "g")]), done("c2"),
                                              done("c1"), tools=[f(), f("g")]),
    "a result missing": chat(user(), said(None, tool_calls=[call("c1"), call("c2")]), done("c1"), user(), tools=[f()]),
    "a result without call": chat(user(), done("c9"), user(), tools=[f()]),
    "unanswered at the end": chat(user(), said(None, tool_calls=[call()]), tools=[f()]),
    "user before the result": chat(user(), said(None, tool_calls=[call()]), user("wait"), done(), tools=[f()]),
    "result twice": chat(user(), said(None, tool_calls=[call()]), done(), done(), tools=[f()]),
    "same id twice in a turn": chat(user(), said(None, tool_calls=[call(), call()]), done(), done(), tools=[f()]),
    "same id in two rounds": chat(user(), said(None, tool_calls=[call()]), done(), said(None, tool_calls=[call()]),
                                  done(), tools=[f()]),
    "long id": chat(user(), said(None, tool_calls=[call("c" * 90)]), done("c" * 90), tools=[f()]),
    "odd id": chat(user(), said(None, tool_calls=[call("functions.f:0")]), done("functions.f:0"), tools=[f()]),
    "empty id": chat(user(), said(None, tool_calls=[call("")]), done(""), tools=[f()]),
    "empty result": chat(user(), said(None, tool_calls=[call()]), done(content=""), tools=[f()]),
    "result of no parts": chat(user(), said(None, tool_calls=[call()]), done(content=[]), tools=[f()]),
    "result null": chat(user(), said(None, tool_calls=[call()]), done(content=None), tools=[f()]),
    "result in parts": chat(user(), said(None, tool_calls=[call()]), done(content=[text(), text("")]), tools=[f()]),
    "picture in a result": chat(user(), said(None, tool_calls=[call()]),
                                done(content=[text(), picture("image/png", PNG)]), tools=[f()]),
    "result as an object": chat(user(), said(None, tool_calls=[call()]), done(content={"a": 1}), tools=[f()]),
    "system in the middle": chat(user(), said(), {"role": "system", "content": "be brief"}, user()),
    "system at the end": chat(user(), {"role": "system", "content": "be brief"}),
    "system alone": chat({"role": "system", "content": "be brief"}),
    "system between call and result": chat(user(), said(None, tool_calls=[call()]),
                                           {"role": "system", "content": "s"}, done(), tools=[f()]),
    "developer": chat({"role": "developer", "content": "be brief"}, user()),
    "developer in the middle": chat(user(), said(), {"role": "developer", "content": [text("s")]}, user()),
    "system empty": chat({"role": "system", "content": ""}, user()),
    "two systems": chat({"role": "system", "content": "a"}, {"role": "system", "content": [text("b")]}, user()),
    "two users": chat(user(), user()),
    "two assistants": chat(user(), said(), said(), user()),
    "assistant first": chat(said("hello"), user()),
    "assistant last": chat(user(), said("the answer is ")),
    "assistant last and blank": chat(user(), said("  ")),
    "assistant empty": chat(user(), said(""), user()),
    "assistant null": chat(user(), said(None), user()),
    "user empty": chat(user("")),
    "user blank": chat(user(" \n")),
    "user of no parts": chat(user([])),
    "user of an empty part": chat(user([text(""), text("q")])),
    "user empty in the middle": chat(user(), said(), user(""), said(), user()),
    "names of people": chat({**user(), "name": "Ann Lee <a@b>"}, {**said(), "name": "bot"}, user()),
    "refusal before": chat(user(), said(None, refusal="no"), user()),
    "refusal part before": chat(user(), said([{"type": "refusal", "refusal": "no"}]), user()),
    "audio before": chat(user(), said(None, audio={"id": "audio_1"}), user()),
    "annotations before": chat(user(), said("a", annotations=[{"type": "url_citation", "url_citation": {
        "url": "https://a.example", "title": "t", "start_index": 0, "end_index": 1}}]), user()),
    "unknown fields before": chat(user(), said("a", reasoning="r", reasoning_content="r", provider="p"), user()),
    "other models' reasoning": chat(user(), said("a", reasoning_details=[
        {"type": "reasoning.encrypted", "data": "xx", "id": "rs_1", "format": "openai-responses-v1", "index": 0}]),
        user()),
    "png": chat(user([text(), picture("image/png", PNG)])),
    "jpeg said png": chat(user([text(), picture("image/png", JPEG)])),
    "jpg": chat(user([text(), picture("image/jpg", JPEG)])),
    "gif": chat(user([text(), picture("image/gif", GIF)])),
    "webp": chat(user([text(), picture("image/webp", WEBP)])),
    "webp said jpeg": chat(user([text(), picture("image/jpeg", WEBP)])),
    "svg": chat(user([text(), picture("image/svg+xml", base64.b64encode(b"<svg/>").decode())])),
    "bmp": chat(user([text(), picture("image/bmp", base64.b64encode(b"BM" + bytes(30)).decode())])),
    "no type": chat(user([text(), {"type": "image_url", "image_url": {"url": f"data:;base64,{PNG}"}}])),
    "octets": chat(user([text(), picture("application/octet-stream", PNG)])),
    "picture alone": chat(user([picture("image/png", PNG)])),
    "picture as text": chat(user([text(), {"type": "image_url", "image_url": f"data:image/png;base64,{PNG}"}])),
    "picture of the assistant": chat(user(), said([text("a"), picture("image/png", PNG)]), user()),
    "picture of the system": chat({"role": "system", "content": [text("s"), picture("image/png", PNG)]}, user()),
    "pdf": chat(user([text(), {"type": "file", "file": {
        "filename": "a_b (1).v2.pdf", "file_data": f"data:application/pdf;base64,{PDF}"}}])),
    "pdf as a picture": chat(user([text(), picture("application/pdf", PDF)])),
    "pdf alone": chat(user([{"type": "file", "file": {"file_data": f"data:application/pdf;base64,{PDF}"}}])),
    "text file": chat(user([text(), {"type": "file", "file": {
        "filename": "a.csv", "file_data": f"data:text/csv;base64,{TEXT}"}}])),
    "same file twice": chat(user([text(), *2 * [{"type": "file", "file": {
        "filename": "a.pdf", "file_data": f"data:application/pdf;base64,{PDF}"}}]])),
    "sound": chat(user([text(), {"type": "input_audio", "input_audio": {"data": WAV, "format": "wav"}}])),
    "video": chat(user([text(), {"type": "video_url", "video_url": {"url": "data:video/mp4;base64,AAAA"}}])),
    "blank stop": chat(stop=["\n", " "]),
    "stop and words": chat(stop=["END", "\n\n"]),
    "no stop": chat(stop=[]),
    "empty stop": chat(stop=""),
    "many stops": chat(stop=[f"s{n}" for n in range(6)]),
    "hot": chat(temperature=1.7),
    "temperature and top_p": chat(temperature=0.2, top_p=0.9),
    "default sampling": chat(temperature=1, top_p=1, frequency_penalty=0, presence_penalty=0, n=1, seed=7),
    "penalties": chat(frequency_penalty=0.5, presence_penalty=0.5),
    "bias": chat(logit_bias={"50256": -100}),
    "logprobs": chat(logprobs=True, top_logprobs=3),
    "top logprobs alone": chat(top_logprobs=3),
    "two answers": chat(n=2),
    "one token": chat(max_tokens=1),
    "both limits": chat(max_tokens=50, max_completion_tokens=60),
    "huge limit": chat(max_tokens=10_000_000),
    "thinking with little room": chat(max_tokens=100, reasoning_effort="high"),
    "thinking and temperature": chat(temperature=0.3, top_p=0.5, reasoning_effort="medium"),
    **{f"effort {word}": chat(reasoning_effort=word) for word in EFFORTS},
    **{f"effort {word} and tools": chat(reasoning_effort=word, tools=[f()]) for word in EFFORTS},
    "effort by an object": chat(reasoning={"effort": "high"}),
    "thinking by a budget": chat(thinking={"type": "enabled", "budget_tokens": 2000}, max_tokens=4000),
    "thinking and prefill": chat(user(), said("so "), reasoning_effort="high"),
    "thinking in a tool round": chat(user(), said(None, tool_calls=[call()]), done(), tools=[f()],
                                     reasoning_effort="high"),
    "terse": chat(verbosity="low"),
    "prediction": chat(prediction={"type": "content", "content": "x"}),
    "json": chat(user("as JSON"), response_format={"type": "json_object"}),
    "json without the word": chat(response_format={"type": "json_object"}),
    "json with tools": chat(user("as JSON"), response_format={"type": "json_object"}, tools=[f()]),
    "json and prefill": chat(user("as JSON"), said("{"), response_format={"type": "json_object"}),
    "store and metadata": chat(store=True, metadata={"a": "b"}, service_tier="flex", safety_identifier="s" * 80,
                               prompt_cache_key="k" * 80, user="u" * 300),
    "modalities": chat(modalities=["text"]),
    "search": chat(web_search_options={}),
    "cached everywhere": chat({"role": "system", "content": [text("s", **EPHEMERAL)]},
                              user([text("a", **EPHEMERAL)]), said([text("b", **EPHEMERAL)]),
                              user([text("c", **EPHEMERAL), text("d", **EPHEMERAL)]),
                              tools=[{**f(), **EPHEMERAL}, f("g")]),
    "cached for an hour behind minutes": chat(user([text("a", **EPHEMERAL), text("b", **HOUR)]),
                                              tools=[{**f(), **HOUR}]),
    "cached empty text": chat(user([text(""), text("q"), text("", **EPHEMERAL)])),
    "half a pair": chat(user("a \ud83d b")),
    "control signs": chat(user("a \x00 b \x1b[0m")),
    "unknown field": chat(enable_thinking=True, chat_template_kwargs={"a": 1}, provider={"order": ["x"]}, usage={}),
    "streamed": chat(stream=True, stream_options={"include_usage": True, "include_obfuscation": False}),
    "options without a stream": chat(stream=False, stream_options={"include_usage": True}),
}  # fmt: skip
THOUGHT = {"type": "thinking", "thinking": "t", "signature": "c2ln"}
MESSAGES: Mapping[str, Json] = {
    "choice none": messages(tools=[claude()], tool_choice={"type": "none"}),
    "choice any, one call": messages(tools=[claude()], tool_choice={"type": "any", "disable_parallel_tool_use": True}),
    "auto, one call": messages(tools=[claude()], tool_choice={"type": "auto", "disable_parallel_tool_use": True}),
    "choice with thinking": messages(tools=[claude()], tool_choice={"type": "any"},
                                     thinking={"type": "enabled", "budget_tokens": 1024}),
    "choice of an unknown tool": messages(tools=[claude()], tool_choice={"type": "tool", "name": "x"}),
    "same tool twice": messages(tools=[claude(), claude(**EPHEMERAL)]),
    "two tools of a name": messages(tools=[claude(), claude("f", CITY)]),
    "many tools": messages(tools=[claude(f"f{n}") for n in range(140)]),
    "choice without tools": messages(tool_choice={"type": "auto"}),
    "no tools": messages(tools=[]),
    "calls without tools": messages(user(), said([use()]), user([result()])),
    "blank beside a call": messages(user(), said([text(" "), use()]), user([result()]), tools=[claude()]),
    "text before results": messages(user(), said([use()]), user([text("note"), result()]), tools=[claude()]),
    "text after results": messages(user(), said([use()]), user([result(), text("note")]), tools=[claude()]),
    "empty result": messages(user(), said([use()]), user([result(content="")]), tools=[claude()]),
    "no result content": messages(user(), said([use()]), user([{"type": "tool_result", "tool_use_id": "t1"}]),
                                  tools=[claude()]),
    "result of no blocks": messages(user(), said([use()]), user([result(content=[])]), tools=[claude()]),
    "failed result": messages(user(), said([use()]), user([result(content="boom", is_error=True)]), tools=[claude()]),
    "failed and empty result": messages(user(), said([use()]), user([result(content=[], is_error=True)]),
                                        tools=[claude()]),
    "picture in a result": messages(user(), said([use()]), user([result(content=[text(), image("image/png", PNG)])]),
                                    tools=[claude()]),
    "only a picture in a result": messages(user(), said([use()]), user([result(content=[image("image/jpeg", JPEG)])]),
                                           tools=[claude()]),
    "document in a result": messages(user(), said([use()]), user([result(content=[{
        "type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": PDF}}])]),
        tools=[claude()]),
    "text document": messages(user([text(), {"type": "document", "title": "t", "context": "c", "source": {
        "type": "text", "media_type": "text/plain", "data": "words"}, "citations": {"enabled": True}}])),
    "content document": messages(user([text(), {"type": "document", "source": {
        "type": "content", "content": [text("a"), image("image/png", PNG)]}}])),
    "document by address": messages(user([text(), {"type": "document", "source": {
        "type": "url", "url": "https://a.example/a.pdf"}}])),
    "picture by address": messages(user([text(), {"type": "image", "source": {
        "type": "url", "url": "https://a.example/a.png"}}])),
    "search result": messages(user([{"type": "search_result", "source": "https://a.example", "title": "t",
                                     "content": [text("found")], "citations": {"enabled": True}}, text()])),
    "gif": messages(user([text(), image("image/gif", GIF)])),
    "webp": messages(user([text(), image("image/webp", WEBP)])),
    "webp said png": messages(user([text(), image("image/png", WEBP)])),
    "system of blocks": messages(system=[text("a", **EPHEMERAL), text(""), text("b")]),
    "system empty": messages(system=""),
    "no system": messages(system=[]),
    "system turn": messages(user(), said(), {"role": "system", "content": "s"}, user()),
    "assistant last": messages(user(), said("the answer is ")),
    "assistant last, blank": messages(user(), said([text("a"), text(" ")])),
    "assistant last, thinking": messages(user(), said("so"), thinking={"type": "enabled", "budget_tokens": 1024}),
    "assistant first": messages(said("hi"), user()),
    "two users": messages(user(), user([text("more")])),
    "two assistants": messages(user(), said(), said([text("more")]), user()),
    "assistant of nothing": messages(user(), said([]), user()),
    "assistant of empty text": messages(user(), said([text("")]), user()),
    "user of empty text": messages(user([text(""), text("q")])),
    "thought of another": messages(user(), said([THOUGHT, text("a")]), user()),
    "thought and call of another": messages(user(), said([THOUGHT, use()]), user([result()]), tools=[claude()],
                                            thinking={"type": "enabled", "budget_tokens": 1024}),
    "only a thought": messages(user(), said([THOUGHT]), user()),
    "redacted": messages(user(), said([{"type": "redacted_thinking", "data": "xx"}, text("a")]), user()),
    "unsigned thought": messages(user(), said([{**THOUGHT, "signature": ""}, text("a")]), user()),
    "call begun without thought": messages(user(), said([use()]), user([result()]), tools=[claude()],
                                           thinking={"type": "enabled", "budget_tokens": 1024}),
    "adaptive": messages(thinking={"type": "adaptive"}),
    "adaptive shown": messages(thinking={"type": "adaptive", "display": "summarized"}),
    "thinking off": messages(thinking={"type": "disabled"}),
    "budget below its least": messages(thinking={"type": "enabled", "budget_tokens": 100}),
    "budget above the limit": messages(thinking={"type": "enabled", "budget_tokens": 9000}),
    "budget without room": {**messages(thinking={"type": "enabled", "budget_tokens": 1024}), "max_tokens": 500},
    "thinking and temperature": messages(thinking={"type": "enabled", "budget_tokens": 1024}, temperature=0.2),
    "thinking and top_k": messages(thinking={"type": "enabled", "budget_tokens": 1024}, top_k=5, top_p=0.5),
    **{f"effort {word}": messages(output_config={"effort": word}) for word in EFFORTS[2:]},
    "temperature and top_p": messages(temperature=0.2, top_p=0.9, top_k=3),
    "blank stop": messages(stop_sequences=["\n\n", " "]),
    "stops": messages(stop_sequences=["</block>", "\n\nHuman:"]),
    "no stops": messages(stop_sequences=[]),
    "many stops": messages(stop_sequences=[f"s{n}" for n in range(9)]),
    "huge limit": {**messages(), "max_tokens": 900_000},
    "one token": {**messages(), "max_tokens": 1},
    "long user": messages(metadata={"user_id": "u" * 250}),
    "no user": messages(metadata={"user_id": None}),
    "tier": messages(service_tier="standard_only"),
    "long names": messages(tools=[claude("mcp__" + "n" * 110), claude("mcp__" + "n" * 110 + "2")]),
    "cached for an hour behind minutes": messages(user([text("a", **EPHEMERAL), text("b", **HOUR)]), **HOUR,
                                                  tools=[claude(**EPHEMERAL)]),
    "cached everywhere": messages(user([text("a", **EPHEMERAL), text("b", **EPHEMERAL)]), said([use()]),
                                  user([result(**EPHEMERAL)]), system=[text("s", **EPHEMERAL)],
                                  tools=[claude(**EPHEMERAL), claude("g")]),
    "cached for an hour": messages(system=[text("s", cache_control={"type": "ephemeral", "ttl": "1h"})]),
    "cached at the top": messages(cache_control={"type": "ephemeral"}),
    "eager": messages(tools=[claude(eager_input_streaming=True, defer_loading=False, input_examples=[{}],
                                    allowed_callers=["direct"], strict=False)]),
    "own tools": messages(tools=[{"type": "bash_20250124", "name": "bash"},
                                 {"type": "text_editor_20250728", "name": "str_replace_based_edit_tool"},
                                 {"type": "memory_20250818", "name": "memory"}, claude()]),
    "search tool": messages(tools=[{"type": "web_search_20250305", "name": "web_search", "max_uses": 2}]),
    "search tool beside functions": messages(tools=[{"type": "web_search_20250305", "name": "web_search"}, claude()]),
    "context edits": messages(context_management={"edits": [{"type": "clear_tool_uses_20250919"}]}),
    "half a pair": messages(user("a \udc00 b"), system="s \ud800"),
    "streamed": messages(stream=True),
}  # fmt: skip
REASONED = {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "t"}]}
RESPONSES: Mapping[str, Json] = {
    "text": {"model": "m", "input": "q"},
    "instructions": responses(instructions="be brief"),
    "instructions and system": responses({"role": "system", "content": "s"}, user(), instructions="i"),
    "developer in the middle": responses(user(), said(), {"role": "developer", "content": "s"}, user()),
    "typed message": responses({"type": "message", "role": "user", "content": [{"type": "input_text", "text": "q"}]}),
    "answer as it came": responses(user(), {
        "type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": [
            {"type": "output_text", "text": "a", "annotations": [], "logprobs": []}]}, user()),
    "answer with a phase": responses(user(), {
        "type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "phase": "commentary",
        "content": [{"type": "output_text", "text": "a", "annotations": []}]}, user()),
    "refusal before": responses(user(), {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed",
                                         "content": [{"type": "refusal", "refusal": "no"}]}, user()),
    "assistant last": responses(user(), said("the answer is ")),
    "empty texts": responses(user(""), said(""), user()),
    "call and output": responses(user(), ran(id="fc_1", status="completed"), output(), tools=[flat()]),
    "call without tools": responses(user(), ran(), output()),
    "parallel calls": responses(user(), ran("c1"), ran("c2"), output("c2"), output("c1"), tools=[flat()]),
    "calls one by one": responses(user(), ran("c1"), output("c1"), ran("c2"), output("c2"), tools=[flat()]),
    "output missing": responses(user(), ran("c1"), ran("c2"), output("c1"), user(), tools=[flat()]),
    "call missing": responses(user(), output("c9"), user(), tools=[flat()]),
    "empty output": responses(user(), ran(), output(words=""), tools=[flat()]),
    "empty arguments": responses(user(), ran(arguments=""), output(), tools=[flat()]),
    "output in parts": responses(user(), ran(), output(words=[
        {"type": "input_text", "text": "a"},
        {"type": "input_image", "image_url": f"data:image/png;base64,{PNG}"}]), tools=[flat()]),
    "file in an output": responses(user(), ran(), output(words=[
        {"type": "input_file", "filename": "a.pdf", "file_data": f"data:application/pdf;base64,{PDF}"}]),
        tools=[flat()]),
    "message between": responses(user(), ran(), user("wait"), output(), tools=[flat()]),
    "reasoning of another": responses(user(), {**REASONED, "encrypted_content": "xx"}, ran(), output(), tools=[flat()]),
    "bare reasoning": responses(user(), REASONED, said(), user()),
    "reasoning alone": responses(user(), {**REASONED, "summary": []}, user()),
    "custom tool": responses(tools=[{"type": "custom", "name": "apply_patch", "description": "d", "format": {
        "type": "grammar", "syntax": "lark", "definition": "start: /.+/"}}]),
    "custom call": responses(user(), {"type": "custom_tool_call", "call_id": "c1", "name": "p", "input": "x"},
                             {"type": "custom_tool_call_output", "call_id": "c1", "output": "ok"},
                             tools=[{"type": "custom", "name": "p"}]),
    "shells": responses(tools=[{"type": "local_shell"}, {"type": "apply_patch"}]),
    "shell call": responses(user(), {"type": "local_shell_call", "id": "l1", "call_id": "c1", "status": "completed",
                                     "action": {"type": "exec", "command": ["ls"], "env": {}}},
                            {"type": "local_shell_call_output", "id": "c1", "output": "ok"},
                            tools=[{"type": "local_shell"}]),
    "search tool": responses(tools=[{"type": "web_search"}]),
    "search call before": responses(user(), {"type": "web_search_call", "id": "ws_1", "status": "completed",
                                             "action": {"type": "search", "query": "x"}}, said(), user()),
    "choice none": responses(tools=[flat()], tool_choice="none"),
    "choice of an unknown function": responses(tools=[flat()], tool_choice={"type": "function", "name": "x"}),
    "same tool twice": responses(tools=[flat(), flat()]),
    "user between results": responses(user(), ran("c1"), ran("c2"), output("c1"), user("wait"), output("c2"),
                                      tools=[flat()]),
    "choice of a function": responses(tools=[flat()], tool_choice={"type": "function", "name": "f"}),
    "choice of allowed": responses(tools=[flat(), flat("g")], tool_choice={
        "type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "f"}]}),
    "one call": responses(tools=[flat()], parallel_tool_calls=False),
    "one call, no tools": responses(tools=[], tool_choice="auto", parallel_tool_calls=True),
    "strict unsaid": responses(tools=[{"type": "function", "name": "f", "parameters": CITY}]),
    "strict null": responses(tools=[{"type": "function", "name": "f", "parameters": CITY, "strict": None}]),
    "no parameters": responses(tools=[{"type": "function", "name": "f", "parameters": None, "strict": True}]),
    "namespace": responses(tools=[{"type": "namespace", "name": "n", "description": "d", "tools": [flat()]}]),
    **{f"effort {word}": responses(reasoning={"effort": word, "summary": "auto"}) for word in EFFORTS},
    "encrypted": responses(include=["reasoning.encrypted_content"], store=False),
    "logprobs": responses(include=["message.output_text.logprobs"], top_logprobs=2),
    "json": responses(user("as JSON"), text={"format": {"type": "json_object"}}),
    "json without the word": responses(text={"format": {"type": "json_object"}}),
    "terse": responses(text={"verbosity": "low"}),
    "cut": responses(truncation="auto"),
    "little room": responses(max_output_tokens=16),
    "least room": responses(max_output_tokens=1),
    "sampling": responses(temperature=0.2, top_p=0.9),
    "ids": responses(user="u" * 90, safety_identifier="s" * 90, prompt_cache_key="k" * 90, metadata={"a": "b"}),
    "png": responses(user([{"type": "input_text", "text": "q"},
                           {"type": "input_image", "detail": "auto", "image_url": f"data:image/png;base64,{PNG}"}])),
    "jpeg said png": responses(user([{"type": "input_image", "image_url": f"data:image/png;base64,{JPEG}"}])),
    "gif": responses(user([{"type": "input_image", "image_url": f"data:image/gif;base64,{GIF}"}])),
    "pdf": responses(user([{"type": "input_file", "filename": "a.pdf",
                            "file_data": f"data:application/pdf;base64,{PDF}"}])),
    "text file": responses(user([{"type": "input_file", "filename": "a.txt",
                                  "file_data": f"data:text/plain;base64,{TEXT}"}])),
    "nulls": responses(instructions=None, tools=[], temperature=None, top_p=None, reasoning=None, text=None,
                       metadata=None, max_output_tokens=None, tool_choice=None, include=None, user=None,
                       previous_response_id=None, stream=None, stream_options=None, service_tier=None),
    "half a pair": responses(user("a \ud83d b"), instructions="\udc00"),
    "streamed": responses(stream=True, stream_options={"include_obfuscation": False}),
}  # fmt: skip


def requests() -> Iterator[tuple[str, str, Json]]:
    """(the caller's title, what it is, the body)"""
    for caller, listed in (("Chat completions", CHAT), ("Messages", MESSAGES), ("Responses", RESPONSES)):
        yield from ((caller, title, body) for title, body in listed.items())
    for title, schema in SCHEMAS.items():
        for strict in (None, True):
            more = {} if strict is None else {"strict": strict}
            name = f"{title}{', strict' if strict else ''}"
            yield "Chat completions", f"tool: {name}", chat(tools=[f("f", schema, **more)])
            yield "Messages", f"tool: {name}", messages(tools=[claude("f", schema, **more)])
            yield "Responses", f"tool: {name}", responses(tools=[flat("f", schema, **more)])
            form = {"name": "r", "schema": schema, **more}
            yield "Chat completions", f"answer: {name}", chat(response_format={
                "type": "json_schema", "json_schema": form})  # fmt: skip
            yield "Responses", f"answer: {name}", responses(text={"format": {"type": "json_schema", **form}})
        yield "Messages", f"answer: {title}", messages(output_config={"format": {
            "type": "json_schema", "schema": schema}})  # fmt: skip
