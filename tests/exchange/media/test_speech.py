"""Speech against recorded providers: bytes as they came, charges by hand, and what breaks."""

from __future__ import annotations

import asyncio
import base64
import io
import wave
from typing import Any

import pytest

from interchange.exchange.http import Inbound, StreamCut
from interchange.exchange.media.family import serve_media
from interchange.exchange.media.speech import speech
from interchange.exchange.serve import RUNNING
from interchange.protocols.openai_chat.server import Server as ErrorWriter
from interchange.protocols.openai_media.server.speech import Server
from interchange.wire import codec
from tests.exchange.media.audio_traffic import ask, body_of, here, recorded, says, untouched
from tests.exchange.world import KEY, SEAL, Says, World, fault

__all__ = ["here"]
SOUND = b"\xff\xfb sound"
FAMILY = speech(Server(), ErrorWriter(SEAL))
TYPES = {"mp3": "audio/mpeg", "opus": "audio/opus", "aac": "audio/aac", "flac": "audio/flac", "wav": "audio/wav",
         "pcm": "audio/pcm"}  # fmt: skip
RAW = {
    one["id"]: one
    for one in recorded("openai_audio").values()
    if one["api"] == "audio.speech" and "response_body_b64" in one
}
EVENTS = recorded("openai_audio")["e7274ecb40eecac0"]


MPEG = b"\xff\xf3\x84\xc4" + bytes(188)
"""A frame of 24 ms."""
WAV = (
    b"RIFF\xff\xff\xff\xffWAVEfmt \x10\0\0\0\x01\0\x01\0"
    + (24_000).to_bytes(4, "little")
    + (48_000).to_bytes(4, "little")
)
WAV += b"\x02\0\x10\0data\xff\xff\xff\xff" + bytes(48 * 12_000)


def say(model: str, text: str = "Hello, world!", **more: Any) -> dict[str, Any]:
    return {"model": model, "input": text, "voice": "alloy", **more}


@pytest.mark.parametrize("one", RAW.values(), ids=lambda one: one["request_json"].get("response_format", "mp3"))
def test_recorded_sound_passes_byte_for_byte(here: World, one: dict[str, Any]) -> None:
    here.script.answers = [says(one)]
    heard = ask(here, FAMILY, {**one["request_json"], "model": "reader"})
    assert (heard.status, heard.body, heard.broke) == (200, body_of(one), None)
    assert heard.type == TYPES[one["request_json"].get("response_format", "mp3")]
    assert here.script.bodies[0] == {**one["request_json"], "model": "tts-up"}
    row = here.rows()[0]
    characters = len(one["request_json"]["input"])
    assert (row.family, row.lane, row.usage.characters, row.outcome) == ("speech", "pass-through", characters, "ok")
    assert (row.usage.total, here.balance().charged_nano) == (0, characters * 15_000)
    assert here.balance().held_nano == 0


def test_characters_are_not_bytes(here: World) -> None:
    here.script.answers = [Says(chunks=[SOUND])]
    ask(here, FAMILY, say("reader", "€" * 1000))
    assert here.balance().charged_nano == 15_000_000


def test_a_model_priced_by_tokens_is_asked_for_events_and_the_caller_has_sound(here: World) -> None:
    here.script.answers = [says(EVENTS, 1000)]
    heard = ask(here, FAMILY, say("teller", EVENTS["request_json"]["input"]))
    assert here.script.bodies[0]["stream_format"] == "sse"
    deltas = [codec.loads(line[6:]) for line in body_of(EVENTS).splitlines() if line.startswith(b"data: {")]
    sound = b"".join(base64.b64decode(one["audio"]) for one in deltas if "audio" in one)
    assert (heard.status, heard.type, heard.body) == (200, "audio/mpeg", sound)
    # 10 tokens of text at 0.6 and 82 of sound at 12 USD a million
    assert here.balance().charged_nano == 10 * 600 + 82 * 12_000 == 990_000
    row = here.rows()[0]
    assert (row.lane, row.usage.input, row.usage.output_audio, row.dropped) == ("translate", 10, 82, ())


def test_events_pass_as_they_came(here: World) -> None:
    here.script.answers = [says(EVENTS, 777)]
    heard = ask(here, FAMILY, say("teller", stream_format="sse"))
    assert (heard.type, heard.body) == ("text/event-stream; charset=utf-8", body_of(EVENTS))
    assert here.balance().charged_nano == 990_000
    assert here.rows()[0].lane == "pass-through"


def test_events_of_a_model_that_has_none(here: World) -> None:
    """`stream_format` stays behind, and the sound is put into events here."""
    here.script.answers = [Says(chunks=[b"\x01one", b"two and more"])]
    heard = ask(here, FAMILY, say("reader", stream_format="sse"))
    assert "stream_format" not in here.script.bodies[0]
    *deltas, done = heard.events
    assert b"".join(base64.b64decode(one["audio"]) for one in deltas) == b"\x01onetwo and more"
    assert done == {"type": "speech.audio.done"}
    assert heard.body.endswith(b"data: [DONE]\n\n")


