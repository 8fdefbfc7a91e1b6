"""Transcription and translation: upper bound and charged usage."""

from __future__ import annotations

import asyncio

from interchange.catalog.models import Model
from interchange.dataclass import replace
from interchange.estimate.tokens import utf8_size
from interchange.exchange.lane import ErrorWriter
from interchange.exchange.produced import has_any
from interchange.exchange.services import Services
from interchange.exchange.uploads import fetch
from interchange.hub.media import Form, TranscriptionRequest
from interchange.hub.usage import Usage
from interchange.identity.keys import Principal
from interchange.metering.bounds import Extent
from interchange.protocols.media import MediaServer

from . import sound
from .family import Family

MOST_TOKENS_A_SECOND = 64
"""Of sound, or of its transcript: recorded are 10 and 32 of the one, 40 of the other where speakers are told apart."""
TOKENS_A_SECOND = 25
MOST_OUTPUT = 2_000
"""Tokens of a short transcript, where the catalog states no limit."""
PROMPT_OVERHEAD = 256
CHARACTERS_A_TOKEN = 4


def transcripts(face: MediaServer, speaker: ErrorWriter) -> Family:
    return Family("transcriptions", "transcription", face, speaker, _measure, _used, files=True, prepare=_prepare)


async def _prepare(
    services: Services, principal: Principal, _model: Model, _form: Form, request: TranscriptionRequest
) -> TranscriptionRequest:
    """Fetches the file that went ahead of the request, and measures its length."""
    if request.file_id is not None:
        request = replace(request, file=await fetch(services, principal, request.file_id))
    sound.check(request.file)
    length = await asyncio.to_thread(sound.measure, request.file)
    return replace(request, milliseconds=length.milliseconds, measured=length.known, exact=length.exact)


def _measure(request: TranscriptionRequest, model: Model) -> Extent:
    length = sound.Length(request.milliseconds, request.measured, request.exact)
    milliseconds = sound.bound(request.file, length)
    seconds = milliseconds // 1000
    written = model.max_output or MOST_OUTPUT
    if model.max_output is None or "chunking_strategy" in request.extra:  # the limit is then one of each chunk
        written = max(written, seconds * MOST_TOKENS_A_SECOND)
    said = utf8_size(request.prompt or "")
    return Extent(
        input_tokens=seconds * MOST_TOKENS_A_SECOND + said + PROMPT_OVERHEAD,
        output_tokens=written,
        milliseconds=milliseconds,
    )


def _used(request: TranscriptionRequest, reported: Usage | None, items: int) -> Usage:
    """`items` counts the transcript's characters. A report is in tokens or in time; the other is made up for a price
    that goes by it."""
    length = sound.whole_seconds(request.milliseconds)
    if reported is not None and not items and not has_any(reported):
        return reported
    told = reported or Usage()
    guess = Usage(
        input_audio=0 if told.total_input else request.milliseconds * TOKENS_A_SECOND // 1000,
        output=0 if told.total_output else -(-items // CHARACTERS_A_TOKEN),
    )
    in_time = told.milliseconds if told.milliseconds and not told.total else length
    return replace(told.merge(guess), milliseconds=in_time)
