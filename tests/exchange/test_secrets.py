"""What a vendor repeats of the operator reaches no caller, in whatever place it stands: keys of every shape, addresses,
ids of organisations and projects. In every family, streamed and whole; nor do keys reach the log."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from interchange.exchange import call
from interchange.exchange.confidential import redacted
from interchange.providers import Provider, fixed
from tests.exchange import world as w
from tests.exchange.test_refusals_everywhere import MADE, TALKS, asked, placed
from tests.faults.place import MODELS
from tests.faults.words import ONE_DOCUMENT, STREAMED_ALONE, WHOLE_ALONE, WORDS

KEYS = (
    "sk-proj-Ab3dEf6hIj9kLmNoPqRsTuVw", "sk-ant-api03-Zz9Yy8Xx7Ww6-Vv5Uu4_Tt3", "sk-or-v1-0a1b2c3d4e5f60718293a4b5c6d7",
    "AIzaSyA1b2C3d4E5f6G7h8I9j0KlMnOpQrStUvW", "xai-0123456789abcdefABCDEF", "gsk_9Kd8Jf7Hg6Fd5Sa4", "AQ.Ab8RN6I_01-a",
    "pplx-1a2b3c4d5e6f7890", "nvapi-abcDEF012345_-xyz", "hf_AbCdEfGh0123456789", "r8_AbCdEfGh0123456789",
    "0123456789abcdef0123456789abcdef", "q7Jp2mXv9Lr4TzB6nWc1HdKs8YfGaE3u", "dapi0123456789abcdef0123456789ab",
    "ABSKQmVkcm9ja0FQSUtleS0xMjM0NTY3ODkw", "plainwordsonly", "my-own.proxy~key",
)  # fmt: skip
"""As vendors' consoles make them; the last two are of a proxy of the operator's own."""
HOSTS = (
    "https://llm.corp.internal/v1",
    "http://10.20.30.40:8443",
    "https://api.openai.com/v1",
    "https://gw-7.example/x",
)
IDS = ("org-Ab1Cd2Ef3Gh4", "proj_Zx9Yw8Vu7", "123456789012", "6f1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
       "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.x")  # fmt: skip
FAMILIES = (*TALKS, "embeddings", "images", "speech", "transcriptions", "gemini_embeddings", "gemini_images",
            "gemini_speech", "gemini_transcriptions")  # fmt: skip
STATUSES = (400, 401, 403, 404, 413, 422, 429, 500, 503, 200)


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Iterator[w.World]:
    monkeypatch.setattr(call, "BACKOFF_SECONDS", 0.0)
    with w.world("1000000") as found:
        yield found


def keyed(protocol: str, key: str, base: str) -> Provider:
    made = MADE[protocol]
    (header, value), *_ = made.authorize("POST", "", b"").items()
    shown = value.replace(value.split()[-1], key)
    return replace(made, name="first", base_url=base, authorize=fixed({header: shown}), credentials=(),
                   clients={protocol: made.clients[protocol]})  # fmt: skip


def tells_all(key: str, base: str, kind: str) -> str:
    """An error's body that repeats all of it."""
    shown = f"{kind}: key {key} of {' and '.join(IDS)} at {base} is not good for `messages`"
    said = {"message": shown, "type": "invalid_request_error", "param": key, "code": key, "status": key}
    return json.dumps({"error": said, "org": IDS[0], "request_id": "req_1"})


def protocols_of(family: str) -> tuple[str, ...]:
    if family in TALKS:
        return ("openai_chat", "openai_responses", "anthropic_messages", "gemini")
    return ("gemini",) if family.startswith("gemini") else ("openai_chat",)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("status", STATUSES)
