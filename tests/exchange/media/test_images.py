"""Images against providers that say what a test tells them to."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from openai.types import ImageEditCompletedEvent, ImageGenCompletedEvent, ImageGenPartialImageEvent, ImagesResponse

from interchange.catalog.load import read
from interchange.exchange.http import Answer, Inbound
from interchange.exchange.media.family import serve_media
from interchange.exchange.media.images import images
from interchange.hub.media import Upload
from interchange.protocols.openai_chat.server import Server as ErrorWriter
from interchange.protocols.openai_media.multipart import write_form
from interchange.protocols.openai_media.server.images import Server
from interchange.wire import codec
from tests.exchange.world import KEY, SEAL, Says, World, world

CATALOG = [
    {"id": "drawn", "kind": "image", "routes": [{"provider": "openai", "model": "img-up"}], "input": ["text", "image"],
     "price": {"input": "5", "input_image": "10", "output_image": "40"}},
    {"id": "grok-drawn", "kind": "image", "routes": [{"provider": "xai", "model": "grok-up"}],
     "price": {"per_image": {"default": "0.02", "1024x1536": "0.07", "hd": "0.05"}}},
    {"id": "gem-drawn", "kind": "image", "routes": [{"provider": "gemini", "model": "gem-up"}], "max_output": 8192,
     "price": {"input": "0.3", "output": "2.5", "output_image": "30"}, "traits": {"image_sizes": ["2K"]}},
    {"id": "gpt", "routes": [{"provider": "openai", "model": "gpt-up"}], "price": {"input": "1"}},
]  # fmt: skip
SPEAKER = ErrorWriter(SEAL)
MADE = images(Server(), SPEAKER)
EDITED = images(Server(edit=True), SPEAKER)
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
PICTURED = {"content": {"parts": [{"inlineData": {"mimeType": "image/png", "data": "aGk="}}]}}
USAGE = {"input_tokens": 14, "input_tokens_details": {"image_tokens": 4, "text_tokens": 10}, "output_tokens": 272,
         "output_tokens_details": {"image_tokens": 272, "text_tokens": 0}, "total_tokens": 286}  # fmt: skip
DRAWN = codec.dumps(
    {"created": 9, "background": "opaque", "new": None, "data": [{"b64_json": "aGk="}], "output_format": "png",
     "quality": "low", "size": "1024x1024", "usage": USAGE}
)  # fmt: skip


URL = f"data:image/png;base64,{base64.b64encode(PNG).decode()}"


@pytest.fixture
def here() -> Iterator[World]:
    with world() as made:
        made.services = replace(made.services, catalog=read(CATALOG))
        yield made


def ask(
    here: World, body: Any, *, edit: bool = False, content_type: str = "application/json", coding: str = ""
) -> tuple[int, bytes]:
    async def run() -> tuple[int, bytes]:
        raw = body if isinstance(body, bytes) else codec.dumps(body)
        sent = {"authorization": f"Bearer {KEY}", "content-type": content_type, "content-encoding": coding}
        deadline = asyncio.get_running_loop().time() + 30
        inbound = Inbound("POST", "/v1/images", sent, raw, deadline)
        answer: Answer = await serve_media(here.services, EDITED if edit else MADE, inbound)
        if isinstance(answer.body, bytes):
            return answer.status, answer.body
        return answer.status, b"".join([chunk async for chunk in answer.body])

    return asyncio.run(run())


def form(model: str, *files: tuple[str, Upload], **fields: Any) -> dict[str, Any]:
    raw, content_type = write_form({"model": model, "prompt": "blue", **fields}, files)
    return {"body": raw, "content_type": content_type, "edit": True}


def image(name: str = "a.png", data: bytes = PNG, kind: str = "image/png") -> Upload:
    return Upload(name, kind, data)


def events(raw: bytes) -> list[dict[str, Any]]:
    lines = [line[6:] for line in raw.decode().splitlines() if line.startswith("data: {")]
    return [codec.loads(line) for line in lines]


def untouched(here: World) -> None:
    assert here.script.sent == []
    assert (here.balance().held_nano, here.balance().charged_nano) == (0, 0)


def test_an_openai_picture_comes_back_byte_for_byte_and_costs_its_tokens_once(here: World) -> None:
    here.script.answers = [Says(chunks=[DRAWN])]
    status, raw = ask(here, b'{"model":"drawn",  "prompt":"x", "weird": null}')
    assert (status, raw) == (200, DRAWN)
    assert here.script.sent[0].url.endswith("/images/generations")
    assert here.script.sent[0].body == b'{"model":"img-up",  "prompt":"x", "weird": null}'
    assert here.balance().charged_nano == (10 * 5 + 4 * 10 + 272 * 40) * 1000
    assert here.rows()[0].family == "images"


def test_I11_the_reported_unit_is_billed_once(here: World) -> None:
    """Image output at the picture's rate, input not forgotten, never by token and by picture."""
    gem = {"usageMetadata": {"promptTokenCount": 8, "candidatesTokenCount": 1290, "totalTokenCount": 1298,
                             "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1290}]},
           "candidates": [PICTURED]}  # fmt: skip
    here.script.answers = [Says(chunks=[codec.dumps(gem)])]
    status, raw = ask(here, {"model": "gem-drawn", "prompt": "x"})
    assert status == 200
    answer = ImagesResponse.model_validate(codec.loads(raw), strict=True)
    assert answer.data is not None
    assert answer.data[0].b64_json == "aGk="
    assert here.balance().charged_nano == 8 * 300 + 1290 * 30_000


@pytest.mark.parametrize(
    ("asked", "usd"),
    [({}, "0.04"), ({"size": "1024x1536"}, "0.14"), ({"size": "1024x1024", "quality": "hd"}, "0.1")],
)
def test_pictures_priced_by_size_and_quality(here: World, asked: dict[str, str], usd: str) -> None:
    here.script.answers = [Says(chunks=[b'{"data":[{"url":"https://a/1"},{"url":"https://a/2"}]}'])]
    status, raw = ask(here, {"model": "grok-drawn", "prompt": "x", "n": 2, **asked})
    assert (status, len(codec.loads(raw)["data"])) == (200, 2)
    assert here.balance().charged_nano == Decimal(usd) * 10**9 == here.rows()[0].hold_nano


def test_edits_reach_the_provider_with_their_files_untouched(here: World) -> None:
    here.script.answers = [Says(chunks=[DRAWN])]
    files = (
        ("image[]", image()),
        ("image[]", image("b\u00e9.webp", b"\r\n--odd", "image/webp")),
        ("mask", image("m.png")),
    )
    asked = form("drawn", *files, n=1)
    status, _ = ask(here, **asked)
    sent = here.script.sent[0]
    assert status == 200
    assert sent.url.endswith("/images/edits")
    assert sent.body == asked["body"].replace(b"\r\n\r\ndrawn\r\n", b"\r\n\r\nimg-up\r\n")
    assert sent.headers["content-type"] == asked["content_type"]


def test_edits_for_a_vendor_that_takes_json(here: World) -> None:
    here.script.answers = [Says(chunks=[b'{"data":[{"url":"https://a/1","mime_type":"image/jpeg"}]}'])]
    status, raw = ask(here, **form("grok-drawn", ("image", image()), size="1536x1024", quality="high"))
    assert (status, codec.loads(raw)["data"]) == (200, [{"url": "https://a/1"}])
    assert here.script.bodies[0] == {
        "model": "grok-up", "prompt": "blue", "aspect_ratio": "3:2",
        "image": {"type": "image_url", "url": f"data:image/png;base64,{base64.b64encode(PNG).decode()}"},
    }  # fmt: skip


def test_edits_for_gemini(here: World) -> None:
    draft = {"thought": True, "inlineData": {"data": "ZHJhZnQ="}}
    gem = {"candidates": [{"content": {"parts": [draft, *PICTURED["content"]["parts"]]}}]}
    here.script.answers = [Says(chunks=[codec.dumps(gem)])]
    _, raw = ask(here, **form("gem-drawn", ("image", image()), size="1792x1024", response_format="url"))
    assert codec.loads(raw)["data"] == [{"url": "data:image/png;base64,aGk="}]
    body = here.script.bodies[0]
    assert [list(part) for part in body["contents"][0]["parts"]] == [["text"], ["inlineData"]]
    assert body["generationConfig"]["imageConfig"] == {"aspectRatio": "16:9", "imageSize": "2K"}


def test_a_refused_picture_costs_nothing_and_says_why(here: World) -> None:
    here.script.answers = [Says(chunks=[b'{"candidates":[{"finishReason":"IMAGE_SAFETY"}]}'])]
    status, raw = ask(here, {"model": "gem-drawn", "prompt": "x"})
    assert (status, codec.loads(raw)["error"]["code"]) == (400, "moderation_blocked")
    assert "IMAGE_SAFETY" in codec.loads(raw)["error"]["message"]
    assert (here.balance().held_nano, here.balance().charged_nano) == (0, 0)


def test_a_stream_of_previews_is_carried_and_charged(here: World) -> None:
    facts = {"background": "opaque", "output_format": "png", "quality": "low", "size": "1024x1024", "created_at": 1}
    one = {"type": "image_generation.partial_image", "b64_json": "aQ==", "partial_image_index": 0, **facts}
    two = {"type": "image_generation.completed", "b64_json": "aGk=", "usage": USAGE, **facts}
    raw = b"".join(b"event: " + e["type"].encode() + b"\ndata: " + codec.dumps(e) + b"\n\n" for e in (one, two))  # type: ignore[attr-defined]
    here.script.answers = [Says(chunks=[raw[:50], raw[50:]])]
    status, got = ask(here, {"model": "drawn", "prompt": "x", "stream": True, "partial_images": 1})
    assert (status, got) == (200, raw)
    assert here.balance().charged_nano == (10 * 5 + 4 * 10 + 272 * 40) * 1000


def test_a_vendor_without_streams_gives_the_events_of_one(here: World) -> None:
    here.script.answers = [Says(chunks=[b'{"data":[{"b64_json":"aGk="}]}'])]
    _, raw = ask(here, {"model": "grok-drawn", "prompt": "x", "stream": True})
    (event,) = events(raw)
    ImageGenCompletedEvent.model_validate(event, strict=True)
    here.script.answers = [Says(chunks=[b'{"data":[{"b64_json":"aGk="}]}'])]
    _, raw = ask(here, **form("grok-drawn", ("image", image()), stream="true"))
    ImageEditCompletedEvent.model_validate(events(raw)[0], strict=True)
    assert here.balance().charged_nano == 40_000_000


def test_our_own_events_are_the_sdks(here: World) -> None:
    from interchange.hub.media import ImageRequest, Picture, Preview
    from interchange.protocols.faces import Envelope

    writer = Server().write_stream(ImageRequest("x"), Envelope("r", 5, "drawn"))
    (event,) = events(writer.write(Preview(Picture("aGk="), 2)))
    ImageGenPartialImageEvent.model_validate(event, strict=True)


def test_a_stream_that_breaks_off_is_an_error_and_is_told(here: World) -> None:
    one = b'data: {"type":"image_generation.partial_image","b64_json":"aQ==","partial_image_index":0}\n\n'
    here.script.answers = [Says(chunks=[one])]
    status, raw = ask(here, {"model": "drawn", "prompt": "x", "stream": True, "partial_images": 1})
    assert status == 200
    assert raw.startswith(one)
    assert b"error" in raw
    assert here.rows()[0].outcome == "truncated"
    assert here.balance().held_nano == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"model": "drawn"}, "prompt"),
        ({"model": "drawn", "prompt": " "}, "prompt"),
        ({"model": "drawn", "prompt": "x", "n": 0}, "n"),
        ({"model": "drawn", "prompt": "x", "n": "2"}, "n"),
        ({"model": "drawn", "prompt": "x", "n": 11}, "n"),
        ({"model": "drawn", "prompt": "x", "stream": "yes"}, "stream"),
        ({"model": "drawn", "prompt": "x", "partial_images": 4}, "partial_images"),
        ({"model": "drawn", "prompt": "x", "size": 5}, "size"),
        ({"model": "drawn", "prompt": "x", "response_format": "gif"}, "response_format"),
        ({"model": "gem-drawn", "prompt": "x", "n": 2}, "n"),
        ({"model": "gem-drawn", "prompt": "x", "size": "big"}, "size"),
        ({"model": "gem-drawn", "prompt": "x", "size": "4096x4096"}, "size"),
        ({"model": "gem-drawn", "prompt": "x", "size": "1000x100"}, "size"),
        ({"model": "gem-drawn", "prompt": "x", "background": "transparent"}, "background"),
        ({"model": "gem-drawn", "prompt": "x", "output_format": "webp"}, "output_format"),
        ({"model": "grok-drawn", "prompt": "x", "size": "1x9"}, "size"),
        ({"model": "grok-drawn", "prompt": "x", "size": "\u00b2x\u00b2"}, "size"),
        ({"model": "gem-drawn", "prompt": "x", "size": "\u00b2x\u00b2"}, "size"),
        ({"model": "gpt", "prompt": "x"}, "model"),
    ],
)
def test_bad_input_names_its_field(here: World, body: Any, field: str) -> None:
    status, raw = ask(here, body)
    assert (status, codec.loads(raw)["error"]["param"]) == (400, field)
    untouched(here)


