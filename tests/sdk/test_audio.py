"""The stock SDKs, Python and Node, against the running gateway: speech, transcription, and files that go ahead."""

from __future__ import annotations

import base64
import io
import json
import socket
import subprocess
import wave
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2 as httpx
import openai
import pytest

from tests.patience import PATIENCE_S
from tests.sdk.gateway import Gateway

HONEST = "simulator"
TEXT = "Good morning from the gateway."
STARTS = {"mp3": b"ID3", "wav": b"RIFF", "flac": b"", "opus": b"", "aac": b"", "pcm": b""}
TYPES = {"mp3": "audio/mpeg", "opus": "audio/opus", "aac": "audio/aac", "flac": "audio/flac", "wav": "audio/wav",
         "pcm": "audio/pcm"}  # fmt: skip


def client(gateway: Gateway) -> openai.OpenAI:
    return openai.OpenAI(api_key=gateway.key, base_url=f"{gateway.url}/v1", max_retries=0)


def recording(seconds: float = 2.0) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(24_000)
        sound.writeframes(bytes(2 * int(24_000 * seconds)))
    return out.getvalue()


@pytest.mark.parametrize("form", TYPES)
@pytest.mark.parametrize("model", ["tts-1", "gpt-4o-mini-tts"])
def test_speech_in_every_format(gateway: Gateway, model: str, form: Any) -> None:
    answer = client(gateway).audio.speech.create(model=model, voice="alloy", input=TEXT, response_format=form)
    assert answer.response.headers["content-type"] == TYPES[form]
    assert answer.content.startswith(STARTS[form]) and len(answer.content) > 500


def test_speech_is_streamed(gateway: Gateway) -> None:
    create = client(gateway).audio.speech.with_streaming_response.create
    with create(model="tts-1", voice="nova", input=TEXT * 20, response_format="wav") as answer:
        pieces = list(answer.iter_bytes())
    with wave.open(io.BytesIO(b"".join(pieces))) as sound:
        assert sound.getframerate() == 24_000


@pytest.mark.parametrize("model", ["tts-1", "gpt-4o-mini-tts", "gemini-2.5-flash-preview-tts"])
def test_speech_in_events(gateway: Gateway, model: str) -> None:
    create = client(gateway).audio.speech.with_streaming_response.create
    with create(model=model, voice="alloy", input=TEXT, stream_format="sse") as answer:
        lines = [line.removeprefix("data: ") for line in answer.iter_lines() if line.startswith("data: ")]
    *deltas, done = [json.loads(line) for line in lines if line != "[DONE]"]
    assert b"".join(base64.b64decode(one["audio"]) for one in deltas)
    assert done["type"] == "speech.audio.done"
    assert ("usage" in done) == (model != "tts-1")


def test_speech_by_another_vendor_is_a_wav(gateway: Gateway) -> None:
    answer = client(gateway).audio.speech.create(model="gemini-2.5-flash-preview-tts", voice="Kore", input=TEXT)
    assert answer.response.headers["content-type"] == "audio/wav"
    with wave.open(io.BytesIO(answer.content)) as sound:
        assert (sound.getframerate(), sound.getnchannels()) == (24_000, 1)
    with pytest.raises(openai.BadRequestError) as refused:
        client(gateway).audio.speech.create(
            model="gemini-2.5-flash-preview-tts", voice="Kore", input=TEXT, response_format="mp3"
        )
    assert refused.value.param == "response_format"


def test_sound_that_is_cut_breaks_off(gateway: Gateway) -> None:
    with pytest.raises(openai.APIConnectionError):
        client(gateway).audio.speech.create(model="tts-1", voice="alloy", input=f"{TEXT} [[cut]]")


@pytest.mark.parametrize(
    "model", ["whisper-1", "gpt-4o-transcribe", "gpt-4o-mini-transcribe", "gemini-2.5-flash-transcribe"]
)
def test_transcription(gateway: Gateway, model: str) -> None:
    create = client(gateway).audio.transcriptions.create
    answer = create(model=model, file=("talk.wav", recording(), "audio/wav"), language="en")
    assert HONEST in answer.text
    assert answer.usage is not None


@pytest.mark.parametrize("form", ["text", "srt", "vtt"])
def test_transcription_as_text(gateway: Gateway, form: Any) -> None:
    create = client(gateway).audio.transcriptions.create
    answer: Any = create(model="whisper-1", file=("talk.wav", recording()), response_format=form)
    assert HONEST in answer
    assert ("-->" in answer) == (form != "text")


def test_transcription_with_times_and_speakers(gateway: Gateway) -> None:
    file = ("talk.wav", recording(), "audio/wav")
    timed: Any = client(gateway).audio.transcriptions.create(
        model="whisper-1", file=file, response_format="verbose_json", timestamp_granularities=["segment", "word"]
    )
    assert timed.duration == 2.0 and HONEST in timed.segments[0].text
    assert (timed.words[0].word, timed.words[-1].end) == ("This", 2.0)
    told: Any = client(gateway).audio.transcriptions.create(
        model="gpt-4o-transcribe-diarize", file=file, response_format="diarized_json", chunking_strategy="auto"
    )
    assert told.segments[0].speaker == "A"


@pytest.mark.parametrize("model", ["whisper-1", "gpt-4o-transcribe", "gemini-2.5-flash-transcribe"])
def test_transcription_is_streamed(gateway: Gateway, model: str) -> None:
    create = client(gateway).audio.transcriptions.create
    events = list(create(model=model, file=("talk.wav", recording()), stream=True))
    assert events[-1].type == "transcript.text.done"
    assert "".join(one.delta for one in events if one.type == "transcript.text.delta") == events[-1].text
    assert HONEST in events[-1].text