def test_no_caller_reads_what_a_vendor_repeats(here: w.World, family: str, status: int) -> None:
    model = MODELS.get(family, {"max_output": 1000, "price": w.PRICE})
    cases = itertools.product(KEYS, protocols_of(family), (False, True))
    for number, (key, protocol, stream) in enumerate(cases):
        base = HOSTS[number % len(HOSTS)]
        placed(here, model, keyed(protocol, key, base))
        body = tells_all(key, base, "refused")
        sent = {"openai-organization": IDS[0], "location": base, "retry-after": f"5; {key}", "x-ratelimit-limit": key}
        chunks = [b"data: " + body.encode() + b"\n\n"] if stream and status == 200 else [body.encode()]
        here.script.default = lambda _, chunks=chunks, sent=sent: w.Says(status, sent, chunks)
        answer, text = asyncio.run(asked(here, family, stream=stream))
        assert answer.status >= 400
        seen = f"{text} {dict(answer.headers)}"
        assert key not in seen, seen
        assert base.split("/")[2] not in seen, seen
        assert not [one for one in IDS if one in seen], seen
        assert "openai-organization" not in seen and "x-ratelimit" not in seen
        assert key not in json.dumps([fields for _, fields in here.reports], default=str), "the log"
    assert here.balance().charged_nano == 0


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("key", KEYS)
def test_no_caller_reads_it_in_the_middle_of_a_stream(here: w.World, family: str, key: str) -> None:
    spoken = {"chat": "openai_chat", "messages": "anthropic_messages", "responses": "openai_responses"}
    spoken_by = (*TALKS, "gemini") if family in TALKS else (family,)
    for number, words in enumerate(spoken_by):
        if words in WHOLE_ALONE or words in ONE_DOCUMENT or words == "speech":
            continue
        base = HOSTS[number % len(HOSTS)]
        protocol = spoken.get(words, protocols_of(words)[0] if words not in TALKS else "gemini")
        protocol = "gemini" if words.startswith("gemini") else protocol
        placed(here, MODELS.get(family, {"max_output": 1000, "price": w.PRICE}), keyed(protocol, key, base))
        body = tells_all(key, base, "broke")
        begun = WORDS[words].frames("hello", None)[: WORDS[words].first]
        frame = b"event: error\ndata: " + json.dumps({"type": "error", **json.loads(body)}).encode() + b"\n\n"
        here.script.default = lambda _, begun=begun, frame=frame: w.Says(200, chunks=[*begun, frame])
        answer, text = asyncio.run(asked(here, family, stream=True))
        assert answer.status == 200 or words in STREAMED_ALONE
        assert key not in text and base.split("/")[2] not in text, text
        assert not [one for one in IDS if one in text], text
        assert "error" in text or words == "gemini_speech", "raw sound breaks off"
        assert key not in json.dumps([fields for _, fields in here.reports], default=str), "the log"


@pytest.mark.parametrize("key", [key for key in KEYS if any(letter.isdigit() for letter in key)])
def test_a_key_is_known_by_its_shape_too(key: str) -> None:
    """For one that is not the operator's own: a proxy's behind it, a colleague's."""
    for text in (f"Incorrect API key provided: {key}.", f"key={key}", f'{{"key":"{key}"}}', f"Bearer {key} refused"):
        assert key not in redacted(text), redacted(text)


@pytest.mark.parametrize(
    "text",
    [
        "messages.1: user-provided schema of tool `get_user_name` is invalid", "skipping is not allowed in 'sketch'",
        "Invalid type for 'tools[0].function.parameters.key_points': expected an object", "risk-based, org-chart",
        "No tool output found for function call call_abc123def456ghi789jkl012.", "unknown field hf_mode in pk-column",
        "tool_use ids were found without tool_result blocks: toolu_01A09q90qw90lq917835lq9", "max_tokens: 5 > 4",
        "This model's maximum context length is 128000 tokens. However, you requested 130000 tokens",
        "file-AbCdEf0123456789AbCdEf01 is not a picture", "https://example.org/cat.png could not be loaded",
    ],
)  # fmt: skip
def test_a_callers_own_words_stay(text: str) -> None:
    assert redacted(text) == text