@pytest.mark.parametrize("size", ["\u00b2x\u00b2", f"{'9' * 5000}x1", f"{'9' * 400}x1"])
def test_a_size_that_is_no_number_is_the_vendors_to_refuse(here: World, size: str) -> None:
    here.script.answers = [Says(400, chunks=[b'{"error": {"message": "no such size", "param": "size"}}'])]
    status, _ = ask(here, {"model": "drawn", "prompt": "x", "size": size})
    assert status == 400
    assert here.balance().held_nano == 0


def test_a_number_of_a_form_that_is_none_names_its_field(here: World) -> None:
    for text in ("\u00b2", "9" * 5000, "1.0", "", "--1"):
        status, raw = ask(here, **form("drawn", ("image", image()), n=text))
        assert (status, codec.loads(raw)["error"]["param"]) == (400, "n")


@pytest.mark.parametrize(
    ("files", "field"),
    [
        ((), "image"),
        ((("image", image(data=b"")),), "image"),
        ((("image", image("a.pdf", b"%PDF", "application/pdf")),), "image"),
        (tuple(("image[]", image()) for _ in range(17)), "image"),
    ],
)
def test_bad_files_are_named(here: World, files: Any, field: str) -> None:
    status, raw = ask(here, **form("drawn", *files))
    assert (status, codec.loads(raw)["error"]["param"]) == (400, field)
    untouched(here)


