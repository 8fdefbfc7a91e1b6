"""Files that go ahead of their request: whose they are, how large, how long they stay."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from moto import mock_aws
from starlette.testclient import TestClient

from interchange.api.application import json_family
from interchange.api.uploads import PATHS, uploads
from interchange.exchange.media.transcription import transcripts
from interchange.exchange.services import Stored, UploadStore
from interchange.exchange.uploads import LIFE_SECONDS, MOST_BYTES, MOST_INLINE
from interchange.exchange.uploads_bucket import Bucket
from interchange.hub.media import Upload
from interchange.identity.keys import Limits, digest, write_limits
from interchange.protocols.openai_chat.server import Server as ErrorWriter
from interchange.protocols.openai_media.server.transcriptions import Server
from interchange.wire import codec
from tests.exchange.media.audio_traffic import Heard, ask, audio_world, untouched
from tests.exchange.media.test_transcription import silence
from tests.exchange.world import KEY, SEAL, Says, World

FAMILY = transcripts(Server(), ErrorWriter(SEAL))
BUCKET = "elsewhere"
ASKED = {"filename": "Größe 1.wav", "content_type": "audio/wav", "bytes": len(silence(2.0))}
OTHER = "sk-other-0123456789abcdef0123456789"


@pytest.fixture(name="here")
def _here() -> Iterator[World]:
    with mock_aws():
        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket=BUCKET)
        for made in audio_world():
            made.services = replace(made.services, uploads=Bucket(BUCKET, "us-east-1"))
            yield made


def announce(here: World, body: Any, key: str = KEY) -> tuple[int, Any]:
    app, _ = json_family("uploads", [uploads(here.services)], PATHS, ErrorWriter(SEAL), here.services)
    raw = body if isinstance(body, bytes) else codec.dumps(body)
    sent = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    answer = TestClient(app).post("/v1/uploads/presign", content=raw, headers=sent)
    return answer.status_code, answer.json()


def put(made: Any, data: bytes | None = None) -> None:
    """What a caller's PUT to the URL does."""
    key = urlsplit(made["url"]).path.lstrip("/").removeprefix(f"{BUCKET}/")
    boto3.client("s3", region_name="us-east-1").put_object(
        Bucket=BUCKET, Key=key, Body=silence(2.0) if data is None else data,
        ContentType=made["headers"]["content-type"], Metadata={"name": made["headers"]["x-amz-meta-name"]},
    )  # fmt: skip


def hear(here: World, file_id: str, **headers: str) -> Heard:
    return ask(here, FAMILY, {"model": "whisper", "file_id": file_id}, "/v1/audio/transcriptions", **headers)


def test_the_url_takes_one_file_of_that_length_for_a_while(here: World) -> None:
    status, made = announce(here, ASKED)
    assert status == 200
    query = parse_qs(urlsplit(made["url"]).query)
    assert query["X-Amz-Expires"] == ["900"]
    assert set(query["X-Amz-SignedHeaders"][0].split(";")) >= {"content-length", "content-type", "x-amz-meta-name"}
    assert (made["method"], made["max_bytes"]) == ("PUT", ASKED["bytes"])
    assert made["headers"]["content-length"] == str(ASKED["bytes"])
    assert made["expires_at"] == here.now[0] // 1000 + 900
    untouched(here)


def test_the_file_is_sent_on_under_its_own_name(here: World) -> None:
    _, made = announce(here, ASKED)
    put(made)
    here.script.answers = [Says(chunks=[b'{"text":"hi","usage":{"type":"duration","seconds":2}}'])]
    heard = hear(here, made["file_id"])
    assert (heard.status, heard.json["text"]) == (200, "hi")
    sent = here.script.sent[0].body or b""
    assert 'filename="Größe 1.wav"\r\nContent-Type: audio/wav'.encode() in sent
    assert silence(2.0) in sent and b"whisper-up" in sent and b"file_id" not in sent
    assert here.balance().charged_nano == 200_000


def test_another_account_has_no_such_file(here: World) -> None:
    _, made = announce(here, ASKED)
    put(made)
    here.accounts.create("other", "test", here.now[0])
    here.accounts.credit("other", 10**9, "test", "first", here.now[0])
    here.keys.add(
        digest(OTHER),
        {"key_id": "key_2", "account_id": "other", "status": "active", "name": "k",
         "limits": write_limits(Limits()), "markup": "1", "shards": 1, "created_ms": here.now[0]},
    )  # fmt: skip
    heard = hear(here, made["file_id"], authorization=f"Bearer {OTHER}")
    assert (heard.status, heard.json["error"]["param"], heard.json["error"]["code"]) == (404, "file", "file_not_found")
    untouched(here)


