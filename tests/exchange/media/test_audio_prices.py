"""What sound costs by the built-in catalog: a frozen table, worked out by hand, and compatible providers' reports."""

from __future__ import annotations

import json
from dataclasses import replace
from importlib.resources import files
from typing import Any

import pytest

from interchange.catalog.load import read
from interchange.exchange.media.transcription import transcripts
from interchange.hub.usage import Usage
from interchange.metering.prices import PriceList, charge
from interchange.protocols.openai_chat.server import Server as ErrorWriter
from interchange.protocols.openai_media.server.transcriptions import Server
from interchange.providers.generic import generic
from interchange.wire import codec
from tests.exchange.media.audio_traffic import CATALOG, here
from tests.exchange.media.test_transcription import hear, silence
from tests.exchange.world import SEAL, Says, World

__all__ = ["here"]
FAMILY = transcripts(Server(), ErrorWriter(SEAL))
LISTED = {one["id"]: one for one in json.loads((files("interchange.catalog") / "data" / "catalog.json").read_text())}
HEARD = Usage(input=10, input_audio=1_000, output=200)
SAID = Usage(input=100, output_audio=2_000)
TABLE = [
    ("whisper-1", Usage(milliseconds=90_000), 9_000_000),  # 1.5 minutes at 0.006
    ("whisper-1", Usage(milliseconds=1_000), 100_000),
    ("gpt-transcribe", Usage(milliseconds=60_000), 4_500_000),
    ("gpt-4o-transcribe", HEARD, 1_010 * 2_500 + 200 * 10_000),
    ("gpt-4o-mini-transcribe", HEARD, 1_010 * 1_250 + 200 * 5_000),
    ("gpt-4o-transcribe-diarize", HEARD, 1_010 * 2_500 + 200 * 10_000),
    ("gemini-2.5-flash-transcribe", HEARD, 10 * 300 + 1_000 * 1_000 + 200 * 2_500),
    ("tts-1", Usage(characters=1_000), 15_000_000),
    ("tts-1-hd", Usage(characters=1_000), 30_000_000),
    ("gpt-4o-mini-tts", SAID, 100 * 600 + 2_000 * 12_000),
    ("gemini-2.5-flash-preview-tts", SAID, 100 * 500 + 2_000 * 10_000),
    ("gemini-3.8-flash-tts", SAID, 100 * 500 + 2_000 * 9_000),
]


@pytest.mark.parametrize(("model", "usage", "nano"), TABLE)
def test_M4_the_price_of_sound(model: str, usage: Usage, nano: int) -> None:
    made = charge(usage, PriceList.read(LISTED[model]["price"]))
    assert (made.nano, made.unpriced) == (nano, ())


def test_M4_every_model_of_sound_is_in_the_table() -> None:
    kinds = {name for name, one in LISTED.items() if one["kind"] in ("speech", "transcription")}
    assert kinds == {model for model, _, _ in TABLE}


COMPATIBLE: list[tuple[dict[str, Any], str, int]] = [
    ({"text": "hi", "x_groq": {"id": "req_1"}}, "json", 2_000),
    ({"task": "transcribe", "language": "en", "duration": 1.2, "text": "hi", "segments": []}, "verbose_json", 2_000),
    ({"text": "hi", "duration": "9.5", "language": "en"}, "verbose_json", 10_000),
]


@pytest.mark.parametrize(("answer", "form", "milliseconds"), COMPATIBLE)
def test_a_compatible_provider(here: World, answer: dict[str, Any], form: str, milliseconds: int) -> None:
    """Without usage, the seconds that the answer tells, or those of the file."""
    route = {"id": "fast", "kind": "transcription", "routes": [{"provider": "fast", "model": "fast-up"}],
             "price": {"per_minute": "0.06"}}  # fmt: skip
    fast = generic("fast", "http://fast/v1", "openai_chat", {}, key="k")
    here.services = replace(
        here.services, catalog=read([*CATALOG, route]), providers={**here.services.providers, "fast": fast}
    )
    here.script.answers = [Says(chunks=[codec.dumps(answer)])]
    heard = hear(here, "fast", silence(milliseconds / 1000), response_format=form, family=FAMILY)
    assert heard.json == answer
    assert here.script.sent[0].url == "http://fast/v1/audio/transcriptions"
    assert here.balance().charged_nano == milliseconds * 1_000
    assert here.balance().held_nano == 0
