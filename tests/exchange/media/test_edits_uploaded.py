"""Pictures of an edit that went ahead of it: named by their id, in JSON and in a form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from interchange.catalog.load import read
from interchange.exchange.media.multipart import reread
from interchange.exchange.services import Presigned, Stored
from interchange.exchange.uploads import MOST_INLINE
from interchange.hub.media import Upload
from interchange.wire import codec
from tests.exchange.media.test_images import CATALOG, DRAWN, PNG, URL, ask, form, untouched
from tests.exchange.world import Says, World, world

ID, MASK, GONE, LARGE = (f"file-{number:032x}" for number in (1, 2, 3, 4))


class Shelf:
    """A store of one account's files."""

    def presign(self, *_asked: Any) -> Presigned:
        raise AssertionError

    def get(self, key: str, _most: int) -> Stored | None:
        files = {
            ID: Upload("a.png", "application/octet-stream", PNG),
            MASK: Upload("m.png", "image/png", PNG),
            LARGE: Upload("l.png", "image/png", PNG + b" " * MOST_INLINE),
        }
        found = files.get(key.removeprefix("uploads/acc/"))
        return None if found is None else Stored(found, 1.0)


@pytest.fixture
def here() -> Iterator[World]:
    with world() as made:
        made.services = replace(made.services, catalog=read(CATALOG), uploads=Shelf())
        yield made


@pytest.mark.parametrize("model", ["drawn", "grok-drawn", "gem-drawn"])
@pytest.mark.parametrize(
    ("by_id", "inline"),
    [
        ({"images": [{"file_id": ID}], "mask": {"file_id": MASK}},
         {"images": [{"image_url": URL}], "mask": {"image_url": URL}}),
        ({"image": ID}, {"image": URL}),
    ],
)  # fmt: skip
def test_an_edit_in_json_is_as_with_the_pictures_themselves(
    here: World, model: str, by_id: dict[str, Any], inline: dict[str, Any]
) -> None:
    if model != "drawn":
        by_id, inline = ({name: value for name, value in one.items() if name != "mask"} for one in (by_id, inline))
    picture = codec.dumps({"candidates": [{"content": {"parts": [{"inlineData": {"mimeType": "image/png",
                                                                                "data": "aGk="}}]}}]})  # fmt: skip
    told = []
    for one in (inline, by_id):
        here.script.answers = [Says(chunks=[picture if model == "gem-drawn" else DRAWN])]
        before = here.balance().charged_nano
        status, raw = ask(here, {"model": model, "prompt": "blue", **one}, edit=True)
        assert status == 200, raw
        told.append((here.script.sent[-1].body, here.balance().charged_nano - before))
    assert told[0] == told[1]
    assert ID.encode() not in (told[1][0] or b"")


def test_an_edit_in_a_form_has_the_files_in_their_places(here: World) -> None:
    here.script.answers = [Says(chunks=[DRAWN])]
    status, raw = ask(here, **form("drawn", image=[ID, MASK], mask=MASK, size="1024x1024"))
    assert status == 200, raw
    sent = here.script.sent[0]
    read_back = reread(sent.body or b"", sent.headers["content-type"])
    assert read_back.fields == {"model": "img-up", "prompt": "blue", "size": "1024x1024"}
    assert [one.data for one in read_back.files["image"]] == [PNG, PNG]
    assert [one.media_type for one in read_back.files["image"]] == ["image/png", "image/png"]
    assert [one.name for one in read_back.files["mask"]] == ["m.png"]


def test_an_upload_stands_beside_a_file(here: World) -> None:
    here.script.answers = [Says(chunks=[DRAWN])]
    status, raw = ask(here, **form("drawn", ("image", Upload("own.png", "image/png", PNG)), mask=MASK))
    assert status == 200, raw
    sent = here.script.sent[0]
    read_back = reread(sent.body or b"", sent.headers["content-type"])
    assert [one.name for one in read_back.files["image"]] == ["own.png"]
    assert [one.name for one in read_back.files["mask"]] == ["m.png"]


@pytest.mark.parametrize(
    ("asked", "status", "param"),
    [
        ({"images": [{"file_id": ID}, {"file_id": GONE}]}, 404, "images[1]"),
        ({"image": GONE}, 404, "image"),
        ({"image": ID, "mask": {"file_id": GONE}}, 404, "mask"),
        ({"image": LARGE}, 413, "image"),
        ({"images": [{"file_id": "file-6F2ksmvXxt4VdoqmHRw6kL"}]}, 400, "images[0]"),
    ],
)
def test_what_is_not_there_names_its_field(here: World, asked: dict[str, Any], status: int, param: str) -> None:
    answered, raw = ask(here, {"model": "drawn", "prompt": "blue", **asked}, edit=True)
    assert (answered, codec.loads(raw)["error"]["param"]) == (status, param)
    untouched(here)