def test_pcm_becomes_a_wav(here: World) -> None:
    one = recorded("gemini_audio")["de3902826a5db7ed"]
    here.script.answers = [says(one, 5000)]
    heard = ask(here, FAMILY, say("singer", "Say hello in a warm, concise voice.", voice="Kore"))
    assert (heard.status, heard.type) == (200, "audio/wav")
    with wave.open(io.BytesIO(heard.body)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (24_000, 1, 2)
    sent = here.script.bodies[0]["generationConfig"]
    assert sent["responseModalities"] == ["AUDIO"]
    assert sent["speechConfig"] == {"voiceConfig": {"prebuiltVoiceConfig": {"voiceName": "Kore"}}}
    assert here.script.sent[0].url.endswith("/v1beta/models/gem-tts:streamGenerateContent?alt=sse")
    report = [codec.loads(line[6:]) for line in body_of(one).splitlines() if line.startswith(b"data: ")][-1]
    counts = report["usageMetadata"]
    spoken = counts["candidatesTokenCount"]
    assert here.balance().charged_nano == counts["promptTokenCount"] * 500 + spoken * 10_000 > 0


def test_pcm_as_it_is(here: World) -> None:
    one = recorded("gemini_audio")["52a90b69d36dcabf"]
    here.script.answers = [says(one)]
    heard = ask(here, FAMILY, say("singer", "Hello.", voice="Kore", response_format="pcm"))
    assert (heard.type, heard.body[:4] != b"RIFF", len(heard.body) > 10_000) == ("audio/pcm", True, True)


def test_a_voice_of_another_vendor_is_named(here: World) -> None:
    here.script.default = lambda _outgoing: says(recorded("gemini_audio")["52a90b69d36dcabf"])
    heard = ask(here, FAMILY, say("singer", "Hello.", speed=1.5))
    assert heard.headers["x-interchange-dropped"] == "speed, voice"
    strict = ask(here, FAMILY, say("singer", "Hello."), x_interchange_strict="true")
    assert (strict.status, strict.json["error"]["param"]) == (400, "voice")


def test_a_model_that_says_nothing_costs_nothing(here: World) -> None:
    one = recorded("gemini_audio")["031f234045482b9e"]
    here.script.default = lambda _outgoing: Says(chunks=[b"data: " + codec.dumps(one["response_json"]) + b"\n\n"])
    heard = ask(here, FAMILY, say("singer", "Hello."))
    assert heard.status >= 500 and "OTHER" in heard.json["error"]["message"]
    assert (here.balance().held_nano, here.balance().charged_nano) == (0, 0)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"model": "reader", "voice": "alloy"}, "input"),
        ({"model": "reader", "voice": "alloy", "input": " "}, "input"),
        ({"model": "reader", "voice": "alloy", "input": ["a"]}, "input"),
        ({"model": "reader", "input": "a"}, "voice"),
        ({"model": "reader", "input": "a", "voice": ""}, "voice"),
        ({"model": "reader", "input": "a", "voice": 5}, "voice"),
        ({"model": "reader", "input": "a", "voice": {"id": 5}}, "voice.id"),
        (say("reader", response_format="ogg"), "response_format"),
        (say("singer", response_format="mp3"), "response_format"),
        (say("singer", voice={"id": "voice_1"}), "voice.id"),
        (say("reader", voice={"id": "voice_1"}), "voice.id"),
        (say("reader", speed="fast"), "speed"),
        (say("reader", speed=9), "speed"),
        (say("reader", speed=10**400), "speed"),
        (say("reader", stream_format="ws"), "stream_format"),
        (say("reader", instructions=7), "instructions"),
        (say("gpt"), "model"),
        (say("whisper"), "model"),
    ],
)
def test_bad_input_names_its_field(here: World, body: Any, field: str) -> None:
    heard = ask(here, FAMILY, body)
    assert (heard.status, heard.json["error"]["param"]) == (400, field)
    untouched(here)


def test_M5_the_hold_is_the_most_that_it_can_cost(here: World) -> None:
    here.script.answers = [Says(chunks=[SOUND]), says(EVENTS)]
    ask(here, FAMILY, say("reader", "x" * 1000))
    ask(here, FAMILY, say("teller", "x" * 1000))
    reader, teller = sorted(here.rows(), key=lambda row: row.request_id)
    assert reader.hold_nano == 15_000_000
    assert teller.hold_nano == (1000 + 64) * 600 + 16_384 * 12_000


def test_an_upstream_error_reads_as_it_came_and_costs_nothing(here: World) -> None:
    raw = b'{"error":{"message":"no such voice","type":"invalid_request_error","param":"voice","code":null}}'
    here.script.answers = [Says(400, chunks=[raw])]
    heard = ask(here, FAMILY, say("reader"))
    assert (heard.status, heard.body, heard.type) == (400, raw, "application/json")
    assert (here.balance().held_nano, here.balance().charged_nano) == (0, 0)