@pytest.mark.parametrize("file_id", ["file-" + "0" * 32, "file-../../x", "nothing", "file-" + "A" * 32])
def test_an_id_that_leads_nowhere(here: World, file_id: str) -> None:
    heard = hear(here, file_id)
    assert heard.status in (400, 404) and heard.json["error"]["param"] == "file"
    untouched(here)


def test_nothing_was_put(here: World) -> None:
    _, made = announce(here, ASKED)
    assert hear(here, made["file_id"]).status == 404


class Shelf:
    """A store with one file of any age."""

    def __init__(self, stored: Stored | ValueError) -> None:
        self.stored = stored

    def presign(self, *_asked: Any) -> Any:
        raise AssertionError

    def get(self, _key: str, _most: int) -> Stored:
        if isinstance(self.stored, ValueError):
            raise self.stored
        return self.stored


def test_a_file_expires(here: World) -> None:
    file = Upload("a.wav", "audio/wav", silence(1.0))
    shelf: UploadStore = Shelf(Stored(file, LIFE_SECONDS + 1))
    here.services = replace(here.services, uploads=shelf)
    assert hear(here, "file-" + "0" * 32).status == 404


def test_a_file_that_is_larger_than_announced(here: World) -> None:
    here.services = replace(here.services, uploads=Shelf(ValueError("too many bytes")))
    heard = hear(here, "file-" + "0" * 32)
    assert (heard.status, heard.json["error"]["param"]) == (413, "file")
    untouched(here)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"filename": ""}, "filename"),
        ({"filename": None}, "filename"),
        ({"filename": "a\nb"}, "filename"),
        ({"filename": "a" * 201}, "filename"),
        ({"filename": "\ud800.mp3"}, "filename"),
        ({"content_type": 5}, "content_type"),
        ({"content_type": "audio/é"}, "content_type"),
        ({"content_type": "sound"}, "content_type"),
        ({"content_type": "audio/wav\r\nx: y"}, "content_type"),
        ({"bytes": 0}, "bytes"),
        ({"bytes": "many"}, "bytes"),
        ({"bytes": True}, "bytes"),
        ({"bytes": MOST_BYTES + 1}, "bytes"),
    ],
)
def test_bad_announcements_name_their_field(here: World, change: Any, field: str) -> None:
    status, error = announce(here, {**ASKED, **change})
    assert (status, error["error"]["param"]) == (400, field)


@pytest.mark.parametrize("kind", ["application/zip", "font/woff2", "model/gltf+json", "application/x-executable"])
def test_what_no_endpoint_takes_by_its_id_is_not_announced(here: World, kind: str) -> None:
    """A 400 says so before the PUT."""
    status, error = announce(here, {**ASKED, "content_type": kind})
    assert (status, error["error"]["param"]) == (400, "content_type")
    assert kind in error["error"]["message"]


@pytest.mark.parametrize(
    "kind", ["application/pdf", "image/png", "text/plain; charset=utf-8", "application/json",
             "application/vnd.openxmlformats-officedocument.wordprocessingml.document"],
)  # fmt: skip
def test_what_a_conversation_takes_may_be_announced(here: World, kind: str) -> None:
    """As large as a request's uploads may be together; sound may be larger."""
    assert announce(here, {**ASKED, "content_type": kind, "bytes": MOST_INLINE})[0] == 200
    status, error = announce(here, {**ASKED, "content_type": kind, "bytes": MOST_INLINE + 1})
    assert (status, error["error"]["param"]) == (400, "bytes")
    assert announce(here, {**ASKED, "bytes": MOST_INLINE + 1})[0] == 200


@pytest.mark.parametrize("kind", ["video/mp4", "AUDIO/FLAC", "application/octet-stream", "audio/ogg; codecs=opus"])
def test_sound_in_any_container_may_be_announced(here: World, kind: str) -> None:
    assert announce(here, {**ASKED, "content_type": kind})[0] == 200


def test_who_may_announce(here: World) -> None:
    assert announce(here, ASKED, key="sk-nobody")[0] == 401
    here.services = replace(here.services, uploads=None)
    assert announce(here, ASKED)[0] == 404


@pytest.mark.parametrize("field", ["prompt", "language", "foo", "\ud800"])
def test_half_of_a_character_pair_names_its_field(here: World, field: str) -> None:
    _, made = announce(here, ASKED)
    put(made)
    asked = {"model": "whisper", "file_id": made["file_id"], field: "\ud800"}
    heard = ask(here, FAMILY, asked, "/v1/audio/transcriptions")
    assert (heard.status, heard.json["error"]["param"]) == (400, field)
    untouched(here)
