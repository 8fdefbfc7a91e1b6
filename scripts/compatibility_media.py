"""The compatibility page's part about the other families: what each translating provider makes of each field.

A provider that speaks OpenAI's own wire format gets the caller's bytes, so only the others have a table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from interchange.catalog.load import load
from interchange.hub.failure import RequestError
from interchange.hub.losses import Losses
from interchange.hub.media import Form, Upload
from interchange.protocols.faces import Profile
from interchange.protocols.media import MediaServer
from interchange.protocols.openai_media.server.embeddings import Server as Embeddings
from interchange.protocols.openai_media.server.images import Server as Images
from interchange.protocols.openai_media.server.speech import Server as Speech
from interchange.protocols.openai_media.server.transcriptions import Server as Transcriptions
from interchange.providers import Provider

PICTURE = Upload("a.png", "image/png", b"png")
SOUND = Upload("a.wav", "audio/wav", b"RIFF")


@dataclass(frozen=True)
class Family:
    title: str
    name: str
    server: MediaServer
    plain: Mapping[str, Any]
    samples: tuple[Mapping[str, Any], ...]
    targets: Mapping[str, str]
    """Provider -> a model of the built-in catalog."""
    files: Mapping[str, tuple[Upload, ...]] | None = None


IMAGE_SAMPLES: tuple[Mapping[str, Any], ...] = (
    {"n": 2}, {"size": "1536x1024"}, {"size": "1000x100"}, {"quality": "high"}, {"background": "transparent"},
    {"output_format": "webp"}, {"response_format": "url"}, {"stream": True}, {"partial_images": 2}, {"user": "u"},
    {"moderation": "low"},
)  # fmt: skip
PAINTERS = {"xai": "grok-imagine-image", "gemini": "gemini-2.5-flash-image"}
FAMILIES = (
    Family(
        "Embeddings", "embeddings", Embeddings(), {"input": "text"},
        ({"input": ["one", "two"]}, {"input": [1, 2]}, {"dimensions": 256}, {"encoding_format": "base64"},
         {"user": "u"}, {"task_type": "RETRIEVAL_QUERY"}),
        {"gemini": "gemini-embedding-001"},
    ),
    Family("Images", "images", Images(), {"prompt": "a fox"}, IMAGE_SAMPLES, PAINTERS),
    Family(
        "Image edits", "images", Images(edit=True), {"prompt": "a fox"}, ({"n": 2}, {"size": "1024x1024"}), PAINTERS,
        {"image": (PICTURE,)},
    ),
    Family(
        "Image edits with a mask", "images", Images(edit=True), {"prompt": "a fox"}, ({},), PAINTERS,
        {"image": (PICTURE,), "mask": (PICTURE,)},
    ),
    Family(
        "Speech", "speech", Speech(), {"input": "Hello.", "voice": "Kore", "response_format": "wav"},
        ({"voice": "alloy"}, {"response_format": "pcm"}, {"response_format": "mp3"}, {"speed": 1.5},
         {"instructions": "slowly"}, {"stream_format": "sse"}),
        {"gemini": "gemini-2.5-flash-preview-tts"},
    ),
    Family(
        "Transcriptions", "transcriptions", Transcriptions(), {},
        ({"language": "en"}, {"prompt": "names"}, {"temperature": "0.5"}, {"response_format": "text"},
         {"response_format": "srt"}, {"response_format": "verbose_json"}, {"stream": "true"},
         {"timestamp_granularities": ["word"]}, {"include": ["logprobs"]}, {"chunking_strategy": "auto"}),
        {"gemini": "gemini-2.5-flash-transcribe"},
        {"file": (SOUND,)},
    ),
)  # fmt: skip


def tables(providers: Mapping[str, Provider]) -> Iterator[str]:
    yield "## Other endpoint families\n"
    yield "OpenAI and compatible providers get the caller's bytes, save for `model`; docs/families.md has the rest.\n"
    for family in FAMILIES:
        yield f"### {family.title}\n"
        yield "| field | provider | outcome | where, or why |\n|---|---|---|---|"
        for sample in family.samples:
            for provider, model in family.targets.items():
                word, how = _outcome(family, sample, providers[provider], model)
                shown = ", ".join(f"{name}: {value}" for name, value in sample.items()) or "mask"
                yield f"| {shown} | {provider} | {word} | {how.replace('|', chr(92) + '|')} |"
        yield ""


def _outcome(family: Family, sample: Mapping[str, Any], provider: Provider, name: str) -> tuple[str, str]:
    model = load().find(name)
    client = provider.media(family.name)
    assert model is not None and client is not None
    route = next(route for route in model.routes if route.provider == provider.name)
    profile = Profile(route.model, frozenset(model.input), model.max_output, {**model.traits, **route.traits})
    losses = Losses()
    plain = client.write_request(_read(family, {}), profile, Losses()) if sample else None
    try:
        asked = _read(family, sample)
        written = client.write_request(asked, profile, losses)
    except RequestError as error:
        return "refused", error.failure.message
    reasons = "; ".join(f"`{loss.path}`: {loss.reason}" for loss in losses.items)
    same = plain is not None and (plain.body, plain.path) == (written.body, written.path)
    if losses.items:
        return ("dropped" if same else "adapted"), reasons
    return ("made here", "the gateway gives the answer this form") if same else ("kept", "")


def _read(family: Family, sample: Mapping[str, Any]) -> Any:
    fields = {"model": "m", **family.plain, **sample}
    kind = "multipart/form-data; boundary=x" if family.files else "application/json"
    return family.server.read_request(Form(fields, family.files or {}, b"", kind))
