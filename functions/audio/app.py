"""POST /v1/audio/speech, /v1/audio/transcriptions, /v1/audio/translations, POST /v1/uploads/presign"""

from interchange import wiring
from interchange.edge.app import Endpoint
from interchange.edge.family import family
from interchange.exchange.http import Answer, Inbound
from interchange.exchange.media import uploads
from interchange.exchange.media.family import serve_media
from interchange.exchange.media.speech import speech
from interchange.exchange.media.transcription import transcripts
from interchange.protocols.openai_chat.server import Server as Speaker
from interchange.protocols.openai_media.speech_server import Server as SpeechServer
from interchange.protocols.openai_media.transcriptions_server import Server as TranscriptServer

services = wiring.services()
speaker = Speaker(services.seal)
spoken = speech(SpeechServer(), speaker)
heard = transcripts(TranscriptServer(), speaker)
translated = transcripts(TranscriptServer(translate=True), speaker)


async def speak(inbound: Inbound) -> Answer:
    return await serve_media(services, spoken, inbound)


async def hear(inbound: Inbound) -> Answer:
    return await serve_media(services, heard, inbound)


async def translate(inbound: Inbound) -> Answer:
    return await serve_media(services, translated, inbound)


async def presign(inbound: Inbound) -> Answer:
    return await uploads.presign(services, speaker, inbound)


app, handler = family(
    "audio",
    [
        Endpoint("POST", "/v1/audio/speech", speak),
        Endpoint("POST", "/v1/audio/transcriptions", hear, uploads.LARGER),
        Endpoint("POST", "/v1/audio/translations", translate, uploads.LARGER),
        Endpoint("POST", "/v1/uploads/presign", presign),
    ],
    speaker,
    services,
)
