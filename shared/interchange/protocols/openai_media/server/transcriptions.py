"""The server face of POST /v1/audio/transcriptions and /v1/audio/translations."""

from __future__ import annotations

from typing import Any

from interchange.dataclass import dataclass
from interchange.hub.failure import invalid
from interchange.hub.media import Finished, Form, MediaEvent, Spoken, Transcript, TranscriptionRequest, Upload
from interchange.protocols.faces import Envelope, Profile
from interchange.protocols.media import Answered, MediaWriter, Posted
from interchange.wire import codec
from interchange.wire.sse import write_frame

from ..audio_words import DONE, EVENT_STREAM
from ..carry import renamed
from ..multipart import write_form
from ..transcript_words import FORMATS, PLAIN, knows_events, path, write_usage
from .fields import boolean, missing, mistyped, number, text, unsupported, word
from .subtitles import write_srt, write_vtt

GRANULARITIES = ("word", "segment")
_OURS = frozenset({"model", "file", "file_id"})
_READ = _OURS | frozenset("language prompt response_format temperature timestamp_granularities stream".split())


@dataclass(frozen=True, slots=True)
class Server:
    translate: bool = False
    protocol: str = "openai_media"

    def read_request(self, form: Form) -> TranscriptionRequest:
        fields = form.fields
        file, file_id = _file(form)
        return TranscriptionRequest(
            file=file,
            file_id=file_id,
            language=text(fields, "language"),
            prompt=text(fields, "prompt"),
            format=word(fields, "response_format", FORMATS),
            temperature=number(form, "temperature", 0, 1),
            timestamps=_timestamps(fields.get("timestamp_granularities")),
            stream=boolean(form, "stream"),
            translate=self.translate,
            extra={name: value for name, value in fields.items() if name not in _READ and value is not None},
        )

    def streams(self, request: TranscriptionRequest) -> bool:
        return request.stream

    def stream_type(self, _request: TranscriptionRequest) -> str:
        return EVENT_STREAM

    def passes(self, request: TranscriptionRequest, profile: Profile) -> bool:
        if request.stream:
            return knows_events(profile)
        return request.exact or request.format not in PLAIN

    def write_request(self, form: Form, request: TranscriptionRequest, profile: Profile) -> Posted:
        """The form as it came; one with the file in it, where the file came before."""
        if request.file_id is None:
            return Posted(path(self.translate), renamed(form, profile.model), form.content_type)
        fields = {name: value for name, value in form.fields.items() if name not in _OURS and value is not None}
        body, content_type = write_form({"model": profile.model, **fields}, [("file", request.file)])
        return Posted(path(self.translate), body, content_type)

    def write_passed(self, raw: bytes, request: TranscriptionRequest, _model: str) -> Answered:
        return Answered(raw, _type(request))

    def write_response(self, answer: Transcript, request: TranscriptionRequest, _envelope: Envelope) -> Answered:
        match request.format:
            case "text":
                body = f"{answer.text}\n".encode()
            case "srt":
                body = write_srt(answer.segments).encode()
            case "vtt":
                body = write_vtt(answer.segments).encode()
            case _:
                body = codec.dumps({"text": answer.text, **write_usage(answer.usage)})
        return Answered(body, _type(request))

    def write_stream(self, _request: TranscriptionRequest, _envelope: Envelope) -> MediaWriter:
        return _Writer()


@dataclass(slots=True)
class _Writer:
    segments: int = 0

    def write(self, event: MediaEvent) -> bytes:
        match event:
            case Spoken(text=piece, segment=None):
                return _event({"type": "transcript.text.delta", "delta": piece})
            case Spoken(segment=segment) if segment is not None:
                self.segments += 1
                times = {"start": segment.start, "end": segment.end, "id": f"seg_{self.segments - 1}"}
                said = {"text": segment.text, "speaker": segment.speaker or "A"}
                return _event({"type": "transcript.text.segment", **said, **times})
            case Finished(usage=usage, answer=Transcript(text=whole)):
                return _event({"type": "transcript.text.done", "text": whole, **write_usage(usage)}) + DONE
            case _:
                return b""


def _event(body: dict[str, Any]) -> bytes:
    return write_frame(codec.dumps(body))


def _type(request: TranscriptionRequest) -> str:
    return "text/plain; charset=utf-8" if request.format in PLAIN else "application/json"


def _file(form: Form) -> tuple[Upload, str | None]:
    """The upload, or the id of one that went ahead: in `file_id`, or as the text of `file`."""
    given = form.fields.get("file_id", form.fields.get("file"))
    if given is not None and not isinstance(given, str):
        raise mistyped("file_id" if "file_id" in form.fields else "file", "a file, or the id of an upload")
    if given:
        return Upload("", "", b""), given
    files = form.files.get("file", ())
    if not files:
        raise missing("file")
    if len(files) > 1:
        raise invalid(f"Invalid 'file': {len(files)} files; one is taken.", "file", "too_many_files")
    return files[0], None


def _timestamps(value: Any) -> tuple[str, ...]:
    given = value if isinstance(value, list) else [] if value is None else [value]
    for one in given:
        if one not in GRANULARITIES:
            raise unsupported("timestamp_granularities", one, GRANULARITIES)
    return tuple(given)
