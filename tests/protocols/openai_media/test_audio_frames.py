"""Answers of the audio endpoints do not depend on how they were cut on their way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from interchange.hub.media import (
    Finished,
    MediaEvent,
    Segment,
    Sound,
    SpeechRequest,
    Spoken,
    TranscriptionRequest,
    Upload,
)
from interchange.protocols.faces import Profile
from interchange.protocols.gemini_media.client.speech import Client as GeminiSpeech
from interchange.protocols.media import MediaReader
from interchange.protocols.openai_media.client.audio_frames import AudioFrames
from interchange.protocols.openai_media.client.speech import Client as Speech
from interchange.protocols.openai_media.client.transcriptions import Client as Transcripts
from interchange.protocols.openai_media.server.subtitles import write_srt, write_vtt
from interchange.wire.sse import Frames
from tests.exchange.media.audio_traffic import body_of, recorded

OPENAI, GEMINI = recorded("openai_audio"), recorded("gemini_audio")
ASKED = SpeechRequest("hi", "alloy", "wav")
PROFILE = Profile("m", frozenset(), None, {})
HEARD = TranscriptionRequest(Upload("a.wav", "audio/wav", b"x"), stream=True)


def events(reader: MediaReader, frames: Frames, body: bytes, size: int) -> Iterator[MediaEvent]:
    for start in range(0, len(body), size):
        for frame in frames.feed(body[start : start + size]):
            yield from reader.read(frame)
    for frame in frames.finish():
        yield from reader.read(frame)
    yield from reader.finish()


def told(found: Iterator[MediaEvent]) -> tuple[bytes, str, list[Segment], Finished]:
    *pieces, last = found
    assert isinstance(last, Finished)
    sound = b"".join(one.data for one in pieces if isinstance(one, Sound))
    spoken = [one for one in pieces if isinstance(one, Spoken)]
    return sound, "".join(one.text for one in spoken), [one.segment for one in spoken if one.segment], last


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1000, 10**7])
@pytest.mark.parametrize("name", ["e7274ecb40eecac0", "5a48f12a87884c89", "06cdd66ea5ea2207"])
def test_speech(name: str, size: int) -> None:
    body = body_of(OPENAI[name])
    body = body if name == "e7274ecb40eecac0" else body[:3000]
    client = Speech()
    whole = told(events(client.read_stream(ASKED), client.framing(ASKED, PROFILE), body, 10**7))
    assert told(events(client.read_stream(ASKED), client.framing(ASKED, PROFILE), body, size)) == whole
    assert whole[0] and (whole[3].usage is not None) == (name == "e7274ecb40eecac0")


@pytest.mark.parametrize("size", [997, 4096, 10**7])
@pytest.mark.parametrize("name", ["de3902826a5db7ed", "52a90b69d36dcabf"])
def test_speech_by_another_vendor(name: str, size: int) -> None:
    client, body = GeminiSpeech(), body_of(GEMINI[name])
    whole = told(events(client.read_stream(ASKED), client.framing(ASKED, PROFILE), body, 10**7))
    assert told(events(client.read_stream(ASKED), client.framing(ASKED, PROFILE), body, size)) == whole
    assert whole[0].startswith(b"RIFF\xff\xff\xff\xffWAVE") and whole[0].count(b"WAVEfmt") == 1
    assert whole[3].usage is not None and whole[3].usage.output_audio > 0


@pytest.mark.parametrize("size", [1, 2, 5, 33, 10**7])
@pytest.mark.parametrize("name", ["44b025c3767abd9a", "3f73a4dfac548cc0", "571b83276f62762f", "26ded451b7c978a6"])
def test_transcripts(name: str, size: int) -> None:
    client, body = Transcripts(), body_of(OPENAI[name])
    whole = told(events(client.read_stream(HEARD), client.framing(HEARD, PROFILE), body, 10**7))
    assert told(events(client.read_stream(HEARD), client.framing(HEARD, PROFILE), body, size)) == whole
    assert whole[1] and whole[3].usage is not None


def test_a_sign_of_life_before_the_first_event() -> None:
    raw = b': hello\n\ndata: {"type":"transcript.text.done","text":"hi"}\n\n'
    client = Transcripts()
    _, _, _, last = told(events(client.read_stream(HEARD), client.framing(HEARD, PROFILE), raw, 3))
    assert last.answer is not None


def test_samples_that_look_like_a_comment_are_samples() -> None:
    frames = AudioFrames()
    found = [*frames.feed(b": sample"), *frames.feed(b"s\n\n"), *frames.finish()]
    assert b"".join(frame.raw for frame in found) == b": samples\n\n"
    assert all(frame.data == frame.raw for frame in found)


def test_subtitles() -> None:
    segments = [Segment(" One --> two", 0.0, 59.9996), Segment("three", 3661.5, 36000.001)]
    assert write_srt(segments) == (
        "1\n00:00:00,000 --> 00:01:00,000\nOne -> two\n\n2\n01:01:01,500 --> 10:00:00,001\nthree\n\n\n"
    )
    assert write_vtt(segments).startswith("WEBVTT\n\n00:00:00.000 --> 00:01:00.000\nOne -> two\n\n01:01:01.500")
    assert write_vtt(()) == "WEBVTT\n\n"
