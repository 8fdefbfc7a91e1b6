"""The client face of POST /v1/audio/speech. https://platform.openai.com/docs/api-reference/audio/createSpeech

Raw sound tells no usage; the events of `stream_format: "sse"` do, at their end. A model with the trait `speech_events`
is therefore always asked for events, whatever the caller is to have.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub.failure import ErrorKind, Failure
from interchange.hub.losses import Losses
from interchange.hub.media import Broken, Finished, MediaEvent, Sound, SpeechRequest
from interchange.hub.usage import Usage
from interchange.protocols.faces import Profile
from interchange.protocols.media import MediaReader, Posted
from interchange.protocols.openai import errors
from interchange.protocols.openai.counts import is_count, read_count
from interchange.wire import codec
from interchange.wire.framing import is_text
from interchange.wire.sse import Frame, Frames

from ..audio_words import SPEECH_PATH, knows_events, read_event, read_failure
from .audio_frames import AudioFrames


@dataclass(frozen=True, slots=True)
class Client:
    protocol: str = "openai_media"

    def write_request(self, request: SpeechRequest, profile: Profile, losses: Losses) -> Posted:
        body: dict[str, Any] = {"model": profile.model, "input": request.text, "voice": request.voice}
        if request.format is not None:
            body["response_format"] = request.format
        if request.speed is not None:
            body["speed"] = request.speed
        if request.instructions is not None:
            body["instructions"] = request.instructions
        if knows_events(profile):
            body["stream_format"] = "sse"
        return Posted(SPEECH_PATH, codec.dumps({**body, **request.extra}))

    def read_response(self, raw: bytes, _request: SpeechRequest) -> bytes:
        return raw

    def read_usage(self, _raw: bytes, _request: SpeechRequest) -> tuple[Usage | None, int]:
        return None, 1

    def read_stream(self, _request: SpeechRequest) -> MediaReader:
        return _Reader()

    def framing(self, _request: SpeechRequest, profile: Profile) -> Frames:
        return AudioFrames(asked=knows_events(profile))


@dataclass(slots=True)
class _Reader:
    """Pieces of raw sound, or events. Raw sound ends where the connection does."""

    spoke: bool = False
    events: bool = False
    ended: bool = False

    def read(self, frame: Frame) -> Iterator[MediaEvent]:
        if frame.data == frame.raw:
            yield from self._raw(frame.raw)
            return
        self.events = True
        event = read_event(frame)
        match event.get("type"):
            case "speech.audio.delta":
                self.spoke = True
                yield Sound(base64.b64decode(event["audio"]))
            case "speech.audio.done":
                self.ended = True
                yield Finished(_usage(event.get("usage")), 1)
            case _:
                failure = read_failure(event)
                if failure is not None:
                    self.ended = True
                    yield Broken(failure)

    def _raw(self, piece: bytes) -> Iterator[MediaEvent]:
        """Any bytes may be sound, save for words that tell an error."""
        found = _ERROR.search(piece) if b'"error"' in piece else None
        words = piece[found.start() :] if found is not None else b""
        if found is None or not is_text(words):
            self.spoke = True
            yield Sound(piece)
            return
        self.ended = True
        yield Broken(_told(words[words.index(b"{") :]))

    def finish(self) -> Iterable[MediaEvent]:
        if self.ended:
            return
        if self.spoke and not self.events:
            yield Finished(None, 1)
            return
        said = "the stream ended without its last event" if self.events else "the answer is empty"
        yield Broken(Failure(ErrorKind.API, said, code="upstream_cut", upstream=True))


_ERROR = re.compile(rb'(?:event: ?[\w.]+\r?\n)?(?:data: ?)?\{[^{}]{0,200}"error"')


def _told(words: bytes) -> Failure:
    try:
        return errors.read_error(codec.loads(words))
    except ValueError:
        return Failure(ErrorKind.API, "the sound broke off in an error", upstream=True)


def _usage(report: Mapping[str, Any] | None) -> Usage | None:
    """Text in, sound out: the two numbers that there are."""
    if not isinstance(report, dict) or not is_count(report.get("input_tokens")):
        return None
    return Usage(input=read_count(report, "input_tokens"), output_audio=read_count(report, "output_tokens"))
