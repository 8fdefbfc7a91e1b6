"""Transcription against recorded providers: forms as they came, charges by hand, and bad input."""

from __future__ import annotations

import io
import math
import struct
import wave
from typing import Any

import pytest

from interchange.exchange.media.transcription import transcripts
from interchange.hub.media import Upload
from interchange.protocols.openai_chat.server import Server as ErrorWriter
from interchange.protocols.openai_media.multipart import write_form
from interchange.protocols.openai_media.server.transcriptions import Server
from interchange.wire import codec
from tests.exchange.media.audio_traffic import Heard, ask, body_of, here, recorded, says, untouched
from tests.exchange.world import SEAL, Says, World

__all__ = ["here"]
FAMILY = transcripts(Server(), ErrorWriter(SEAL))
TRANSLATIONS = transcripts(Server(translate=True), ErrorWriter(SEAL))
PATH = "/v1/audio/transcriptions"
ALL = recorded("openai_audio")
WHOLE = [one for one in ALL.values() if one["api"] == "audio.transcriptions" and one["status"] == 200
         and "response_sse" not in one]  # fmt: skip
STREAMED = [one for one in ALL.values() if one["api"] == "audio.transcriptions" and "response_sse" in one]


def silence(seconds: float, rate: int = 8000) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(bytes(2 * int(rate * seconds)))
    return out.getvalue()


def hear(here: World, model: str, file: bytes | None = None, *, name: str = "talk.wav", kind: str = "audio/wav",
         family: Any = FAMILY, path: str = PATH, strict: bool = False, **fields: Any) -> Heard:  # fmt: skip
    upload = Upload(name, kind, silence(2.0) if file is None else file)
    body, content_type = write_form({"model": model, **fields}, [("file", upload)])
    extra = {"x_interchange_strict": "true"} if strict else {}
    return ask(here, family, body, path, content_type=content_type, **extra)


def fields_of(one: dict[str, Any]) -> dict[str, Any]:
    """The recorded form's fields, save the model."""
    found: dict[str, Any] = {}
    for item in one.get("request_form") or ():
        name = item["name"]
        if "value" in item and name != "model":
            found[name.removesuffix("[]")] = [item["value"]] if name.endswith("[]") else item["value"]
    return found


def priced(one: dict[str, Any]) -> tuple[str, int | None]:
    """(a model of the recorded one's price, the charge by hand), None where the answer tells no usage."""
    usage = (one.get("response_json") or {}).get("usage")
    if usage is None:
        return "whisper", None
    if usage["type"] == "duration":
        return "whisper", usage["seconds"] * 100_000  # 0.006 USD a minute
    details = usage["input_token_details"]
    tokens = details["text_tokens"] * 1250 + details["audio_tokens"] * 1250 + usage["output_tokens"] * 5000
    return "scribe", tokens


@pytest.mark.parametrize("one", WHOLE, ids=lambda one: one["id"])
def test_a_recorded_answer_passes_byte_for_byte(here: World, one: dict[str, Any]) -> None:
    model, charge = priced(one)
    here.script.answers = [says(one)]
    answer = one.get("response_json") or {}
    told = answer.get("duration") or answer.get("usage", {}).get("seconds", 2.0)
    heard = hear(here, model, silence(max(2.0, math.ceil(told))), **fields_of(one))
    assert (heard.status, heard.body) == (200, body_of(one))
    plain = "response_text" in one
    assert heard.type == ("text/plain; charset=utf-8" if plain else "application/json")
    if charge is None:
        charge = 2 * 100_000  # the two seconds that were measured
    if "duration" in (one.get("response_json") or {}) and model == "whisper":
        charge = math.ceil(one["response_json"]["duration"]) * 100_000
    assert here.balance().charged_nano == charge
    assert (here.balance().held_nano, here.rows()[0].family, here.rows()[0].lane) == (
        0,
        "transcriptions",
        "pass-through",
    )


