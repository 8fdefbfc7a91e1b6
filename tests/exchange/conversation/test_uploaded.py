"""Uploads that a conversation names by their id: every vendor is sent, and every account charged for, what it would be
had the caller sent the content itself."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from interchange.catalog.load import read
from interchange.exchange.conversation.count_tokens import count_tokens
from interchange.exchange.http import Inbound
from interchange.exchange.services import Presigned, Stored
from interchange.exchange.uploads import LIFE_SECONDS, MOST_INLINE
from interchange.hub.media import Upload
from interchange.identity.keys import Limits, digest, write_limits
from interchange.protocols.anthropic_messages.server import Server
from interchange.upstream.call import Outgoing
from interchange.wire import codec
from tests.exchange.world import KEY, SEAL, Says, World, chat_answer, world

ALL = ["text", "image", "document", "audio"]
PRICE = {"input": "2", "output": "10"}
CATALOG = [
    {"id": name, "routes": [{"provider": vendor, "model": f"{name}-up", **more}], "max_output": 1000, "price": PRICE,
     "input": ALL}
    for name, vendor, more in [
        ("gpt", "openai", {"protocol": "openai_responses"}), ("gpt-chat", "openai", {"protocol": "openai_chat"}),
        ("claude", "anthropic", {}), ("gemini", "gemini", {}), ("grok", "xai", {"protocol": "openai_responses"}),
    ]
]  # fmt: skip
MODELS = [str(model["id"]) for model in CATALOG]
PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
WAV = b"RIFF\x2c\x00\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00"
FILES = {
    "pdf": Upload("report.pdf", "application/pdf", PDF),
    "png": Upload("photo.png", "image/png", PNG),
    "mislabelled": Upload("photo.jpg", "image/jpg", PNG),
    "bytes": Upload("report.pdf", "application/octet-stream", PDF),
    "text": Upload("notes.txt", "text/plain; charset=utf-8", "Grüße".encode()),
    "wav": Upload("talk.wav", "audio/x-wav", WAV),
    "film": Upload("film.mp4", "video/mp4", b"\x00\x00\x00\x18ftypmp42"),
}
IDS = {name: f"file-{number:032x}" for number, name in enumerate(FILES, 1)}
OTHER = "sk-other-0123456789abcdef0123456789"


class Shelf:
    """A store of one account's files."""

    def __init__(self) -> None:
        self.kept = {f"uploads/acc/{IDS[name]}": Stored(file, 10.0) for name, file in FILES.items()}

    def presign(self, *_asked: Any) -> Presigned:
        raise AssertionError

    def get(self, key: str, most: int) -> Stored | None:
        found = self.kept.get(key)
        if found is not None and len(found.file.data) > most:
            raise ValueError("too many bytes")
        return found


def answered(asked: Outgoing) -> Says:
    """Each vendor's plain answer, of ten tokens of input and five of output."""
    if asked.url.endswith("/messages"):
        told: Any = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-up",
                     "content": [{"type": "text", "text": "hello"}], "stop_reason": "end_turn", "stop_sequence": None,
                     "usage": {"input_tokens": 10, "output_tokens": 5}}  # fmt: skip
    elif asked.url.endswith(":generateContent"):
        told = {"candidates": [{"content": {"role": "model", "parts": [{"text": "hello"}]}, "finishReason": "STOP"}],
                "usageMetadata": {"promptTokenCount": 10, "candidatesTokenCount": 5}}  # fmt: skip
    elif asked.url.endswith("/responses"):
        said = {"type": "output_text", "text": "hello", "annotations": []}
        told = {"id": f"resp_{len(asked.body or b'')}", "object": "response", "status": "completed", "model": "up",
                "output": [{"id": "msg_1", "type": "message", "role": "assistant", "status": "completed",
                            "content": [said]}],
                "usage": {"input_tokens": 10, "output_tokens": 5, "total_tokens": 15}}  # fmt: skip
    else:
        return Says(chunks=[chat_answer()])
    return Says(chunks=[codec.dumps(told)])


