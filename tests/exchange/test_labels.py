"""What callers say of their requests: kept in the row within bounds, and never in the vendor's way."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.exchange import world as w

CHAT: dict[str, Any] = {"model": "gpt", "messages": w.user()}


def row_of(family: str, asked: dict[str, Any], **headers: str) -> Any:
    with w.world() as here:
        here.script.default = lambda _: w.Says(chunks=[w.chat_answer()])
        status, answer, _ = asyncio.run(here.whole(family, asked, **headers))
        assert status == 200, answer
        return here.rows()[0]


def test_user_metadata_and_tags_are_in_the_row() -> None:
    row = row_of("chat", {**CHAT, "user": "ada", "metadata": {"step": "plan"}}, x_interchange_tags="team=search, batch")
    assert (row.user, row.tags, row.metadata) == ("ada", ("team=search", "batch"), {"step": "plan"})


def test_the_user_of_messages_is_its_metadatas_user_id() -> None:
    asked = {"model": "gpt", "max_tokens": 9, "messages": w.user(), "metadata": {"user_id": "u-1"}}
    assert row_of("messages", asked).user == "u-1"


def test_a_request_without_any_has_none() -> None:
    row = row_of("chat", CHAT)
    assert (row.user, row.tags, row.metadata) == ("", (), {})


def test_long_ones_are_cut_and_reach_the_vendor_whole() -> None:
    row = row_of(
        "chat", {**CHAT, "user": "é" * 1000, "metadata": {f"k{number:03d}": "v" * 500 for number in range(16)}}
    )
    assert len(row.user) == 256
    assert len(row.metadata) == 16 and all(len(value) == 128 for value in row.metadata.values())


@pytest.mark.parametrize("tags", ["a b", "é", ",".join(f"t{number}" for number in range(11)), "x" * 65, "-a"])
@pytest.mark.parametrize("family", ["chat", "messages"])
def test_what_is_no_tag_is_refused_by_its_header(family: str, tags: str) -> None:
    with w.world() as here:
        asked = {**CHAT, "max_tokens": 9}
        status, answer, _ = asyncio.run(here.whole(family, asked, x_interchange_tags=tags))
        assert status == 400 and "x-interchange-tags" in answer["error"]["message"]
        assert here.rows() == [] and here.script.sent == []


def test_a_refused_tag_is_repeated_as_it_was_written() -> None:
    with w.world() as here:
        sent = "bätch".encode().decode("latin-1")  # as an ASGI server hands a header's bytes on
        _, answer, _ = asyncio.run(here.whole("chat", CHAT, x_interchange_tags=sent))
        assert "'bätch' is no tag" in answer["error"]["message"]
