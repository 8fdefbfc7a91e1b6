"""`python -m local.simulator --port N|--socket N [--host ADDRESS] [--pace MILLISECONDS] [--parent PID]`"""

from __future__ import annotations

import argparse
import socket

import uvicorn
from starlette.applications import Starlette

from local.lifeline import end_with

from . import anthropic_messages, control, gemini, openai_chat, openai_responses, pictures, sound, vectors
from .misshapen import MISSHAPEN, refusal


def main() -> None:
    parser = argparse.ArgumentParser(prog="local.simulator")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--port", type=int)
    where.add_argument("--socket", type=int, help="the number of a socket that listens already")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--pace", type=float, default=0.0, help="milliseconds between the frames of a stream")
    parser.add_argument("--parent", type=int, help="the process with which it ends")
    wanted = parser.parse_args()
    if wanted.parent is not None:
        end_with(wanted.parent)
    control.STATE.pace = wanted.pace / 1000
    routes = [
        *control.routes,
        *openai_chat.routes,
        *openai_responses.routes,
        *anthropic_messages.routes,
        *vectors.routes,
        *pictures.routes,
        *sound.routes,
        *gemini.routes,
    ]
    app = Starlette(routes=routes, exception_handlers=dict.fromkeys(MISSHAPEN, refusal))
    config = uvicorn.Config(app, wanted.host, wanted.port or 0, log_level="critical", lifespan="off")
    uvicorn.Server(config).run(None if wanted.socket is None else [socket.socket(fileno=wanted.socket)])


if __name__ == "__main__":
    main()
