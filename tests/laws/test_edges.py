"""Parameters, tools and turns at the ends of what a protocol allows and beyond, for every kind of model of the catalog:
what our side accepts its vendor takes, and what it refuses it refuses by the caller's field."""

from __future__ import annotations

from typing import Any

import pytest

from interchange.exchange.conversation.losses import LossReport
from interchange.hub.failure import RequestError
from scripts import compatibility
from tests.laws.ways import WAYS, Way, written

Json = dict[str, Any]
U: Json = {"role": "user", "content": "hi"}
CALLED: Json = {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "f", "input": {}}]}
NONE: Json = {"type": "object", "properties": {}}
F: Json = {"type": "function", "function": {"name": "f", "parameters": NONE}}
MF: Json = {"name": "f", "input_schema": NONE}
CC: Json = {"type": "ephemeral"}


def many(number: int) -> list[Json]:
    return [{"type": "function", "function": {"name": f"f{at}", "parameters": NONE}} for at in range(number)]


def big(number: int) -> list[Json]:
    return [{**MF, "name": f"f{at}"} for at in range(number)]


CHAT: dict[str, Json] = {
    "temp 1.5": {"temperature": 1.5},
    "temp 2": {"temperature": 2},
    "temp 2.1": {"temperature": 2.1},
    "temp -0.1": {"temperature": -0.1},
    "temp 0": {"temperature": 0},
    "top_p 0": {"top_p": 0},
    "top_p 1.1": {"top_p": 1.1},
    "top_p .5+temp .5": {"top_p": 0.5, "temperature": 0.5},
    "top_p 0.9": {"top_p": 0.9},
    "top_k 0": {"top_k": 0},
    "top_k 5": {"top_k": 5},
    "top_k 501": {"top_k": 501},
    "top_k 3.5": {"top_k": 3.5},
    "freq 2": {"frequency_penalty": 2},
    "freq 2.5": {"frequency_penalty": 2.5},
    "pres -2": {"presence_penalty": -2},
    "pres -2.5": {"presence_penalty": -2.5},
    "freq .1": {"frequency_penalty": 0.1},
    "seed big": {"seed": 2**33},
    "seed neg": {"seed": -1},
    "n 0": {"n": 0},
    "n 2": {"n": 2},
    "n 9": {"n": 9},
    "n 129": {"n": 129},
    "max 0": {"max_tokens": 0},
    "max 1": {"max_tokens": 1},
    "max 15": {"max_tokens": 15},
    "max huge": {"max_tokens": 10**7},
    "stop 1": {"stop": "x"},
    "stop 5": {"stop": list("abcde")},
    "stop 6": {"stop": list("abcdef")},
    "stop 9": {"stop": list("abcdefghi")},
    "stop blank": {"stop": [" "]},
    "stop empty": {"stop": [""]},
    "stop []": {"stop": []},
    "stop newline": {"stop": ["\n"]},
    "stop 17": {"stop": list("abcdefghijklmnopq")},
    "logprobs": {"logprobs": True},
    "top_logprobs 20": {"logprobs": True, "top_logprobs": 20},
    "top_logprobs 21": {"logprobs": True, "top_logprobs": 21},
    "top_logprobs alone": {"top_logprobs": 5},
    "top_logprobs 9": {"logprobs": True, "top_logprobs": 9},
    "logit_bias": {"logit_bias": {"5": 101}},
    "user long": {"user": "u" * 300},
    "user empty": {"user": ""},
    "meta 17": {"metadata": {str(i): "x" for i in range(17)}},
    "meta key": {"metadata": {"k" * 65: "x"}},
    "meta val": {"metadata": {"k": "v" * 513}},
    "safety long": {"safety_identifier": "s" * 65},
    "cache key": {"prompt_cache_key": "c" * 65},
    "cache ret": {"prompt_cache_retention": "24h"},
    "effort none": {"reasoning_effort": "none"},
    "effort minimal": {"reasoning_effort": "minimal"},
    "effort low": {"reasoning_effort": "low"},
    "effort xhigh": {"reasoning_effort": "xhigh"},
    "effort max": {"reasoning_effort": "max"},
    "effort odd": {"reasoning_effort": "odd"},
    "effort high + temp": {"reasoning_effort": "high", "temperature": 0.5},
    "effort high + top_p": {"reasoning_effort": "high", "top_p": 0.5},
    "effort high + top_k": {"reasoning_effort": "high", "top_k": 5},
    "effort high + max small": {"reasoning_effort": "high", "max_tokens": 100},
    "effort high + forced": {"reasoning_effort": "high", "tools": [F], "tool_choice": "required"},
    "effort high + named": {
        "reasoning_effort": "high",
        "tools": [F],
        "tool_choice": {"type": "function", "function": {"name": "f"}},
    },
    "verbosity": {"verbosity": "low"},
    "verbosity odd": {"verbosity": "odd"},
    "tier": {"service_tier": "flex"},
    "tier odd": {"service_tier": "odd"},
    "tools 129": {"tools": many(129)},
    "tools 513": {"tools": many(513)},
    "tool no params": {"tools": [{"type": "function", "function": {"name": "f"}}]},
    "tool params {}": {"tools": [{"type": "function", "function": {"name": "f", "parameters": {}}}]},
    "tool name dots": {
        "tools": [{"type": "function", "function": {"name": "a.b", "parameters": {"type": "object", "properties": {}}}}]
    },
    "tool name digit": {
        "tools": [{"type": "function", "function": {"name": "1f", "parameters": {"type": "object", "properties": {}}}}]
    },
    "tool name unicode": {
        "tools": [{"type": "function", "function": {"name": "fü", "parameters": {"type": "object", "properties": {}}}}]
    },
    "tool name empty": {
        "tools": [{"type": "function", "function": {"name": "", "parameters": {"type": "object", "properties": {}}}}]
    },
    "tool desc long": {
        "tools": [
            {
                "type": "function",
                "function": {
                    "name": "f",
                    "description": "d" * 5000,
                    "parameters": {"type": "object", "properties": {}},
                },
            }
        ]
    },
    "parallel": {"parallel_tool_calls": False},
    "parallel tools": {"parallel_tool_calls": False, "tools": [F]},
    "json_object": {"response_format": {"type": "json_object"}},
    "json_object tools": {"response_format": {"type": "json_object"}, "tools": [F]},
    "schema no strict": {
        "response_format": {
            "type": "json_schema",
            "json_schema": {
                "name": "n",
                "schema": {"type": "object", "properties": {"a": {"type": "integer", "enum": [1, 2]}}},
            },
        }
    },
    "schema name bad": {
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "n m!", "schema": {"type": "object", "properties": {}}},
        }
    },
    "schema name long": {
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "n" * 65, "schema": {"type": "object", "properties": {}}},
        }
    },
    "schema array root": {
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "n", "schema": {"type": "array", "items": {"type": "string"}}},
        }
    },
    "schema strict tools": {
        "response_format": {
            "type": "json_schema",
            "json_schema": {
                "name": "n",
                "strict": True,
                "schema": {
                    "type": "object",
                    "properties": {"a": {"type": "string"}},
                    "required": ["a"],
                    "additionalProperties": False,
                },
            },
        },
        "tools": [F],
    },
    "audio out": {"modalities": ["text", "audio"], "audio": {"voice": "alloy", "format": "wav"}},
    "prediction": {"prediction": {"type": "content", "content": "x"}},
    "web_search": {"web_search_options": {}},
}