def test_the_form_goes_out_as_it_came_save_for_the_model(here: World) -> None:
    here.script.answers = [Says(chunks=[b'{"text":"hi"}'])]
    file = Upload("Größe 1.mp3", "audio/mpeg; x=y", b"ID3" + bytes(3000))
    body, content_type = write_form(
        {"language": "de", "model": "whisper", "timestamp_granularities": ["word", "segment"], "new": "field"},
        [("file", file)],
    )
    heard = ask(here, FAMILY, body, PATH, content_type=content_type)
    assert heard.status == 200
    sent = here.script.sent[0]
    assert sent.body == body.replace(b"\r\n\r\nwhisper\r\n", b"\r\n\r\nwhisper-up\r\n")
    assert (sent.headers["content-type"], sent.url) == (content_type, "http://openai/audio/transcriptions")


@pytest.mark.parametrize("one", STREAMED, ids=lambda one: one["id"])
def test_a_recorded_stream_passes_byte_for_byte(here: World, one: dict[str, Any]) -> None:
    here.script.answers = [says(one, 100)]
    heard = hear(here, "scribe", **fields_of(one))
    assert (heard.type, heard.body, heard.broke) == ("text/event-stream; charset=utf-8", body_of(one), None)
    usage = heard.events[-1]["usage"]
    assert here.balance().charged_nano == usage["input_tokens"] * 1250 + usage["output_tokens"] * 5000 > 0
    assert here.rows()[0].lane == "pass-through"


def test_a_stream_of_a_model_that_has_none(here: World) -> None:
    here.script.answers = [says(ALL["571b83276f62762f"])]
    heard = hear(here, "whisper", stream="true")
    assert b'name="stream"' not in (here.script.sent[0].body or b"")
    assert heard.type == "text/event-stream; charset=utf-8"
    assert [event["type"] for event in heard.events] == ["transcript.text.delta", "transcript.text.done"]
    assert heard.events[-1]["text"] == "Hello, world! This is a test."
    assert heard.events[-1]["usage"] == {"type": "duration", "seconds": 2}
    assert here.balance().charged_nano == 200_000


def test_translations_go_to_their_own_path(here: World) -> None:
    one = ALL["651caac556fd3363"]
    here.script.answers = [says(one)]
    heard = hear(here, "whisper", family=TRANSLATIONS, path="/v1/audio/translations")
    assert (heard.status, heard.body) == (200, body_of(one))
    assert here.script.sent[0].url == "http://openai/audio/translations"


@pytest.mark.parametrize(
    ("wanted", "asked", "expected"),
    [
        ("srt", "verbose_json", b"1\n00:00:00,000 --> 00:00:04,800\nThe sun was setting slowly, casting long shadows "
                                b"across the empty field.\n\n\n"),
        ("vtt", "verbose_json", b"WEBVTT\n\n00:00:00.000 --> 00:00:04.800\nThe sun was setting slowly, casting long "
                                b"shadows across the empty field.\n\n"),
        ("text", "json", b"The sun was setting slowly, casting long shadows across the empty field.\n"),
    ],
)  # fmt: skip
def test_a_file_that_tells_no_length_is_priced_by_the_report(
    here: World, wanted: str, asked: str, expected: bytes
) -> None:
    """Plain text tells no usage, and a WebM from a browser no length: the answer that tells both is asked for."""
    here.script.answers = [says(ALL["b68a01ed38633435"])]
    heard = hear(here, "whisper", b"\x1aE\xdf\xa3" + bytes(9000), name="a.webm", kind="audio/webm",
                 response_format=wanted)  # fmt: skip
    assert (heard.status, heard.body, heard.type) == (200, expected, "text/plain; charset=utf-8")
    assert f'name="response_format"\r\n\r\n{asked}'.encode() in (here.script.sent[0].body or b"")
    assert here.balance().charged_nano == 6 * 100_000


def test_by_audio_input_of_a_conversation_model(here: World) -> None:
    one = recorded("gemini_audio")["f1bd9c01bb528e7b"]
    here.script.answers = [says(one)]
    heard = hear(here, "listener", language="en", prompt="Interchange", temperature="0")
    counts = one["response_json"]["usageMetadata"]
    spent = counts["candidatesTokenCount"] + counts["thoughtsTokenCount"]
    assert heard.status == 200
    assert heard.json["text"] == "The sun was setting slowly, casting long shadows across the empty field."
    assert heard.json["usage"]["input_token_details"] == {"text_tokens": 14, "audio_tokens": 176}
    assert here.balance().charged_nano == 190 * 1250 + spent * 5000
    sent = here.script.bodies[0]
    said, sound = sent["contents"][0]["parts"]
    assert "en (ISO 639-1)" in said["text"] and "Interchange" in said["text"]
    assert sound["inlineData"]["mimeType"] == "audio/wav"
    assert sent["generationConfig"] == {"temperature": 0.0, "thinkingConfig": {"thinkingBudget": 0}}


