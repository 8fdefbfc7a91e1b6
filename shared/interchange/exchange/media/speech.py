"""Speech: upper bound and charged usage."""

from __future__ import annotations

from interchange.catalog.models import Model
from interchange.dataclass import replace
from interchange.estimate.tokens import count_tokens, utf8_size
from interchange.exchange.lane import ErrorWriter
from interchange.exchange.services import Services
from interchange.hub.failure import invalid
from interchange.hub.media import Form, SpeechRequest
from interchange.hub.usage import Usage
from interchange.identity.keys import Principal
from interchange.metering.bounds import Extent
from interchange.protocols.media import MediaServer

from .family import Family

MOST_TOKENS = 16_384
"""Of sound, where the catalog states no limit: ten minutes and more."""
TOKENS_A_SECOND = 27
"""Of sound, where a provider reports none: a recorded answer of 3 seconds has 82."""
TOKENS_A_CHARACTER = 2
"""The same by the text, of sound whose length is not known: recorded answers have 1.7 to 2.1."""
PROMPT_OVERHEAD = 64


def speech(face: MediaServer, speaker: ErrorWriter) -> Family:
    return Family("speech", "speech", face, speaker, _measure, _used, prepare=_prepare)


async def _prepare(
    _services: Services, _principal: Principal, model: Model, form: Form, request: SpeechRequest
) -> SpeechRequest:
    """Fixes the format that will be made: the content type goes out before the first byte comes in. `speech_formats`
    are those of a model that does not make all six; the first is made where none is asked for."""
    formats = model.traits.get("speech_formats")
    if formats is None:
        return request
    if request.format is not None and request.format not in formats:
        raise invalid(
            f"Invalid value: '{request.format}'. This model's formats are {', '.join(formats)}.",
            "response_format",
            "unsupported_value",
        )
    return replace(request, format=request.format or formats[0])


def _measure(request: SpeechRequest, model: Model) -> Extent:
    said = utf8_size(request.text) + utf8_size(request.instructions or "")
    return Extent(
        input_tokens=said + PROMPT_OVERHEAD,
        output_tokens=model.max_output or MOST_TOKENS,
        characters=len(request.text),
    )


def _used(request: SpeechRequest, reported: Usage | None, items: int) -> Usage:
    """Characters are Unicode code points, as vendors count them. What a report leaves out is made up. `items` is the
    sound's length in milliseconds, 1 where it is not known."""
    told = reported or Usage()
    if not told.total_input:
        told = replace(told, input=count_tokens(request.text) + count_tokens(request.instructions or ""))
    if not told.total_output:
        by_text, by_length = TOKENS_A_CHARACTER * len(request.text), -(-items * TOKENS_A_SECOND // 1000)
        told = replace(told, output_audio=by_length if items > 1 else by_text)
    return replace(told, characters=len(request.text))