MESSAGES: dict[str, Json] = {
    "temp 1": {"temperature": 1},
    "temp 1.1": {"temperature": 1.1},
    "temp 0": {"temperature": 0},
    "top_p": {"top_p": 0.9},
    "both": {"temperature": 0.5, "top_p": 0.9},
    "both 1": {"temperature": 0.5, "top_p": 1},
    "top_k 0": {"top_k": 0},
    "top_k 5": {"top_k": 5},
    "top_k 500": {"top_k": 500},
    "top_k -1": {"top_k": -1},
    "max 0": {"max_tokens": 0},
    "max 1": {"max_tokens": 1},
    "max huge": {"max_tokens": 10**7},
    "stop many": {"stop_sequences": [str(i) for i in range(20)]},
    "stop blank": {"stop_sequences": [" "]},
    "stop empty": {"stop_sequences": [""]},
    "stop long": {"stop_sequences": ["x" * 600]},
    "budget 1023": {"thinking": {"type": "enabled", "budget_tokens": 1023}},
    "budget 1024": {"thinking": {"type": "enabled", "budget_tokens": 1024}},
    "budget=max": {"thinking": {"type": "enabled", "budget_tokens": 2000}},
    "budget big": {"max_tokens": 64000, "thinking": {"type": "enabled", "budget_tokens": 60000}},
    "adaptive": {"thinking": {"type": "adaptive"}},
    "adaptive effort": {"thinking": {"type": "adaptive"}, "output_config": {"effort": "max"}},
    "effort xhigh": {"output_config": {"effort": "xhigh"}},
    "effort low": {"output_config": {"effort": "low"}},
    "disabled": {"thinking": {"type": "disabled"}},
    "thinking+temp": {"thinking": {"type": "enabled", "budget_tokens": 1024}, "temperature": 0.5},
    "thinking + forced": {
        "thinking": {"type": "enabled", "budget_tokens": 1024},
        "tools": [MF],
        "tool_choice": {"type": "any"},
    },
    "thinking + top_k": {"thinking": {"type": "enabled", "budget_tokens": 1024}, "top_k": 4},
    "thinking + top_p": {"thinking": {"type": "enabled", "budget_tokens": 1024}, "top_p": 0.5},
    "thinking+prefill": {
        "thinking": {"type": "enabled", "budget_tokens": 1024},
        "messages": [U, {"role": "assistant", "content": "The"}],
    },
    "prefill": {"messages": [U, {"role": "assistant", "content": "The"}]},
    "prefill ws": {"messages": [U, {"role": "assistant", "content": "The "}]},
    "prefill empty": {"messages": [U, {"role": "assistant", "content": ""}]},
    "empty user": {"messages": [{"role": "user", "content": ""}]},
    "ws user": {"messages": [{"role": "user", "content": " "}]},
    "empty block": {
        "messages": [{"role": "user", "content": [{"type": "text", "text": ""}, {"type": "text", "text": "x"}]}]
    },
    "empty list": {"messages": [{"role": "user", "content": []}]},
    "first assistant": {"messages": [{"role": "assistant", "content": "hello"}, U]},
    "two users": {"messages": [U, U]},
    "two assistants": {
        "messages": [U, {"role": "assistant", "content": "a"}, {"role": "assistant", "content": "b"}, U]
    },
    "no messages": {"messages": []},
    "ws system": {"system": " "},
    "empty system": {"system": ""},
    "empty system block": {"system": [{"type": "text", "text": ""}]},
    "cc 5": {
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": str(i), "cache_control": CC} for i in range(5)]}
        ]
    },
    "cc order": {
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "a", "cache_control": CC},
                    {"type": "text", "text": "b", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
                ],
            }
        ]
    },
    "cc tool": {"tools": [{**MF, "cache_control": CC}]},
    "cc top": {"cache_control": CC},
    "tools 129": {"tools": big(129)},
    "tool 100 name": {"tools": [{**MF, "name": "f" * 100}]},
    "tool 129 name": {"tools": [{**MF, "name": "f" * 129}]},
    "no tool choice": {"tool_choice": {"type": "any"}},
    "choice none": {"tools": [MF], "tool_choice": {"type": "none"}},
    "choice unknown": {"tools": [MF], "tool_choice": {"type": "tool", "name": "g"}},
    "disable parallel": {"tools": [MF], "tool_choice": {"type": "auto", "disable_parallel_tool_use": True}},
    "user id": {"metadata": {"user_id": "u" * 200}},
    "user id email": {"metadata": {"user_id": "a@b.c"}},
    "schema": {
        "output_config": {
            "format": {
                "type": "json_schema",
                "schema": {
                    "type": "object",
                    "properties": {
                        "a": {"type": "string", "format": "ipv4", "minLength": 3, "pattern": "^a"},
                        "b": {"type": "integer", "minimum": 1, "multipleOf": 2},
                        "c": {"type": "array", "items": {"type": "string"}, "minItems": 2, "uniqueItems": True},
                    },
                    "required": ["a"],
                    "additionalProperties": False,
                },
            }
        }
    },
    "schema+tools": {
        "tools": [MF],
        "output_config": {
            "format": {
                "type": "json_schema",
                "schema": {
                    "type": "object",
                    "properties": {"a": {"type": "integer", "enum": [1, 2]}},
                    "required": ["a"],
                    "additionalProperties": False,
                },
            }
        },
    },
    "schema enum int": {
        "output_config": {
            "format": {
                "type": "json_schema",
                "schema": {
                    "type": "object",
                    "properties": {"a": {"enum": [1, "x", None]}},
                    "required": ["a"],
                    "additionalProperties": False,
                },
            }
        }
    },
    "hist tools no tools": {
        "messages": [
            U,
            {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "f", "input": {}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "x"}]},
        ]
    },
    "result empty": {
        "tools": [MF],
        "messages": [
            U,
            {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "f", "input": {}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1"}]},
        ],
    },
    "result not first": {
        "tools": [MF],
        "messages": [
            U,
            {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "f", "input": {}}]},
            {"role": "user", "content": [{"type": "text", "text": "t"}, {"type": "tool_result", "tool_use_id": "t1"}]},
        ],
    },
    "id odd": {
        "tools": [MF],
        "messages": [
            U,
            {"role": "assistant", "content": [{"type": "tool_use", "id": "t 1/ü", "name": "f", "input": {}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t 1/ü", "content": "x"}]},
        ],
    },
    "id long": {
        "tools": [MF],
        "messages": [
            U,
            {"role": "assistant", "content": [{"type": "tool_use", "id": "t" * 200, "name": "f", "input": {}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t" * 200, "content": "x"}]},
        ],
    },
    "hist name odd": {
        "tools": [MF],
        "messages": [
            U,
            {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "an old.tool/ü", "input": {}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "x"}]},
        ],
    },
    "hist name long": {
        "tools": [MF],
        "messages": [
            U,
            {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "f" * 128, "input": {}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "x"}]},
        ],
    },
    "service": {"service_tier": "standard_only"},
    "geo": {"inference_geo": "us"},
    "hist ws assistant": {"messages": [U, {"role": "assistant", "content": "  "}, U]},
    "hist empty assistant": {"messages": [U, {"role": "assistant", "content": ""}, U]},
    "hist empty list": {"messages": [U, {"role": "assistant", "content": []}, U]},
    "empty last user": {"messages": [U, {"role": "assistant", "content": "a"}, {"role": "user", "content": ""}]},
}

RESPONSES: dict[str, Json] = {
    "temperature 2": {"temperature": 2}, "top_p 0": {"top_p": 0}, "limit 1": {"max_output_tokens": 1},
    "limit 15": {"max_output_tokens": 15}, "limit 16": {"max_output_tokens": 16}, "logprobs 20": {"top_logprobs": 20},
    "logprobs 9": {"top_logprobs": 9}, "effort none": {"reasoning": {"effort": "none"}},
    "effort max": {"reasoning": {"effort": "max"}}, "summary": {"reasoning": {"effort": "low", "summary": "detailed"}},
    "truncation": {"truncation": "auto"}, "key": {"prompt_cache_key": "k" * 65}, "user": {"user": "u" * 300},
    "identifier": {"safety_identifier": "s" * 65}, "metadata": {"metadata": {str(at): "x" for at in range(17)}},
    "long metadata": {"metadata": {"k": "v" * 513}}, "calls 0": {"max_tool_calls": 0},
    "verbosity": {"text": {"verbosity": "high"}}, "json": {"text": {"format": {"type": "json_object"}}},
    "empty instructions": {"instructions": ""}, "choice without tools": {"tool_choice": "required"},
    "parallel": {"parallel_tool_calls": False}, "stream options": {"stream_options": {"include_obfuscation": False}},
}  # fmt: skip
BODIES: dict[str, tuple[Json, dict[str, Json]]] = {
    "Chat completions": ({"messages": [U]}, CHAT), "Messages": ({"messages": [U], "max_tokens": 2000}, MESSAGES),
    "Responses": ({"input": [U]}, RESPONSES),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.title)
@pytest.mark.parametrize("caller", compatibility.CALLERS, ids=lambda caller: caller.title)
def test_what_is_accepted_at_the_edges_is_taken(caller: compatibility.Caller, way: Way) -> None:
    least, cases = BODIES[caller.title]
    wrong: list[str] = []
    for name, more in cases.items():
        body = {"model": way.model.id, **least, **more}
        try:
            with LossReport(caller.server, body).refusals():
                made = written(caller.server, body, way)
        except RequestError as refused:
            assert refused.failure.param, name
            continue
        said = made.refusals(caller.server.protocol) if made is not None else []
        wrong += [f"{name}: {said}"] if said else []
    assert not wrong, "\n".join(wrong)
