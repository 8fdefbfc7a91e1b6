from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Response
from mangum import Mangum

from interchange.continuity.seal import Seal
from interchange.edge.buffered import MOST_BYTES, within_limit
from interchange.exchange.http import Answer
from interchange.hub.failure import Failure
from interchange.protocols.openai_chat.server import Server
from interchange.wire import codec

EVENTS = Path(__file__).resolve().parents[2] / "events"


def refuse(failure: Failure) -> Answer:
    status, body = Server(Seal(b"0123456789abcdef")).write_failure(failure)
    return Answer(status, {"content-type": "application/json"}, codec.dumps(body))


def served(size: int, media: str) -> Any:
    app = FastAPI()

    @app.api_route("/{path:path}", methods=["GET", "POST", "PATCH", "PUT", "DELETE"])
    async def answer() -> Response:
        return Response(b"x" * size, media_type=media, headers={"x-interchange-request-id": "r1"})

    return within_limit(Mangum(app, lifespan="off"), refuse)


def events() -> list[Path]:
    found: dict[str, Path] = {}
    for path in sorted(EVENTS.rglob("*.json")):
        event = json.loads(path.read_text())
        event = event.get("event", event)
        if event.get("httpMethod") or event.get("requestContext", {}).get("http"):
            found.setdefault(event.get("version", "1.0"), path)
    return list(found.values())


@pytest.mark.parametrize("path", events(), ids=lambda path: path.stem)
@pytest.mark.parametrize("media", ["application/json", "audio/mpeg"])
def test_an_answer_beyond_the_platforms_limit_is_told(path: Path, media: str) -> None:
    event = json.loads(path.read_text())
    event = event.get("event", event)
    fits = MOST_BYTES if media == "application/json" else MOST_BYTES // 4 * 3
    whole = served(fits, media)(event, None)
    body = base64.b64decode(whole["body"]) if whole["isBase64Encoded"] else whole["body"].encode()
    assert (whole["statusCode"], len(body)) == (200, fits)
    told = served(fits + 1, media)(event, None)
    assert (told["statusCode"], told["isBase64Encoded"]) == (413, False)
    error = json.loads(told["body"])["error"]
    assert error["code"] == "answer_too_large"
    assert str(MOST_BYTES) in error["message"]
    headers = told.get("multiValueHeaders") or {name: [value] for name, value in told["headers"].items()}
    assert headers["x-interchange-request-id"] == ["r1"]