def test_translation_by_a_conversation_model(here: World) -> None:
    here.script.answers = [says(recorded("gemini_audio")["f1bd9c01bb528e7b"])]
    heard = hear(here, "listener", family=TRANSLATIONS, path="/v1/audio/translations", response_format="text")
    assert heard.body.endswith(b"empty field.\n")
    assert "into English" in here.script.bodies[0]["contents"][0]["parts"][0]["text"]


def gemini_frames(*texts: str, reason: str | None = "STOP") -> Says:
    frames: list[dict[str, Any]] = [{"candidates": [{"content": {"parts": [{"text": text}]}}]} for text in texts]
    if reason is not None:
        frames.append({"candidates": [{"finishReason": reason}], "usageMetadata": {
            "promptTokenCount": 30, "candidatesTokenCount": 4, "totalTokenCount": 34,
            "promptTokensDetails": [{"modality": "AUDIO", "tokenCount": 20}]}})  # fmt: skip
    return Says(chunks=[b"data: " + codec.dumps(frame) + b"\r\n\r\n" for frame in frames])


def test_a_stream_by_a_conversation_model(here: World) -> None:
    here.script.answers = [gemini_frames("Hello, ", "world.")]
    heard = hear(here, "listener", stream="true")
    assert [one.get("delta") for one in heard.events] == ["Hello, ", "world.", None]
    assert heard.events[-1]["text"] == "Hello, world."
    assert heard.events[-1]["usage"]["total_tokens"] == 34
    assert here.balance().charged_nano == 30 * 1250 + 4 * 5000


@pytest.mark.parametrize("reason", ["MAX_TOKENS", None])
def test_half_a_transcript_is_no_transcript(here: World, reason: str | None) -> None:
    here.script.answers = [gemini_frames("Hello, ", reason=reason)]
    heard = hear(here, "listener", stream="true")
    assert "error" in heard.events[-1]
    assert (here.rows()[0].outcome, here.balance().held_nano) == ("truncated", 0)


@pytest.mark.parametrize(
    ("model", "fields", "field"),
    [
        ("whisper", {"response_format": "xml"}, "response_format"),
        ("whisper", {"temperature": "hot"}, "temperature"),
        ("whisper", {"temperature": "nan"}, "temperature"),
        ("whisper", {"temperature": "2"}, "temperature"),
        ("whisper", {"timestamp_granularities": ["line"]}, "timestamp_granularities"),
        ("whisper", {"stream": "yes"}, "stream"),
        ("whisper", {"language": ["a", "b"]}, "language"),
        ("listener", {"response_format": "srt"}, "response_format"),
        ("listener", {"response_format": "verbose_json"}, "response_format"),
        ("listener", {"timestamp_granularities": ["word"]}, "timestamp_granularities"),
        ("reader", {}, "model"),
        ("gpt", {}, "model"),
        ("whisper", {"file_id": "file-1"}, "file"),
        ("whisper", {"file_id": ["file-1", "file-2"]}, "file_id"),
    ],
)
def test_bad_input_names_its_field(here: World, model: str, fields: Any, field: str) -> None:
    heard = hear(here, model, **fields)
    assert (heard.status, heard.json["error"]["param"]) == (400, field)
    untouched(here)


@pytest.mark.parametrize(
    ("name", "kind", "data"),
    [
        ("a.wav", "audio/wav", b""),
        ("a.png", "image/png", b"\x89PNG"),
        ("a.pdf", "application/pdf", b"%PDF"),
        ("a.txt", "text/plain", b"words"),
        ("a.bin", "application/octet-stream", b"what is this"),
    ],
)
def test_files_that_are_no_sound(here: World, name: str, kind: str, data: bytes) -> None:
    heard = hear(here, "whisper", data, name=name, kind=kind)
    assert (heard.status, heard.json["error"]["param"]) == (400, "file")
    untouched(here)