def test_forms_that_are_no_forms(here: World) -> None:
    whole = form("drawn", ("image", image()))
    for body, kind in (
        (whole["body"][:-20], whole["content_type"]),
        (whole["body"], "multipart/form-data"),
        (b"", whole["content_type"]),
        (b"junk", "multipart/form-data; boundary=x"),
        (b"junk", f"multipart/form-data; boundary={'x' * 5000}"),
    ):
        assert ask(here, body, edit=True, content_type=kind)[0] == 400
    assert ask(here, b"x", edit=True, content_type="text/plain")[0] == 415
    assert ask(here, **whole, coding="gzip")[0] == 415
    untouched(here)


def test_one_field_in_both_spellings_is_a_list(here: World) -> None:
    raw, kind = write_form({"model": "drawn", "prompt": "x"}, [("image", image())])
    mark = raw[: raw.index(b"\r\n")]
    more = mark + b'\r\nContent-Disposition: form-data; name="prompt[]"\r\n\r\ny\r\n' + mark + b"--\r\n"
    status, said = ask(here, raw.removesuffix(mark + b"--\r\n") + more, edit=True, content_type=kind)
    assert (status, codec.loads(said)["error"]["param"]) == (400, "prompt")


def test_a_forms_media_type_is_read_in_any_case(here: World) -> None:
    whole = form("drawn", ("image", image()))
    kind = whole["content_type"].replace("multipart/form-data; boundary", "Multipart/Form-Data; Boundary")
    here.script.answers = [Says(chunks=[DRAWN])]
    assert ask(here, whole["body"], edit=True, content_type=kind)[0] == 200
    assert here.script.sent[0].body == whole["body"].replace(b"drawn", b"img-up")


