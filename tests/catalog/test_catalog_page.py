"""docs/catalog.md names everything that a catalog file may say, and nothing else."""

from __future__ import annotations

import functools
import re
from dataclasses import fields
from pathlib import Path

import pytest

from interchange.catalog import schema
from interchange.catalog.load import load
from interchange.estimate.counting import Manner
from interchange.metering.prices import FALLBACK
from interchange.protocols.openai_chat.dialect import Dialect

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "catalog.md").read_text()
USED = re.compile(r"""(?:traits}?\.get\(|_trait\()\s*"(\w+)\"""")
TRAIT = re.compile(r'^TRAIT = "(\w+)"$', re.M)


def section(title: str) -> str:
    """From a heading to the next one of its level or above."""
    level, _, _ = title.partition(" ")
    _, found, rest = PAGE.partition(f"{title}\n")
    assert found, title
    return re.split(rf"^#{{1,{len(level)}}} ", rest, flags=re.M)[0]


def named(text: str) -> set[str]:
    """What stands in the first column of a section's tables."""
    cells = re.findall(r"^\| (`[^|]*`) \|", text, re.M)
    return {word for cell in cells for word in re.findall(r"`([a-z_0-9]+)`", cell)}


@functools.cache
def traits_in_code() -> set[str]:
    found: set[str] = set()
    for path in (ROOT / "shared" / "interchange").rglob("*.py"):
        text = path.read_text()
        found |= set(USED.findall(text)) | set(TRAIT.findall(text))
    return found


@pytest.mark.parametrize("title, expected", [
    ("## A model", set(schema.Model.model_fields)),
    ("## Prices", set(schema.Price.model_fields)),
    ("## Providers without code", set(schema.Provider.model_fields) | {item.name for item in fields(Dialect)}),
    ("## Counting", {item.name for item in fields(Manner)}),
    ("### `dialect` of chat completions", {item.name for item in fields(Dialect)}),
])  # fmt: skip
def test_a_table_has_each_field(title: str, expected: set[str]) -> None:
    assert named(section(title)) == expected


def test_each_trait_in_the_code_is_explained_and_no_other() -> None:
    assert named(section("## Traits")) == traits_in_code()


def test_the_built_in_catalog_uses_only_traits_that_exist() -> None:
    for model in load().models:
        given = set(model.traits) | {name for route in model.routes for name in route.traits}
        assert given <= traits_in_code(), model.id


def test_fallbacks_are_told_as_they_are() -> None:
    text = section("## Prices")
    for kind, others in FALLBACK.items():
        row = next(line for line in text.splitlines() if line.startswith("|") and f"`{kind}`" in line.split("|")[1])
        if others:
            assert f"`{others[0]}`" in row.split("|")[3], kind


def test_the_page_s_own_example_is_a_catalog(tmp_path: Path) -> None:
    text = re.search(r"```yaml\n(.*?)```", PAGE, re.S)
    assert text is not None
    file = tmp_path / "models.yaml"
    file.write_text(text.group(1))
    assert [model.id for model in load(file).models] == ["llama-3.3-70b", "claude-sonnet-4-5"]
