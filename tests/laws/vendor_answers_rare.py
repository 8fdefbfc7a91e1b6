"""Answers that hold what is seldom: details of usage, what a vendor ran itself, odd ends, fields that nobody knows."""

from __future__ import annotations

from typing import Any

from tests.laws.vendor_answers import (
    CHAT_SITE,
    CODE,
    GEMINI_CALL,
    PICTURE,
    USE,
    Json,
    call,
    chat,
    converse,
    function,
    gemini,
    message,
    messages,
    responses,
    step,
    text,
    thought,
)


def used(body: Json, **more: Any) -> Json:
    return {**body, "usage": {**body["usage"], **more}}


def chosen(*answers: Json) -> Json:
    """One answer of several choices."""
    choices = [{**one["choices"][0], "index": at} for at, one in enumerate(answers)]
    return {**answers[0], "choices": choices}


DETAIL = {"type": "reasoning.text", "text": "think", "format": "anthropic-claude-v1", "signature": "S", "index": 0}
SEALED = {"type": "reasoning.encrypted", "data": "D", "format": "openai-responses-v1", "id": "rs_1", "index": 0}
FREE = {"id": "c1", "type": "custom", "custom": {"name": "p", "input": "free form"}}
RUN = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "q"}}
HIT = {"type": "web_search_result", "url": "https://a.example", "title": "A", "encrypted_content": "E",
       "page_age": None}  # fmt: skip
SHELL = {"type": "server_tool_use", "id": "srvtoolu_1", "name": "bash_code_execution", "input": {"command": "ls"}}
OUTPUT = {"type": "bash_code_execution_result", "stdout": "o", "stderr": "", "return_code": 0, "content": []}
EDIT = {"type": "clear_tool_uses_20250919", "cleared_tool_uses": 1, "cleared_input_tokens": 2}
TEXT = {"type": "text", "text": "x"}
SAID = message(text("x"))
CLAUDES = {"type": "char_location", "cited_text": "c", "document_index": 0, "document_title": "T",
           "start_char_index": 0, "end_char_index": 1, "file_id": None}  # fmt: skip
WEBS = {"type": "web_search_result_location", "cited_text": "c", "url": "https://a.example", "title": "A",
        "encrypted_index": "E"}  # fmt: skip
TOKEN = {"token": "ab", "tokenId": 1, "logProbability": -0.5}

