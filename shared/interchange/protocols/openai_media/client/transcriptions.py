"""The client face of POST /v1/audio/transcriptions and /v1/audio/translations.

https://platform.openai.com/docs/api-reference/audio/createTranscription. It writes anew only what cannot pass as it
came: a stream from a model that has none, and a plain text whose price needs a number that plain text does not tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub.failure import ErrorKind, Failure
from interchange.hub.losses import Losses
from interchange.hub.media import Broken, Finished, MediaEvent, Segment, Spoken, Transcript, TranscriptionRequest
from interchange.hub.usage import Usage
from interchange.protocols.faces import Profile
from interchange.protocols.media import MediaReader, Posted
from interchange.wire.sse import Frame, Frames

from ..audio_words import read_event, read_failure
from ..multipart import write_form
from ..transcript_words import PLAIN, TIMED, knows_events, path, read_document, read_usage
from .audio_frames import AudioFrames


@dataclass(frozen=True, slots=True)
class Client:
    protocol: str = "openai_media"

    def write_request(self, request: TranscriptionRequest, profile: Profile, losses: Losses) -> Posted:
        said = {
            "language": request.language,
            "prompt": request.prompt,
            "response_format": asked_format(request),
            "temperature": request.temperature,
            "timestamp_granularities": list(request.timestamps) or None,
            "stream": "true" if request.stream and knows_events(profile) else None,
            **request.extra,
        }
        fields: dict[str, Any] = {name: value for name, value in said.items() if value is not None}
        body, content_type = write_form({"model": profile.model, **fields}, [("file", request.file)])
        return Posted(path(request.translate), body, content_type)

    def read_response(self, raw: bytes, request: TranscriptionRequest) -> Transcript:
        if asked_format(request) in PLAIN:
            return Transcript(raw.decode())
        return read_document(raw)

    def read_usage(self, raw: bytes, request: TranscriptionRequest) -> tuple[Usage | None, int]:
        """Reads the usage of an answer in the caller's own format, or in the one that stood for it."""
        if request.format in PLAIN and not raw.lstrip().startswith(b"{"):
            return None, len(raw)
        document = read_document(raw)
        return document.usage, len(document.text)

    def read_stream(self, request: TranscriptionRequest) -> MediaReader:
        return _Reader(self, request)

    def framing(self, _request: TranscriptionRequest, _profile: Profile) -> Frames:
        return AudioFrames(whole=True)


def asked_format(request: TranscriptionRequest) -> str | None:
    """The format to ask for, where the request does not pass as it came."""
    return None if request.format is None else TIMED.get(request.format, request.format)


@dataclass(slots=True)
class _Reader:
    """Events, or one document from a server that ignores `stream`."""

    client: Client
    request: TranscriptionRequest
    ended: bool = False

    def read(self, frame: Frame) -> Iterator[MediaEvent]:
        if frame.data == frame.raw:
            answer = self.client.read_response(frame.raw, self.request)
            self.ended = True
            yield Spoken(answer.text)
            yield Finished(answer.usage, len(answer.text), answer)
            return
        event = read_event(frame)
        match event.get("type"):
            case "transcript.text.delta":
                yield Spoken(event["delta"])
            case "transcript.text.segment":
                segment = Segment(event["text"], event["start"], event["end"], event.get("speaker"))
                yield Spoken(segment.text, segment)
            case "transcript.text.done":
                self.ended = True
                yield Finished(read_usage(event), len(event["text"]), Transcript(event["text"]))
            case _:
                failure = read_failure(event)
                if failure is not None:
                    self.ended = True
                    yield Broken(failure)

    def finish(self) -> Iterable[MediaEvent]:
        if not self.ended:
            said = "the stream ended without its last event"
            yield Broken(Failure(ErrorKind.API, said, code="upstream_cut", upstream=True))