def test_sound_that_breaks_breaks_off(here: World) -> None:
    """There is no word for an error in sound: a clean end would be a fake success."""
    here.script.answers = [Says(chunks=[b"\x00half of the sound", fault()])]
    heard = ask(here, FAMILY, say("reader", "x" * 100))
    assert (heard.status, heard.body) == (200, b"\x00half of the sound")
    assert isinstance(heard.broke, StreamCut)
    row = here.rows()[0]
    assert (row.outcome, row.usage.characters, row.charge_nano) == ("truncated", 100, 1_500_000)
    assert here.balance().held_nano == 0


def test_events_without_their_end_are_a_failure(here: World) -> None:
    whole = body_of(EVENTS)
    here.script.answers = [Says(chunks=[whole[: whole.index(b"data: {", 100)]])] * 2
    heard = ask(here, FAMILY, say("teller"))
    assert isinstance(heard.broke, StreamCut)
    told = ask(here, FAMILY, say("teller", stream_format="sse"))
    assert told.broke is None and "error" in told.events[-1]
    assert [row.outcome for row in here.rows()] == ["truncated", "truncated"]


def test_an_empty_answer_is_no_sound(here: World) -> None:
    here.script.default = lambda _outgoing: Says(chunks=[])
    assert ask(here, FAMILY, say("reader")).status >= 500
    assert (here.balance().held_nano, here.balance().charged_nano) == (0, 0)


def test_a_caller_that_hangs_up_pays_once_and_leaves_no_hold(here: World) -> None:
    async def run() -> None:
        gate = asyncio.Event()
        here.script.answers = [Says(chunks=[b"\x00the first piece of it", gate, b"second piece"])]
        deadline = asyncio.get_running_loop().time() + 30
        sent = {"authorization": f"Bearer {KEY}", "content-type": "application/json"}
        inbound = Inbound("POST", "/v1/audio/speech", sent, codec.dumps(say("reader", "x" * 10)), deadline)
        answer = await serve_media(here.services, FAMILY, inbound)
        stream: Any = answer.body
        assert await anext(stream) == b"\x00the first piece of it"
        await stream.aclose()
        gate.set()
        await asyncio.gather(*RUNNING)

    asyncio.run(run())
    row = here.rows()[0]
    assert (row.outcome, row.charge_nano, here.balance().held_nano) == ("client_gone", 150_000, 0)


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"choices":[]}', b'{"detail":"gone"}', b"<html>nginx</html>", b""])
def test_what_is_no_sound_is_served_to_nobody_and_free(here: World, body: bytes) -> None:
    here.script.answers = [Says(chunks=[body]), Says(chunks=[body])]
    heard = ask(here, FAMILY, say("reader"))
    assert heard.status == 502 and len(here.script.sent) == 2
    assert (here.balance().charged_nano, here.balance().held_nano) == (0, 0)


@pytest.mark.parametrize(("form", "made"), [("mp3", MPEG * 500), ("pcm", bytes(48 * 12_000)), ("wav", WAV)])
def test_sound_without_a_report_is_charged_by_its_length(here: World, form: str, made: bytes) -> None:
    """A word of text, and twelve seconds of sound."""
    here.script.answers = [Says(chunks=[made[:1000], made[1000:]])]
    assert ask(here, FAMILY, say("teller", "hi", response_format=form)).body == made
    (row,) = here.rows()
    assert abs(row.usage.output_audio - 12 * 27) <= 2
    assert row.charge_nano == row.usage.input * 600 + row.usage.output_audio * 12_000


@pytest.mark.parametrize(("form", "made"), [("mp3", MPEG * 500), ("pcm", bytes(48 * 12_000)), ("wav", WAV)])
@pytest.mark.parametrize("ending", [[], [fault()]], ids=["the end", "a fault"])
def test_sound_that_broke_off_is_charged_by_the_length_that_came(
    here: World, form: str, made: bytes, ending: list[Any]
) -> None:
    """Twelve seconds of sound for a text that would have taken minutes. Events tell where they end; raw sound does
    not, save by a fault."""
    part = codec.dumps({"type": "speech.audio.delta", "audio": base64.b64encode(made).decode()})
    sound = [b"data: " + part + b"\n\n", *ending] if not ending else [made, *ending]
    here.script.answers = [Says(chunks=sound)]
    events = {} if ending else {"stream_format": "sse"}
    heard = ask(here, FAMILY, say("teller", "x" * 4000, response_format=form, **events))
    (row,) = here.rows()
    assert (row.outcome, heard.status) == ("truncated", 200)
    assert abs(row.usage.output_audio - 12 * 27) <= 2
    assert row.charge_nano == row.usage.input * 600 + row.usage.output_audio * 12_000
    assert here.balance().held_nano == 0