def test_no_file_two_files_no_form(here: World) -> None:
    one = ("file", Upload("a.wav", "audio/wav", silence(0.1)))
    for files in ([], [one, one]):
        body, content_type = write_form({"model": "whisper"}, files)
        heard = ask(here, FAMILY, body, PATH, content_type=content_type)
        assert (heard.status, heard.json["error"]["param"]) == (400, "file")
    body, content_type = write_form({"model": "whisper"}, [one])
    assert ask(here, FAMILY, body[:-30], PATH, content_type=content_type).status == 400
    assert ask(here, FAMILY, body, PATH, content_type="text/plain").status == 415
    assert ask(here, FAMILY, {"model": "whisper"}, PATH).json["error"]["param"] == "file"
    untouched(here)


def test_M5_the_hold_bounds_the_length(here: World) -> None:
    here.script.default = lambda _outgoing: Says(chunks=[b'{"text":"","usage":{"type":"duration","seconds":2}}'])
    hear(here, "whisper", silence(2.0))
    hear(here, "whisper", b"\x1aE\xdf\xa3" + bytes(60_000), name="a.webm", kind="audio/webm")
    known, unknown = sorted(here.rows(), key=lambda row: row.request_id)
    assert 200_000 <= known.hold_nano <= 400_000
    assert unknown.hold_nano >= 60 * 100_000  # a kilobyte could be a second


def test_I12_tokens_are_charged_though_the_report_is_in_seconds(here: World) -> None:
    here.script.answers = [Says(chunks=[b'{"text":"four letter word here","usage":{"type":"duration","seconds":2}}'])]
    hear(here, "scribe", silence(2.0))
    assert here.balance().charged_nano == 50 * 1250 + 6 * 5000


def test_I16_a_report_of_nothing_is_believed(here: World) -> None:
    raw = b'{"text":"","usage":{"type":"tokens","input_tokens":0,"output_tokens":0,"total_tokens":0}}'
    here.script.answers = [Says(chunks=[raw])]
    hear(here, "scribe")
    assert here.balance().charged_nano == 0


def test_I13_a_stream_costs_what_the_whole_costs(here: World) -> None:
    usage = {"type": "tokens", "input_tokens": 17, "output_tokens": 11, "total_tokens": 28,
             "input_token_details": {"text_tokens": 0, "audio_tokens": 17}}  # fmt: skip
    done = {"type": "transcript.text.done", "text": "hi", "usage": usage}
    here.script.answers = [
        Says(chunks=[codec.dumps({"text": "hi", "usage": usage})]),
        Says(chunks=[b"data: " + codec.dumps(done) + b"\r\n\r\ndata: [DONE]\r\n\r\n"]),
    ]
    hear(here, "scribe")
    hear(here, "scribe", stream="true")
    whole, streamed = here.rows()
    assert whole.charge_nano == streamed.charge_nano == 17 * 1250 + 11 * 5000


def test_a_recorded_refusal_reads_as_it_came(here: World) -> None:
    one = ALL["4a53541f587c1a15"]
    here.script.answers = [says(one)]
    heard = hear(here, "whisper", language="this should cause an error")
    assert (heard.status, heard.body) == (400, body_of(one))
    assert (here.balance().held_nano, here.balance().charged_nano) == (0, 0)


def test_strict_names_what_has_no_word(here: World) -> None:
    heard = hear(here, "listener", strict=True, chunking_strategy="auto")
    assert (heard.status, heard.json["error"]["param"]) == (400, "chunking_strategy")
    untouched(here)


def test_what_a_header_says_is_no_charge(here: World) -> None:
    """An MP3 that says it is one frame long: the provider is asked for the answer that tells the seconds."""
    frame = b"\xff\xfb\x10\xc0" + bytes(100)
    xing = frame[:21] + b"Xing" + struct.pack(">III", 3, 1, 1000) + frame[37:]
    here.script.answers = [Says(chunks=[b'{"text":"so long","usage":{"type":"duration","seconds":260}}'])]
    heard = hear(here, "whisper", xing + frame * 10_000, name="a.mp3", kind="audio/mpeg", response_format="text")
    assert (heard.status, heard.body) == (200, b"so long\n")
    assert b'name="response_format"\r\n\r\njson' in (here.script.sent[0].body or b"")
    row = here.rows()[0]
    assert row.charge_nano == 260 * 100_000 <= row.hold_nano