def test_translation(gateway: Gateway) -> None:
    for model in ("whisper-1", "gemini-2.5-flash-transcribe"):
        answer = client(gateway).audio.translations.create(model=model, file=("talk.wav", recording()))
        assert HONEST in answer.text


def presign(gateway: Gateway, data: bytes) -> str:
    asked = {"filename": "Größe.wav", "content_type": "audio/wav", "bytes": len(data)}
    made = gateway.post("/v1/uploads/presign", asked).json()
    put = httpx.request(made["method"], made["url"], content=data, headers=made["headers"])
    assert put.status_code == 200
    return str(made["file_id"])


@pytest.mark.parametrize("model", ["whisper-1", "gemini-2.5-flash-transcribe"])
def test_a_file_that_goes_ahead(gateway: Gateway, model: str) -> None:
    file_id = presign(gateway, recording())
    answer = client(gateway).audio.transcriptions.create(model=model, file=b"", extra_body={"file_id": file_id})
    assert HONEST in answer.text
    plain = gateway.post("/v1/audio/transcriptions", {"model": model, "file": file_id})
    assert plain.json()["text"] == answer.text
    if model == "whisper-1":
        assert "Größe.wav" in answer.text


def test_another_account_has_no_such_file(gateway: Gateway) -> None:
    file_id = presign(gateway, recording())
    account = gateway.operator("account", "create", "--name", "other", "--credit", "1")["account"]
    other = gateway.operator("key", "create", "--account", account)["key"]
    body = {"model": "whisper-1", "file": file_id}
    refused = gateway.post("/v1/audio/transcriptions", body, authorization=f"Bearer {other}")
    assert (refused.status_code, refused.json()["error"]["param"]) == (404, "file")


def test_a_request_that_is_too_large_names_the_way_around(gateway: Gateway) -> None:
    files = {"file": ("long.wav", bytes(33 * 1024 * 1024), "audio/wav")}
    answer = httpx.post(f"{gateway.url}/v1/audio/transcriptions", data={"model": "whisper-1"}, files=files,
                        headers={"authorization": f"Bearer {gateway.key}"}, timeout=PATIENCE_S)  # fmt: skip
    assert answer.status_code == 413
    assert "6 MB" in answer.json()["error"]["message"] and "/v1/uploads/presign" in answer.json()["error"]["message"]


def test_a_client_that_hangs_up_while_it_uploads(gateway: Gateway) -> None:
    """It never became a request: nothing is held, nothing was sent."""
    account = gateway.operator("account", "create", "--name", "half", "--credit", "1")
    address = urlsplit(gateway.url)
    before = httpx.get(f"{gateway.simulator}/control/served", timeout=PATIENCE_S).json()
    with socket.create_connection((address.hostname or "", address.port or 0)) as half:
        head = (f"POST /v1/audio/transcriptions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {account['key']}\r\n"
                "content-type: multipart/form-data; boundary=b\r\ncontent-length: 100000\r\n\r\n")  # fmt: skip
        half.sendall(head.encode() + b"--b\r\n" + bytes(5000))
    assert client(gateway).audio.speech.create(model="tts-1", voice="alloy", input="Still here?").content
    shown = gateway.operator("account", "show", account["account"])
    assert (shown["held_usd"], shown["charged_usd"]) == ("0", "0")
    after = httpx.get(f"{gateway.simulator}/control/served", timeout=PATIENCE_S).json()
    assert after["openai.requests"] == before["openai.requests"] + 1


def test_a_client_that_hangs_up_while_it_listens(gateway: Gateway) -> None:
    """The provider has spoken: the charge is whole, and the hold is gone."""
    account = gateway.operator("account", "create", "--name", "gone", "--credit", "1")
    text = f"{TEXT} [[gate hung-up]]"
    body = {"model": "tts-1", "voice": "alloy", "input": text}
    with httpx.stream("POST", f"{gateway.url}/v1/audio/speech", json=body,
                      headers={"authorization": f"Bearer {account['key']}"}) as answer:  # fmt: skip
        assert next(answer.iter_raw())
    httpx.post(f"{gateway.simulator}/control/gate/hung-up", timeout=PATIENCE_S)
    shown: Any = {}
    for _ in range(200):
        shown = gateway.operator("account", "show", account["account"])
        if shown["held_usd"] == "0":
            break
    assert (shown["held_usd"], Decimal(shown["charged_usd"])) == ("0", Decimal(len(text) * 15) / 1_000_000)


def test_the_node_sdk(gateway: Gateway, node: Path, tmp_path: Path) -> None:
    (tmp_path / "talk.wav").write_bytes(recording())
    command = ["node", "audio.mjs", gateway.url, gateway.key, str(tmp_path / "talk.wav")]
    done = subprocess.run(command, cwd=node, capture_output=True, text=True, timeout=120, check=True)
    cases = {case["what"]: case for case in map(json.loads, done.stdout.splitlines())}
    assert cases["speech"]["type"] == "audio/mpeg" and cases["speech"]["bytes"] > 500
    assert cases["wav"]["type"] == "audio/wav" and cases["wav"]["start"] == "RIFF"
    for what in ("whisper-1", "gpt-4o-transcribe", "gemini-2.5-flash-transcribe", "stream", "translation"):
        assert HONEST in cases[what]["text"]
    assert cases["refused"]["param"] == "response_format"