@pytest.fixture
def here() -> Iterator[World]:
    with world("100") as made:
        made.script.default = answered
        made.services = replace(made.services, catalog=read(CATALOG), uploads=Shelf())
        yield made


def b64(name: str) -> str:
    return base64.b64encode(FILES[name].data).decode()


def body(family: str, model: str, *parts: dict[str, Any]) -> dict[str, Any]:
    said = {"chat": {"type": "text", "text": "what is it?"}, "responses": {"type": "input_text", "text": "what is it?"},
            "messages": {"type": "text", "text": "what is it?"}}[family]  # fmt: skip
    turn = [{"role": "user", "content": [*parts, said]}]
    limit = {"max_tokens": 100} if family == "messages" else {}
    return {"model": model, **({"input": turn} if family == "responses" else {"messages": turn}), **limit}


BY_ID: dict[tuple[str, str], tuple[dict[str, Any], dict[str, Any]]] = {
    ("chat", "pdf"): (
        {"type": "file", "file": {"file_id": IDS["pdf"]}},
        {"type": "file", "file": {"filename": "report.pdf", "file_data": f"data:application/pdf;base64,{b64('pdf')}"}},
    ),
    ("chat", "png"): (
        {"type": "file", "file": {"file_id": IDS["png"]}},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{b64('png')}"}},
    ),
    ("chat", "detailed"): (
        {"type": "image_url", "image_url": {"file_id": IDS["mislabelled"], "detail": "low"}},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{b64('png')}", "detail": "low"}},
    ),
    ("responses", "pdf"): (
        {"type": "input_file", "file_id": IDS["pdf"], "filename": "mine.pdf"},
        {"type": "input_file", "filename": "mine.pdf", "file_data": f"data:application/pdf;base64,{b64('pdf')}"},
    ),
    ("responses", "bytes"): (
        {"type": "input_file", "file_id": IDS["bytes"]},
        {"type": "input_file", "filename": "report.pdf", "file_data": f"data:application/pdf;base64,{b64('pdf')}"},
    ),
    ("responses", "png"): (
        {"type": "input_image", "file_id": IDS["png"], "detail": "high"},
        {"type": "input_image", "image_url": f"data:image/png;base64,{b64('png')}", "detail": "high"},
    ),
    ("responses", "png as a file"): (
        {"type": "input_file", "file_id": IDS["png"]},
        {"type": "input_image", "image_url": f"data:image/png;base64,{b64('png')}", "detail": "auto"},
    ),
    ("messages", "pdf"): (
        {"type": "document", "title": "T", "source": {"type": "file", "file_id": IDS["pdf"]},
         "cache_control": {"type": "ephemeral"}},
        {"type": "document", "title": "T",
         "source": {"type": "base64", "media_type": "application/pdf", "data": b64("pdf")},
         "cache_control": {"type": "ephemeral"}},
    ),
    ("messages", "png"): (
        {"type": "image", "source": {"type": "file", "file_id": IDS["png"]}},
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": b64("png")}},
    ),
    ("messages", "png as a document"): (
        {"type": "document", "title": "T", "source": {"type": "file", "file_id": IDS["png"]}},
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": b64("png")}},
    ),
    ("messages", "text"): (
        {"type": "document", "source": {"type": "file", "file_id": IDS["text"]}},
        {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "Grüße"}},
    ),
}  # fmt: skip
"""(family, name) -> a part that names an upload, and the same with the content."""


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("case", BY_ID, ids="-".join)
def test_an_id_is_as_good_as_the_content(here: World, case: tuple[str, str], model: str) -> None:
    by_id, inline = BY_ID[case]
    seen: list[tuple[Any, int]] = []
    for part in (inline, by_id):
        before = here.balance().charged_nano
        status, told, _ = asyncio.run(here.whole(case[0], body(case[0], model, part)))
        assert status == 200, told
        seen.append((here.script.bodies[-1], here.balance().charged_nano - before))
        assert here.balance().held_nano == 0
    assert seen[0] == seen[1]
    assert seen[0][1] > 0
    assert b"file-0" not in (here.script.sent[-1].body or b"")


