"""POST /v1/audio/speech"""

from interchange import wiring
from interchange.edge.app import Endpoint
from interchange.edge.family import family
from interchange.exchange import audio
from interchange.exchange.inbound import Answer, Inbound
from interchange.exchange.metered import serve_media
from interchange.protocols.openai_chat.server import Server as Speaker
from interchange.protocols.openai_media.speech_server import Server as SpeechServer

services = wiring.services()
speaker = Speaker(services.seal)
spoken = audio.speech(SpeechServer(), speaker)


async def speak(inbound: Inbound) -> Answer:
    return await serve_media(services, spoken, inbound)


app, handler = family("audio", [Endpoint("POST", "/v1/audio/speech", speak)], speaker, services)
