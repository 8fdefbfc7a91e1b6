"""A catalog that is wrong ends the build, before anything is deployed that could not start."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import build

GOOD = "- {id: m, routes: [{provider: openai, model: m}], price: {input: '1', output: '2'}}\n"


def test_a_good_catalog_is_taken(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(GOOD)
    (tmp_path / "notes.txt").write_text("not a catalog")
    build.check_catalogs(tmp_path)


def test_a_wrong_catalog_ends_the_build_with_file_and_field(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "own.yaml").write_text(GOOD.replace("'1'", "1"))
    with pytest.raises(SystemExit):
        build.check_catalogs(tmp_path)
    told = capfd.readouterr().err
    assert "own.yaml" in told
    assert "price.input" in told