def test_sound_by_its_id_is_heard_in_chat(here: World) -> None:
    """By a model that hears, on every lane."""
    for model, part in (("gpt-chat", {"type": "input_audio", "input_audio": {"file_id": IDS["wav"]}}),
                        ("gemini", {"type": "file", "file": {"file_id": IDS["wav"]}})):  # fmt: skip
        status, told, _ = asyncio.run(here.whole("chat", body("chat", model, part)))
        assert status == 200, told
        assert b64("wav") in (here.script.sent[-1].body or b"").decode()
    content = here.script.bodies[0]["messages"][0]["content"]
    assert content[0] == {"type": "input_audio", "input_audio": {"data": b64("wav"), "format": "wav"}}


def part_of(family: str, file_id: str) -> dict[str, Any]:
    parts: dict[str, dict[str, Any]] = {
        "chat": {"type": "file", "file": {"file_id": file_id}},
        "responses": {"type": "input_file", "file_id": file_id},
        "messages": {"type": "document", "source": {"type": "file", "file_id": file_id}},
    }
    return parts[family]


PLACES = {
    "chat": "messages[0].content[0].file.file_id",
    "responses": "input[0].content[0].file_id",
    "messages": "messages[0].content[0].source.file_id",
}


def refused(here: World, family: str, asked: dict[str, Any], **options: Any) -> tuple[int, str]:
    status, told, _ = asyncio.run(here.whole(family, asked, **options))
    assert not here.script.sent
    assert (here.balance().charged_nano, here.balance().held_nano) == (0, 0)
    return status, told["error"]["message"]


@pytest.mark.parametrize("family", PLACES)
def test_an_upload_is_its_accounts_alone(here: World, family: str) -> None:
    here.accounts.create("other", "test", here.now[0])
    here.accounts.credit("other", 10**12, "test", "first", here.now[0])
    here.keys.add(
        digest(OTHER),
        {"key_id": "key_2", "account_id": "other", "status": "active", "name": "k",
         "limits": write_limits(Limits()), "markup": "1", "shards": 1, "created_ms": here.now[0]},
    )  # fmt: skip
    status, said = refused(here, family, body(family, "gpt", part_of(family, IDS["pdf"])), key=OTHER)
    assert status == 404 and said.startswith(PLACES[family])


@pytest.mark.parametrize("family", PLACES)
def test_an_id_that_leads_nowhere_names_its_field(here: World, family: str) -> None:
    status, said = refused(here, family, body(family, "claude", part_of(family, "file-" + "f" * 32)))
    assert status == 404 and said.startswith(PLACES[family])


@pytest.mark.parametrize("family", PLACES)
def test_a_vendors_id_is_refused_and_told_of_uploads(here: World, family: str) -> None:
    status, said = refused(here, family, body(family, "gpt", part_of(family, "file-6F2ksmvXxt4VdoqmHRw6kL")))
    assert status == 400 and said.startswith(PLACES[family]) and "/v1/uploads/presign" in said


@pytest.mark.parametrize("family", PLACES)
def test_an_upload_expires(here: World, family: str) -> None:
    shelf: Any = here.services.uploads
    shelf.kept = {key: replace(one, age=LIFE_SECONDS + 1.0) for key, one in shelf.kept.items()}
    assert refused(here, family, body(family, "gpt", part_of(family, IDS["pdf"])))[0] == 404


