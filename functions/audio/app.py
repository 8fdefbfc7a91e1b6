"""POST /v1/audio/speech, /v1/audio/transcriptions, /v1/audio/translations"""

from interchange import wiring
from interchange.edge.app import Endpoint
from interchange.edge.family import family
from interchange.exchange.http import Answer, Inbound
from interchange.exchange.media.family import serve_media
from interchange.exchange.media.speech import speech
from interchange.exchange.media.transcription import transcripts
from interchange.hub.uploaded import LARGER
from interchange.protocols.openai_chat.server import Server as ErrorWriter
from interchange.protocols.openai_media.server.speech import Server as SpeechServer
from interchange.protocols.openai_media.server.transcriptions import Server as TranscriptServer

services = wiring.services()
speaker = ErrorWriter(services.seal)
speeches = speech(SpeechServer(), speaker)
transcriptions = transcripts(TranscriptServer(), speaker)
translations = transcripts(TranscriptServer(translate=True), speaker)


async def create_speech(inbound: Inbound) -> Answer:
    return await serve_media(services, speeches, inbound)


async def create_transcription(inbound: Inbound) -> Answer:
    return await serve_media(services, transcriptions, inbound)


async def create_translation(inbound: Inbound) -> Answer:
    return await serve_media(services, translations, inbound)


app, handler = family(
    "audio",
    [
        Endpoint("POST", "/v1/audio/speech", create_speech),
        Endpoint("POST", "/v1/audio/transcriptions", create_transcription, LARGER),
        Endpoint("POST", "/v1/audio/translations", create_translation, LARGER),
    ],
    speaker,
    services,
)