@pytest.mark.parametrize("title", ["фото кота.png", '猫 "x".png', "naïve.png"])
def test_a_file_may_be_named_in_any_script(here: World, title: str) -> None:
    here.script.answers = [Says(chunks=[DRAWN])]
    asked = form("drawn", ("image", image(title)))
    assert ask(here, **asked)[0] == 200
    assert f'filename="{title}"'.replace('"x"', "%22x%22").encode() in (here.script.sent[0].body or b"")


def test_a_name_that_is_written_as_in_mail_is_a_name(here: World) -> None:
    whole = form("drawn", ("image", image("a.png")))
    mail = whole["body"].replace(b'filename="a.png"', b"filename*=UTF-8''%D0%BA.png")
    here.script.answers = [Says(chunks=[DRAWN])]
    assert ask(here, mail, edit=True, content_type=whole["content_type"])[0] == 200


@pytest.mark.parametrize("kind", ["", "application/octet-stream"])
def test_a_picture_without_a_type_is_known_by_its_first_bytes(here: World, kind: str) -> None:
    here.script.answers = [Says(chunks=[b'{"data":[{"b64_json":"eA=="}]}'])]
    assert ask(here, **form("grok-drawn", ("image", image("upload", kind=kind))))[0] == 200
    assert b"data:image/png;base64," in (here.script.sent[0].body or b"")


