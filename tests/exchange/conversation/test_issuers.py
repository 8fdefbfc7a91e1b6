"""Reasoning state goes back to the vendor that made it, and to nobody else of the same protocol."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from interchange.catalog.load import load, read
from interchange.catalog.lookup import Catalog
from interchange.exchange.conversation.issuers import Issuer
from interchange.hub import blocks as b
from interchange.providers.generic import generic
from interchange.providers.known import BUILT_IN, KEYED, SPOKEN, Providers, keyed
from interchange.wire import codec
from interchange.wiring.vendors import shared_protocols
from tests.exchange.world import CATALOG, PRICE, Says, World, chat_answer, messages_frame, user, world

CALL = {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "f", "arguments": "{}"}
RESULT = {"type": "function_call_output", "call_id": "call_1", "output": "oak"}
TOOL: dict[str, Any] = {"type": "function", "name": "f", "parameters": {"type": "object", "properties": {}}}
NEEDED = ["reasoning_with_tools", "state"]
TRAITS = {"reasoning": "effort", "encrypted_reasoning": True,
          "richer": {"protocol": "openai_responses", "for": NEEDED, "instead_for": NEEDED}}  # fmt: skip


def thinking_world(here: World) -> World:
    """Whose models reason with tools by Responses."""
    models: list[dict[str, Any]] = [
        {**one, "traits": TRAITS} if one["id"] in ("gpt", "grok") else one for one in CATALOG
    ]
    here.services = replace(here.services, catalog=read(models))
    return here


def reasoning(state: str) -> dict[str, Any]:
    return {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": state}


def answer(*items: dict[str, Any]) -> bytes:
    return codec.dumps(
        {"id": "resp_1", "object": "response", "created_at": 1, "status": "completed", "model": "up", "output": items,
         "usage": {"input_tokens": 5, "output_tokens": 5, "total_tokens": 10}}
    )  # fmt: skip


def says(body: bytes, stream: bool) -> Says:
    if not stream:
        return Says(chunks=[body])
    whole = codec.loads(body)
    empty = {**whole, "status": "in_progress", "output": []}
    events: list[tuple[str, dict[str, Any]]] = [("response.created", {"response": empty})]
    for number, item in enumerate(whole["output"]):
        events.append(("response.output_item.added", {"output_index": number, "item": item}))
        events.append(("response.output_item.done", {"output_index": number, "item": item}))
    events.append(("response.completed", {"response": whole}))
    return Says(chunks=[messages_frame(kind, **fields) for kind, fields in events])


TEXT = {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed",
        "content": [{"type": "output_text", "text": "Oak.", "annotations": []}]}  # fmt: skip


def asked(model: str, history: list[Any], **extra: Any) -> dict[str, Any]:
    return {"model": model, "store": False, "include": ["reasoning.encrypted_content"], "input": history,
            "tools": [TOOL], **extra}  # fmt: skip


async def turn(here: World, family: str, body: dict[str, Any], says: Says) -> tuple[Any, Any]:
    """(what the caller was told, what went upstream)"""
    here.script.answers.append(says)
    found, chunks = await here.streamed(family, body)
    raw = b"".join(chunks)
    assert found.status == 200, raw
    return (raw if body.get("stream") else codec.loads(raw)), here.script.bodies[-1]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize(("first", "second"), [("gpt", "grok"), ("grok", "gpt")])
def test_encrypted_reasoning_never_goes_to_the_other_vendor_of_its_protocol(
    first: str, second: str, stream: bool
) -> None:
    async def run() -> None:
        with world() as here:
            made = answer(reasoning(f"from-{first}"), CALL)
            told, _ = await turn(here, "responses", asked(first, user(), stream=stream), says(made, stream))
            if not stream:
                assert told["output"][0]["encrypted_content"] == f"from-{first}"  # carried through as it came
            history = [*user(), reasoning(f"from-{first}"), CALL, RESULT]
            _, sent = await turn(here, "responses", asked(second, history), says(answer(TEXT), False))
            assert f"from-{first}" not in codec.dumps_text(sent)
            assert [item.get("type") for item in sent["input"]] == [None, "function_call", "function_call_output"]
            _, sent = await turn(here, "responses", asked(first, history), says(answer(TEXT), False))
            assert sent["input"][1] == history[1]  # and back to its own

    asyncio.run(run())


def test_state_that_names_nobody_is_sent_and_left_out_where_the_vendor_refuses_it() -> None:
    error = {"error": {"message": "The encrypted content gAAA could not be verified.", "type": "invalid_request_error",
                       "code": "invalid_encrypted_content", "param": None}}  # fmt: skip

    async def run() -> None:
        with world() as here:
            here.script.answers.append(Says(400, chunks=[codec.dumps(error)]))
            history = [*user(), reasoning("nobody's"), CALL, RESULT]
            _, sent = await turn(here, "responses", asked("grok", history), says(answer(TEXT), False))
            assert "nobody's" in codec.dumps_text(here.script.bodies[0])
            assert "nobody's" not in codec.dumps_text(sent)
            assert len(here.rows()) == 1 and here.rows()[0].charge_nano > 0
            assert [one.status for one in here.rows()[0].legs] == [400]

    asyncio.run(run())


STALE = "c3RhbGUh"
REFUSALS: list[tuple[str, bytes, Mapping[str, Any]]] = [
    (
        "messages",
        codec.dumps({"type": "error", "error": {"type": "invalid_request_error", "message":
                     "messages.1.content.0: Invalid `signature` in `thinking` block"}}),
        {"model": "claude", "max_tokens": 2000, "thinking": {"type": "enabled", "budget_tokens": 1024},
         "tools": [{"name": "f", "input_schema": {"type": "object"}}],
         "messages": [*user(), {"role": "assistant", "content": [
             {"type": "thinking", "thinking": "Hm.", "signature": STALE},
             {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}}]},
             {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "1"}]}]},
    ),
    (
        "chat",
        codec.dumps({"error": {"code": 400, "message": "Corrupted thought signature.", "status": "INVALID_ARGUMENT"}}),
        {"model": "gemini", "messages": [*user(), {"role": "assistant", "content": None, "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"},
             "extra_content": {"google": {"thought_signature": STALE}}}]},
            {"role": "tool", "tool_call_id": "c1", "content": "1"}]},
    ),
]  # fmt: skip
MESSAGES_ANSWER = codec.dumps({
    "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-up", "stop_reason": "end_turn",
    "content": [{"type": "text", "text": "ok"}], "usage": {"input_tokens": 10, "output_tokens": 5},
})  # fmt: skip
GEMINI_ANSWER = codec.dumps({
    "responseId": "r", "modelVersion": "g", "candidates": [{"index": 0, "finishReason": "STOP",
    "content": {"role": "model", "parts": [{"text": "ok"}]}}],
    "usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 5, "totalTokenCount": 15},
})  # fmt: skip


@pytest.mark.parametrize(("family", "refusal", "body"), REFUSALS, ids=["messages to claude", "chat to gemini"])
def test_a_400_about_state_is_answered_by_one_request_without_it(
    family: str, refusal: bytes, body: dict[str, Any]
) -> None:
    async def run() -> None:
        with world() as here:
            here.script.answers.append(Says(400, chunks=[refusal]))
            good = MESSAGES_ANSWER if family == "messages" else GEMINI_ANSWER
            _, sent = await turn(here, family, body, Says(chunks=[good]))
            assert STALE in codec.dumps_text(here.script.bodies[0])
            assert STALE not in codec.dumps_text(sent)
            if family == "messages":
                assert sent["thinking"] == {"type": "disabled"}
            assert len(here.rows()) == 1

    asyncio.run(run())


def test_a_400_about_state_is_told_where_there_is_none_to_leave_out() -> None:
    error = REFUSALS[0][1]

    async def run() -> None:
        with world() as here:
            here.script.answers += [Says(400, chunks=[error]), Says(400, chunks=[error])]
            status, told, _ = await here.whole("messages", {"model": "claude", "max_tokens": 9, "messages": user()})
            assert (status, len(here.script.bodies)) == (400, 1)
            assert "signature" in told["error"]["message"]
            body = dict(REFUSALS[0][2])
            here.script.answers.append(Says(400, chunks=[error]))
            status, _, _ = await here.whole("messages", body)
            assert (status, len(here.script.bodies)) == (400, 3)  # once more, and no third time
            assert here.balance().available_nano == 10_000_000_000

    asyncio.run(run())


@pytest.mark.parametrize("family", ["chat", "messages"])
@pytest.mark.parametrize(("first", "second"), [("gpt", "grok"), ("grok", "gpt")])
def test_sealed_state_of_one_vendor_is_not_opened_for_another(family: str, first: str, second: str) -> None:
    effort: dict[str, Any] = (
        {"reasoning_effort": "high"} if family == "chat" else {"max_tokens": 900, "thinking": {"type": "adaptive"}}
    )
    tool: dict[str, Any] = (
        {"type": "function", "function": {"name": "f", "parameters": TOOL["parameters"]}}
        if family == "chat"
        else {"name": "f", "input_schema": TOOL["parameters"]}
    )

    async def run() -> None:
        with world() as made:
            here = thinking_world(made)
            asks = {"model": first, "messages": user(), "tools": [tool], **effort}
            told, sent = await turn(here, family, asks, says(answer(reasoning("secret"), CALL), False))
            assert "input" in sent
            if family == "chat":
                said = told["choices"][0]["message"]
                back = [said, {"role": "tool", "tool_call_id": said["tool_calls"][0]["id"], "content": "oak"}]
            else:
                said = {"role": "assistant", "content": told["content"]}
                result = {"type": "tool_result", "tool_use_id": told["content"][-1]["id"], "content": "oak"}
                back = [said, {"role": "user", "content": [result]}]
            history = [*user(), *back]
            _, sent = await turn(
                here, family, {**asks, "model": second, "messages": history}, says(answer(TEXT), False)
            )
            assert "secret" not in codec.dumps_text(sent)
            _, sent = await turn(here, family, {**asks, "messages": history}, says(answer(TEXT), False))
            assert "secret" in codec.dumps_text(sent)

    asyncio.run(run())


def test_two_providers_of_one_owner_share_their_state() -> None:
    east = generic("east", "https://e.example/v1", "openai_responses", {}, owner="us")
    assert (east.state_owner, generic("west", "https://w.example", "openai_chat", {}).state_owner) == ("us", "west")
    state = Issuer("openai_responses", "us").labelled(b.Continuation("openai_responses", "x"))
    assert Issuer("openai_responses", "us").takes(state)
    assert not Issuer("openai_responses", "west").takes(state)


def test_a_model_may_take_state_that_came_under_another_owners_protocol() -> None:
    state = Issuer("anthropic_messages", "anthropic").labelled(b.Continuation("anthropic_messages", "x"))
    bedrock = Issuer("bedrock_converse", "bedrock", frozenset({"anthropic_messages"}))
    assert bedrock.taken(state) == b.Continuation("anthropic_messages", "x")


def test_protocols_of_several_owners_are_known_without_loading_them() -> None:
    for name in KEYED:
        assert tuple(Providers({name: keyed(name, "k", None)})[name].clients) == SPOKEN[name]
    assert set(SPOKEN) == set(BUILT_IN)
    none: Catalog = load()
    assert shared_protocols(["openai", "anthropic"], none) == frozenset()
    assert shared_protocols(["openai", "xai", "anthropic"], none) == {"openai_chat", "openai_responses"}


def test_openrouters_reasoning_goes_back_to_openrouter_alone() -> None:
    entry = {"type": "reasoning.text", "text": "Hm.", "signature": "from-one", "format": "unknown", "index": 0}
    dialect = {"reasoning_replay": "reasoning_details"}
    one, two = (generic(name, f"https://{name}.example/v1", "openai_chat", dialect, key="k") for name in ("one", "two"))
    models = [{"id": name, "routes": [{"provider": name, "model": "up"}], "max_output": 100, "price": PRICE}
              for name in ("one", "two")]  # fmt: skip
    said = {"role": "assistant", "content": "Oak.", "reasoning_details": [entry]}

    async def run() -> None:
        with world() as here:
            here.services = replace(here.services, catalog=read(models), providers={"one": one, "two": two})
            made = codec.loads(chat_answer("Oak."))
            made["choices"][0]["message"] |= said
            await turn(here, "chat", {"model": "one", "messages": user()}, Says(chunks=[codec.dumps(made)]))
            for model, kept in (("one", True), ("two", False)):
                asks = {"model": model, "messages": [*user(), said, *user("why")]}
                _, sent = await turn(here, "chat", asks, Says(chunks=[chat_answer()]))
                assert ("from-one" in codec.dumps_text(sent)) is kept

    asyncio.run(run())


@pytest.mark.parametrize(
    "also, issuer, taken",
    [
        ("anthropic_messages", "anthropic_messages@proxy", True),
        ("anthropic_messages@anthropic", "anthropic_messages@anthropic", True),
        ("anthropic_messages@anthropic", "anthropic_messages@proxy", False),
        ("anthropic_messages@anthropic", "anthropic_messages", True),
        ("anthropic_messages@anthropic", "openai_responses@anthropic", False),
    ],
)
def test_a_family_of_signatures_may_be_of_one_owner_only(also: str, issuer: str, taken: bool) -> None:
    bedrock = Issuer("bedrock_converse", "bedrock", frozenset({also}))
    assert bedrock.takes(b.Continuation(issuer, "s")) is taken


def test_every_model_of_the_catalog_names_whose_signatures_it_takes() -> None:
    found = {name for model in load().models for route in model.routes for name in route.traits.get("continuation", ())}
    assert found == {"anthropic_messages@anthropic"}


SUMMARY = {"type": "compaction", "id": "cmp_1", "encrypted_content": "summed-up"}


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_a_summary_goes_back_to_the_account_that_made_it_and_is_refused_by_name_for_another(stream: bool) -> None:
    """Two accounts of one vendor, as an operator has them: without the summary the rest would be about nothing."""
    one, two, shared = (
        generic(name, f"https://{name}.example/v1", "openai_responses", {}, key="k", owner=owner)
        for name, owner in (("one", "first"), ("two", "second"), ("three", "first"))
    )
    models = [{"id": name, "routes": [{"provider": name, "model": "gpt-up"}], "max_output": 100, "price": PRICE}
              for name in ("one", "two", "three")]  # fmt: skip

    async def run() -> None:
        with world() as here:
            providers = {"one": one, "two": two, "three": shared}
            here.services = replace(here.services, catalog=read(models), providers=providers)
            made = answer(SUMMARY, TEXT)
            await turn(here, "responses", {"model": "one", "input": user(), "stream": stream}, says(made, stream))
            history = [*user(), SUMMARY, TEXT, *user("go on")]
            for model in ("one", "three"):
                _, sent = await turn(here, "responses", {"model": model, "input": history}, says(answer(TEXT), False))
                assert sent["input"][1] == SUMMARY
            before = len(here.script.bodies)
            status, told, _ = await here.whole("responses", {"model": "two", "input": history})
            assert (status, len(here.script.bodies)) == (400, before)
            assert told["error"]["param"] == "input[1]"
            assert "only the vendor and the account that made this summary" in told["error"]["message"]

    asyncio.run(run())


def test_a_summary_that_its_vendor_refuses_is_refused_and_not_left_out() -> None:
    """As after a changed key, where nothing tells whose it was."""
    error = {"error": {"message": "The encrypted content gAAA could not be verified.", "type": "invalid_request_error",
                       "code": "invalid_encrypted_content", "param": None}}  # fmt: skip

    async def run() -> None:
        with world() as here:
            here.script.answers.append(Says(400, chunks=[codec.dumps(error)]))
            body = {"model": "gpt", "input": [*user(), SUMMARY, *user("go on")]}
            status, told, _ = await here.whole("responses", body)
            assert (status, len(here.script.bodies)) == (400, 1)
            assert "encrypted content" in told["error"]["message"]
            assert here.balance().available_nano == 10_000_000_000

    asyncio.run(run())