RARE: dict[str, dict[str, Json]] = {
    "chat": {
        "logprobs of a refusal": chat({"refusal": "no"}, logprobs={"content": None, "refusal": [step("no")]}),
        "details of usage": used(
            chat({"content": "x"}), prompt_tokens_details={"cached_tokens": 4, "audio_tokens": 2},
            completion_tokens_details={"reasoning_tokens": 3, "audio_tokens": 1, "accepted_prediction_tokens": 1,
                                       "rejected_prediction_tokens": 1}),
        "reasoning beside the output": used(chat({"content": "x"}), total_tokens=30, num_sources_used=3,
                                            completion_tokens_details={"reasoning_tokens": 15}),
        "free-form call": chat({"tool_calls": [FREE]}, "tool_calls"),
        "two calls": chat({"tool_calls": [function('{"a":1}'), {**function("{}"), "id": "call_2"}]}, "tool_calls"),
        "call and empty text": chat({"content": "", "tool_calls": [function("{}")]}, "tool_calls"),
        "end by an unknown word": chat({"content": "x"}, "eos"),
        "end by the older word": chat({"content": "x"}, "function_call"),
        "reasoning by its other name": chat({"reasoning": "think", "content": "42"}),
        "signed reasoning": chat({"reasoning_details": [DETAIL], "content": "42"}),
        "encrypted reasoning": chat({"reasoning_details": [SEALED], "content": "42"}),
        "priority": chat({"content": "x"}, service_tier="priority"),
        "refusal behind a text": chat({"content": "part", "refusal": "I stop"}),
        "citation before a call": chat({"content": "see this", "annotations": [CHAT_SITE],
                                        "tool_calls": [function('{"a":1}')]}, "tool_calls"),
        "unknown fields": chat({"content": "x", "x_new": {"a": 1}}, x_top=1),
        "two choices": chosen(chat({"content": "one"}), chat({"content": "two"}, "length")),
    },
    "responses": {
        "free-form call": responses({"type": "custom_tool_call", "call_id": "c1", "name": "p", "input": "free form",
                                     "status": "completed"}),
        "call of a namespace": responses({**call("c1", "{}"), "name": "f", "namespace": "n"}),
        "code": responses({"type": "code_interpreter_call", "status": "completed", "code": "print(1)",
                           "container_id": "cn", "outputs": [{"type": "logs", "logs": "1"}]}, SAID),
        "files": responses(
            {"type": "file_search_call", "status": "completed", "queries": ["q"],
             "results": [{"file_id": "f", "filename": "a.txt", "score": 0.5, "text": "t"}]},
            message(text("see this", {"type": "file_citation", "file_id": "f", "filename": "a.txt", "index": 4}))),
        "file of a container": responses(message(text("see this", {
            "type": "container_file_citation", "container_id": "c", "file_id": "f", "filename": "a.png",
            "start_index": 4, "end_index": 8}))),
        "path of a file": responses(message(text("see this", {"type": "file_path", "file_id": "f", "index": 4}))),
        "picture": responses({"type": "image_generation_call", "status": "completed", "result": "aGk=",
                              "output_format": "png"}, SAID),
        "server's tools": responses(
            {"type": "mcp_list_tools", "server_label": "d", "tools": []},
            {"type": "mcp_call", "server_label": "d", "name": "f", "arguments": "{}", "output": "o", "error": None,
             "status": "completed"}, SAID),
        "approval": responses({"type": "mcp_approval_request", "server_label": "d", "name": "f", "arguments": "{}"}),
        "shell": responses({"type": "shell_call", "call_id": "c1", "status": "completed", "environment": None,
                            "action": {"commands": ["ls"], "timeout_ms": None, "max_output_length": None}}),
        "local shell": responses({"type": "local_shell_call", "call_id": "c1", "status": "completed",
                                  "action": {"type": "exec", "command": ["ls"], "env": {}}}),
        "patch": responses({"type": "apply_patch_call", "call_id": "c1", "status": "completed",
                            "operation": {"type": "delete_file", "path": "p"}}),
        "computer": responses({"type": "computer_call", "call_id": "c1", "status": "completed",
                               "action": {"type": "wait"}, "pending_safety_checks": []}),
        "search of tools": responses(
            {"type": "tool_search_call", "call_id": None, "execution": "server", "arguments": {"q": 1},
             "status": "completed"},
            {"type": "tool_search_output", "call_id": None, "execution": "server", "status": "completed", "tools": []},
            SAID),
        "search of posts": responses({"type": "custom_tool_call", "call_id": "xs_1", "name": "x_keyword_search",
                                      "input": "{}", "status": "completed"}, SAID),
        "summary of the conversation": responses({"type": "compaction", "encrypted_content": "E"}, SAID),
        "tier": responses(SAID, service_tier="flex"),
        "details of usage": used(responses(SAID), input_tokens_details={"cached_tokens": 4},
                                 output_tokens_details={"reasoning_tokens": 3}),
        "filter": responses(message(text("cu")), status="incomplete",
                            incomplete_details={"reason": "content_filter"}),
        "unknown item": responses({"type": "new_thing", "a": 1}, SAID),
        "refusal behind a text": responses(message(text("part"), {"type": "refusal", "refusal": "I stop"})),
        "thought between calls": responses(
            thought(encrypted_content="E", summary=[{"type": "summary_text", "text": "a"}]), call("f", "{}"),
            thought(encrypted_content="F"), call("g", "{}")),
        "empty summary": responses(thought(summary=[{"type": "summary_text", "text": ""}], encrypted_content="E"),
                                   SAID),
        "phases": responses({**message(text("hm")), "phase": "commentary"},
                            {**message(text("42")), "phase": "final_answer"}),
    },
    "messages": {
        "citation": messages({"type": "text", "text": "see this", "citations": [CLAUDES]}),
        "citation of a page": messages({"type": "text", "text": "first "},
                                       {"type": "text", "text": "see this", "citations": [WEBS]}),
        "search": messages(RUN, {"type": "web_search_tool_result", "tool_use_id": RUN["id"], "content": [HIT]}, TEXT),
        "search that failed": messages(RUN, {
            "type": "web_search_tool_result", "tool_use_id": RUN["id"],
            "content": {"type": "web_search_tool_result_error", "error_code": "unavailable"}}, TEXT),
        "code": messages(SHELL, {"type": "bash_code_execution_tool_result", "tool_use_id": SHELL["id"],
                                 "content": OUTPUT}, TEXT),
        "server's tool": messages(
            {"type": "mcp_tool_use", "id": "mcptoolu_1", "name": "f", "server_name": "d", "input": {}},
            {"type": "mcp_tool_result", "tool_use_id": "mcptoolu_1", "is_error": False, "content": [TEXT]}, TEXT),
        "pause": messages(TEXT, stop="pause_turn"),
        "stop sequence": {**messages(TEXT, stop="stop_sequence"), "stop_sequence": "END"},
        "full context": messages(TEXT, stop="model_context_window_exceeded"),
        "end by an unknown word": messages(TEXT, stop="new_word"),
        "summary of the conversation": messages({"type": "compaction", "content": "S"}, TEXT),
        "two calls": messages(USE, {**USE, "id": "toolu_2", "input": {}}, stop="tool_use"),
        "call with its caller": messages({**USE, "caller": {"type": "direct"}}, stop="tool_use"),
        "details of usage": used(
            messages(TEXT), cache_read_input_tokens=3, cache_creation_input_tokens=4,
            cache_creation={"ephemeral_5m_input_tokens": 1, "ephemeral_1h_input_tokens": 3}),
        "unknown block": messages({"type": "new_block", "a": 1}, TEXT),
        "container": {**messages(TEXT), "container": {"id": "c", "expires_at": "2026-01-01T00:00:00Z"}},
        "edits of the context": {**messages(TEXT), "context_management": {"applied_edits": [EDIT]}},
        "two thoughts": messages({"type": "thinking", "thinking": "a", "signature": "S"},
                                 {"type": "thinking", "thinking": "b", "signature": "T"}, USE, stop="tool_use"),
    },
    "gemini": {
        "picture": gemini({"text": "a cat"}, PICTURE),
        "picture of a thought": gemini({**PICTURE, "thought": True}, {"text": "x"}),
        "picture of code": gemini(*CODE, PICTURE, {"text": "x"}),
        "signed text": gemini({"text": "42", "thoughtSignature": "U0lH"}),
        "signature alone": gemini({"text": "42"}, {"text": "", "thoughtSignature": "U0lH"}),
        "logprobs": gemini({"text": "ab"}, avgLogprobs=-0.5, logprobsResult={
            "chosenCandidates": [TOKEN], "topCandidates": [{"candidates": [TOKEN]}]}),
        "sources": gemini({"text": "x"}, citationMetadata={
            "citationSources": [{"startIndex": 0, "endIndex": 1, "uri": "https://a.example"}]}),
        "pages": gemini({"text": "x"}, urlContextMetadata={"urlMetadata": [
            {"retrievedUrl": "https://a.example", "urlRetrievalStatus": "URL_RETRIEVAL_STATUS_SUCCESS"}]}),
        "places": gemini({"text": "see this"}, groundingMetadata={
            "groundingChunks": [{"maps": {"uri": "https://m.example", "title": "M", "placeId": "p"}}],
            "groundingSupports": [{"segment": {"startIndex": 4, "endIndex": 8, "text": "this"},
                                   "groundingChunkIndices": [0]}]}),
        "call with an id": gemini({"functionCall": {"id": "x1", "name": "f", "args": {}}}),
        "call without arguments": gemini({"functionCall": {"name": "f"}}, GEMINI_CALL),
        "recitation": gemini({"text": "cu"}, finishReason="RECITATION"),
        "details of usage": {**gemini({"text": "x"}), "usageMetadata": {
            "promptTokenCount": 10, "candidatesTokenCount": 5, "thoughtsTokenCount": 7, "cachedContentTokenCount": 3,
            "toolUsePromptTokenCount": 2, "totalTokenCount": 24, "serviceTier": "priority"}},
    },
    "converse": {
        "redacted": converse({"reasoningContent": {"redactedContent": "Ug=="}}, {"text": "42"}),
        "citation": converse({"citationsContent": {"content": [{"text": "see this"}], "citations": [
            {"title": "T", "sourceContent": [{"text": "c"}],
             "location": {"documentChar": {"documentIndex": 0, "start": 0, "end": 1}}}]}}),
        "two calls": converse({"toolUse": {"toolUseId": "t1", "name": "f", "input": {}}},
                              {"toolUse": {"toolUseId": "t2", "name": "g", "input": {"a": [1, {"b": None}]}}},
                              stop="tool_use"),
        "filter": converse({"text": "cu"}, stop="content_filtered"),
        "guardrail": converse({"text": "cu"}, stop="guardrail_intervened"),
        "stop sequence": converse({"text": "x"}, stop="stop_sequence"),
        "end by an unknown word": converse({"text": "x"}, stop="new"),
        "details of usage": {**converse({"text": "x"}), "usage": {
            "inputTokens": 10, "outputTokens": 5, "totalTokens": 22, "cacheReadInputTokens": 3,
            "cacheWriteInputTokens": 4}},
    },
}  # fmt: skip
