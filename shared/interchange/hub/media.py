"""The other families' canonical requests and answers: vectors, verdicts, pictures, sound and transcripts.

Each is a plain value. Where an answer streams, its events end with `Finished`, which carries the whole answer without
what the events before it have already told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from interchange.dataclass import dataclass

from .failure import Failure
from .usage import Usage


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as the caller sent it: its name and media type are the upstream's only hint of its format."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Form:
    """A body of either kind, read once. JSON: `fields` is the object. Multipart: `fields` holds texts (a list where a
    name ends in `[]` or is repeated) and `files` the uploads by name. `raw` and `content_type` are as they came."""

    fields: dict[str, Any]
    files: Mapping[str, tuple[Upload, ...]] = field(default_factory=dict)
    raw: bytes = b""
    content_type: str = "application/json"
    spans: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Where each text of a multipart body stands in `raw`."""

    @property
    def multipart(self) -> bool:
        return self.content_type.lower().startswith("multipart/")


@dataclass(frozen=True, slots=True)
class EmbeddingRequest:
    """`inputs` are texts, or token ids of the model's own tokenizer. `encoding` is "float" or "base64" (little-endian
    float32)."""

    inputs: tuple[str | tuple[int, ...], ...]
    dimensions: int | None = None
    encoding: str = "float"
    user: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Embeddings:
    """One vector an input, in the order of the inputs."""

    vectors: tuple[Sequence[float], ...]
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class ModerationRequest:
    """Carried as it came: only one wire format has it."""

    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """`images` and `mask` are there for an edit. `size` is "WIDTHxHEIGHT" or "auto"; `answer` is "b64_json" or "url" as
    the caller asked, None where it did not. `partial_images` counts previews of a stream, `frames` the pictures of a
    moving one."""

    prompt: str
    images: tuple[Upload, ...] = ()
    mask: Upload | None = None
    n: int | None = None
    size: str | None = None
    quality: str | None = None
    background: str | None = None
    output_format: str | None = None
    answer: str | None = None
    partial_images: int | None = None
    frames: int | None = None
    stream: bool = False
    user: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def edit(self) -> bool:
        return bool(self.images)


_SIZE = re.compile(r"([0-9]{1,5})x([0-9]{1,5})")


def read_size(text: str) -> tuple[int, int] | None:
    """ "1536x1024" -> (1536, 1024) in pixels; None for what is no size, and for one without an area."""
    found = _SIZE.fullmatch(text)
    if found is None or not int(found[1]) or not int(found[2]):
        return None
    return int(found[1]), int(found[2])


@dataclass(frozen=True, slots=True)
class Picture:
    """`data` is base64, or None where there is a `url`."""

    data: str | None = None
    url: str | None = None
    media_type: str = "image/png"
    revised_prompt: str | None = None


@dataclass(frozen=True, slots=True)
class Pictures:
    items: tuple[Picture, ...]
    usage: Usage | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What the vendor says of them ("size", "quality", "background", "output_format")."""


@dataclass(frozen=True, slots=True)
class SpeechRequest:
    """`voice` is a vendor's name of a voice. `format` is "mp3", "opus", "aac", "flac", "wav" or "pcm"; None is the
    protocol's default. `events` is True where the caller wants audio in server-sent events."""

    text: str
    voice: str | Mapping[str, Any]
    format: str | None = None
    speed: float | None = None
    instructions: str | None = None
    events: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TranscriptionRequest:
    """`format` is "json", "text", "srt", "vtt", "verbose_json" or "diarized_json". `translate` asks for English.
    `file_id` names an upload that went ahead of the request; the exchange fetches it into `file`."""

    file: Upload
    file_id: str | None = None
    milliseconds: int = 0
    """The sound's length; the exchange measures it from the file."""
    measured: bool = True
    exact: bool = True
    """False where `milliseconds` rests on a header's word, which no charge may."""
    """False where the file does not tell its length, and `milliseconds` is a guess from its size."""
    language: str | None = None
    prompt: str | None = None
    format: str | None = None
    temperature: float | None = None
    timestamps: tuple[str, ...] = ()
    stream: bool = False
    translate: bool = False
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Segment:
    """Times in seconds from the start."""

    text: str
    start: float
    end: float
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class Transcript:
    text: str
    language: str | None = None
    seconds: float | None = None
    segments: tuple[Segment, ...] = ()
    words: tuple[Segment, ...] = ()
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class Sound:
    """A piece of sound, in the format that was asked for."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Spoken:
    """A piece of a transcript."""

    text: str
    segment: Segment | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """A picture that is not finished: the `number`th preview, from 0."""

    picture: Picture
    number: int
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finished:
    """The terminal event. `items` counts the pictures of the answer."""

    usage: Usage | None = None
    items: int = 0
    answer: Pictures | Transcript | None = None


@dataclass(frozen=True, slots=True)
class Broken:
    failure: Failure


MediaEvent = Sound | Spoken | Preview | Finished | Broken