@pytest.mark.parametrize("family", PLACES)
def test_the_uploads_of_a_request_have_a_size_together(here: World, family: str) -> None:
    shelf: Any = here.services.uploads
    half = Upload("half.pdf", "application/pdf", PDF + b" " * (MOST_INLINE // 2))
    shelf.kept |= {f"uploads/acc/file-{number:032x}": Stored(half, 1.0) for number in (101, 102)}
    parts = [part_of(family, f"file-{number:032x}") for number in (101, 102)]
    status, said = refused(here, family, body(family, "claude", *parts))
    assert status == 413 and str(MOST_INLINE) in said


def test_uploads_of_a_request_are_counted(here: World) -> None:
    shelf: Any = here.services.uploads
    ids = [f"file-{number:032x}" for number in range(200, 217)]
    shelf.kept |= {f"uploads/acc/{one}": Stored(FILES["png"], 1.0) for one in ids}
    status, said = refused(here, "chat", body("chat", "claude", *(part_of("chat", one) for one in ids)))
    assert status == 400 and said.startswith("messages[0].content[16].file.file_id")


@pytest.mark.parametrize(("family", "name"), [("messages", "wav"), ("chat", "film"), ("responses", "film")])
def test_what_the_protocol_has_no_part_for_is_refused_by_its_field(here: World, family: str, name: str) -> None:
    status, said = refused(here, family, body(family, "gemini", part_of(family, IDS[name])))
    assert status == 400 and said.startswith(PLACES[family])


@pytest.mark.parametrize(
    ("family", "more"),
    [
        ("messages", {"messages": [{"role": "user", "content": [
            {"type": "container_upload", "file_id": IDS["pdf"]}]}]}),
        ("responses", {"tools": [{"type": "code_interpreter",
                                  "container": {"type": "auto", "file_ids": [IDS["pdf"]]}}]}),
    ],
)  # fmt: skip
def test_a_vendors_container_takes_no_upload(here: World, family: str, more: dict[str, Any]) -> None:
    """Nothing can be put there inline."""
    assert refused(here, family, {**body(family, "claude" if family == "messages" else "gpt"), **more})[0] == 400


def test_an_empty_balance_reads_no_further(here: World) -> None:
    here.accounts.credit("acc", -100 * 10**9, "test", "gone", here.now[0])
    status, told, _ = asyncio.run(here.whole("chat", body("chat", "claude", part_of("chat", IDS["pdf"]))))
    assert status == 402, told
    assert not here.script.sent


@pytest.mark.parametrize("model", ["gpt", "claude"])
def test_a_kept_answer_goes_on_with_its_upload(here: World, model: str) -> None:
    """The store holds the id; the next turn has the file again."""
    asked = body("responses", model, part_of("responses", IDS["pdf"]))
    status, first, _ = asyncio.run(here.whole("responses", asked))
    assert status == 200, first
    more = {"model": model, "input": "and now?", "previous_response_id": first["id"]}
    status, told, _ = asyncio.run(here.whole("responses", more))
    assert status == 200, told
    assert b64("pdf") in (here.script.sent[-1].body or b"").decode()


def test_a_thread_goes_on_with_its_upload(here: World) -> None:
    asked = {**body("messages", "claude", part_of("messages", IDS["pdf"])), "thread": {"type": "create"}}
    status, first, _ = asyncio.run(here.whole("messages", asked))
    assert status == 200, first
    more = {"model": "claude", "max_tokens": 10, "messages": [{"role": "user", "content": "and now?"}],
            "thread": {"type": "continue", "previous_message_id": first["id"]}}  # fmt: skip
    status, told, _ = asyncio.run(here.whole("messages", more))
    assert status == 200, told
    assert b64("pdf") in (here.script.sent[-1].body or b"").decode()


def test_tokens_of_an_upload_are_counted(here: World) -> None:
    here.script.default = None
    server = Server(SEAL)
    counts = []
    for part in BY_ID["messages", "pdf"]:
        asked = codec.dumps(body("messages", "gpt", part))

        async def run(raw: bytes = asked) -> Any:
            deadline = asyncio.get_running_loop().time() + 30
            headers = {"x-api-key": KEY, "content-type": "application/json"}
            answer = await count_tokens(
                here.services, server, Inbound("POST", "/v1/messages/count_tokens", headers, raw, deadline)
            )
            assert answer.status == 200 and isinstance(answer.body, bytes)
            return codec.loads(answer.body)

        counts.append(asyncio.run(run()))
    assert counts[0] == counts[1]