@pytest.mark.parametrize("mask", [URL, {"image_url": URL}])
@pytest.mark.parametrize("model", ["grok-drawn", "gem-drawn"])
def test_a_mask_in_json_is_never_left_out_quietly(here: World, model: str, mask: Any) -> None:
    status, raw = ask(here, {"model": model, "prompt": "x", "images": [URL], "mask": mask}, edit=True)
    assert (status, codec.loads(raw)["error"]["param"]) == (400, "mask")
    untouched(here)


@pytest.mark.parametrize(
    "mask", [5, "x", "https://example.com/a.png", {"file_id": "file-1"}, "data:text/plain;base64,eA=="]
)
def test_a_mask_that_is_no_picture_is_named(here: World, mask: Any) -> None:
    status, raw = ask(here, {"model": "drawn", "prompt": "x", "images": [URL], "mask": mask}, edit=True)
    assert (status, codec.loads(raw)["error"]["param"]) == (400, "mask")
    untouched(here)


def test_a_masks_file_is_one_picture(here: World) -> None:
    for files, fields in (
        ((("mask", image("m.pdf", b"%PDF", "application/pdf")),), {}),
        ((("mask", image(data=b"")),), {}),
        ((("mask", image()), ("mask", image())), {}),
        ((), {"mask": "hello"}),
    ):
        status, raw = ask(here, **form("drawn", ("image", image()), *files, **fields))
        assert (status, codec.loads(raw)["error"]["param"]) == (400, "mask")


def test_a_json_edit_goes_out_in_the_vendors_own_words(here: World) -> None:
    here.script.answers = [Says(chunks=[DRAWN])] * 2
    assert ask(here, {"model": "drawn", "prompt": "x", "image": URL, "mask": URL, "odd": 1}, edit=True)[0] == 200
    sent = here.script.bodies[0]
    assert sent == {
        "model": "img-up", "prompt": "x", "mask": {"image_url": URL}, "odd": 1, "images": [{"image_url": URL}]
    }  # fmt: skip
    own = codec.dumps({"model": "drawn", "images": [{"image_url": URL}], "prompt": "x", "mask": {"image_url": URL}})
    assert ask(here, own, edit=True)[0] == 200
    assert here.script.sent[1].body == own.replace(b'"drawn"', b'"img-up"')


def test_pictures_for_a_generation_are_no_secret_loss(here: World) -> None:
    whole = form("drawn", ("image", image()))
    status, raw = ask(here, whole["body"], content_type=whole["content_type"])
    assert (status, codec.loads(raw)["error"]["param"]) == (400, "image")
    here.script.answers = [Says(chunks=[b'{"data":[{"b64_json":"eA=="}]}'])]
    status, _ = ask(here, {"model": "grok-drawn", "prompt": "x", "image": URL})
    assert status == 200
    assert "image" in here.rows()[0].dropped


def test_a_stream_of_a_vendor_that_likes_urls_has_the_bytes(here: World) -> None:
    here.script.answers = [Says(chunks=[b'{"data":[{"b64_json":"aGk="}]}'])]
    _, raw = ask(here, {"model": "grok-drawn", "prompt": "x", "stream": True})
    assert here.script.bodies[0]["response_format"] == "b64_json"
    assert ImageGenCompletedEvent.model_validate(events(raw)[0]).b64_json == "aGk="


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"output_format": "svg", "svg": {"model": "gpt-6-astra"}}, "svg"),
        ({"output_format": "gif", "frame_count": 17}, "frame_count"),
        ({"output_format": "gif", "frame_count": "many"}, "frame_count"),
    ],
)
def test_what_would_be_made_beyond_the_price_of_a_picture_names_its_field(
    here: World, asked: dict[str, Any], field: str
) -> None:
    status, raw = ask(here, {"model": "drawn", "prompt": "x", **asked})
    assert (status, codec.loads(raw)["error"]["param"]) == (400, field)
    untouched(here)


def test_the_frames_of_a_moving_picture_reach_the_vendor_and_its_price(here: World) -> None:
    """Sixteen frames in one picture, which nobody counted."""
    here.script.default = lambda _: Says(chunks=[b'{"data":[{"b64_json":"aGk="}]}'])
    body = {"model": "drawn", "prompt": "x", "size": "1024x1024", "quality": "low", "output_format": "gif"}
    assert ask(here, {**body, "frame_count": 16})[0] == 200
    assert here.script.bodies[0]["frame_count"] == 16
    (row,) = here.rows()
    assert row.usage.output_image == 16 * 411
    assert row.charge_nano <= row.hold_nano
