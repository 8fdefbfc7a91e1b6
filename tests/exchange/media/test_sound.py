"""How long a file lasts, and what is no sound. The recorded files' true lengths are those that their answers tell."""

from __future__ import annotations

import base64
import io
import struct
import wave
from email.parser import BytesParser

import pytest

from interchange.exchange.media import sound
from interchange.hub.failure import RequestError
from interchange.hub.media import Upload
from tests.exchange.media.audio_traffic import recorded

ALL = recorded("openai_audio")
KINDS = {"mp3": "40b0ac66897237f5", "aac": "03ccbbbd35453086", "flac": "cce16be6afbc629a", "opus": "bbb7bf5ceaee9e0b",
         "wav": "5a48f12a87884c89"}  # fmt: skip


def file(data: bytes, name: str = "a.wav", kind: str = "audio/wav") -> Upload:
    return Upload(name, kind, data)


def pcm(seconds: float, rate: int = 16_000, length: int | None = None) -> bytes:
    """A WAV; `length` is what its header says of its data."""
    out = io.BytesIO()
    with wave.open(out, "wb") as made:
        made.setnchannels(1)
        made.setsampwidth(2)
        made.setframerate(rate)
        made.writeframes(bytes(2 * int(seconds * rate)))
    data = out.getvalue()
    return data if length is None else data[:40] + struct.pack("<I", length) + data[44:]


def uploaded(recording: str) -> Upload:
    """The file of a recorded form."""
    one = ALL[recording]
    raw = base64.b64decode(one["request_body_b64"])
    boundary = raw[2 : raw.index(b"\r\n")]
    head = b"Content-Type: multipart/form-data; boundary=" + boundary + b"\r\n\r\n"
    for part in BytesParser().parsebytes(head + raw).walk():
        if part.get_filename():
            data = part.get_payload(decode=True)
            assert isinstance(data, bytes)
            return Upload(str(part.get_filename()), part.get_content_type(), data)
    raise AssertionError("no file")


@pytest.mark.parametrize("seconds", [0.25, 1.0, 61.5])
def test_a_wav_is_as_long_as_its_samples(seconds: float) -> None:
    assert sound.measure(file(pcm(seconds))) == sound.Length(int(seconds * 1000), known=True, exact=True)


@pytest.mark.parametrize("length", [0, 0xFFFFFFFF, 2**31])
def test_a_wav_written_while_it_was_made(length: int) -> None:
    found = sound.measure(file(pcm(10.0, length=length)))
    assert found.known and 10_000 <= found.milliseconds <= 10_010


@pytest.mark.parametrize(("recording", "seconds"), [("571b83276f62762f", 2), ("e3dc8a37db53b47b", 3.7)])
def test_a_recorded_file_is_as_long_as_its_answer_says(recording: str, seconds: float) -> None:
    upload = uploaded(recording)
    found = sound.measure(upload)
    assert found.known
    assert abs(found.milliseconds - seconds * 1000) < 500
    assert (
        seconds * 1000
        <= sound.bound(upload, found)
        <= max(seconds * 1000, len(upload.data) * 8 // sound.TYPICAL_KBPS) + 3000
    )


@pytest.mark.parametrize("kind", KINDS)
def test_each_format_that_is_spoken_is_heard(kind: str) -> None:
    data = base64.b64decode(ALL[KINDS[kind]]["response_body_b64"])
    upload = Upload(f"a.{kind}", f"audio/{kind}", data)
    sound.check(upload)
    found = sound.measure(upload)
    assert 100 <= found.milliseconds <= 8_000
    assert sound.bound(upload, found) >= found.milliseconds


def test_a_file_that_tells_nothing_is_bounded_by_its_bytes() -> None:
    upload = file(b"\x1aE\xdf\xa3" + bytes(100_000), "a.webm", "audio/webm")
    found = sound.measure(upload)
    assert not found.known
    assert sound.bound(upload, found) >= 100_000 > found.milliseconds


def test_a_header_that_lies_does_not_lower_the_bound() -> None:
    """An MP3 that says it is one frame long, and goes on for a megabyte."""
    frame = b"\xff\xfb\x10\xc0" + bytes(100)
    xing = frame[:21] + b"Xing" + struct.pack(">III", 3, 1, 1000) + frame[37:]
    upload = file(xing + frame * 10_000, "a.mp3", "audio/mpeg")
    assert sound.bound(upload, sound.measure(upload)) >= len(upload.data) * 8 // sound.TYPICAL_KBPS
    assert not sound.measure(upload).exact


@pytest.mark.parametrize(
    "data", [b"RIFF", b"RIFF\x00\x00\x00\x00WAVEfmt ", b"ID3", b"OggS", b"fLaC" + bytes(20), bytes(50)]
)
def test_damaged_files_are_guessed_not_failed(data: bytes) -> None:
    for name in ("a.wav", "a.mp3", "a.ogg", "a.flac", "a.m4a", "nothing"):
        found = sound.measure(file(data, name))
        assert found.milliseconds >= 0


def test_garbage_is_given_up_soon() -> None:
    upload = file(b"\xff\xfb\x10\xc0" + bytes(20_000_000), "a.mp3", "audio/mpeg")
    assert sound.measure(upload) == sound.Length(len(upload.data) * 8 // sound.TYPICAL_KBPS, known=False)


@pytest.mark.parametrize(
    ("name", "kind", "data", "good"),
    [
        ("a.mp3", "application/octet-stream", b"anything", True),
        ("upload", "application/octet-stream", b"ID3....", True),
        ("upload", "", b"....ftypM4A ", True),
        ("upload", "audio/x-something", b"....", True),
        ("talk", "video/mp4", b"....", True),
        ("a.mp3", "text/plain", b"words", False),
        ("upload", "application/octet-stream", b"what", False),
        ("a.mp3", "audio/mpeg", b"", False),
    ],
)
def test_what_is_sound(name: str, kind: str, data: bytes, good: bool) -> None:
    if good:
        sound.check(Upload(name, kind, data))
        return
    with pytest.raises(RequestError) as refused:
        sound.check(Upload(name, kind, data))
    assert refused.value.failure.param == "file"
