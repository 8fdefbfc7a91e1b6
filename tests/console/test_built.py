"""What is built of the console: how large it is, what it loads, and that it is what its source says."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
from pathlib import Path

from tests.sdk.gateway import ROOT

STATIC = ROOT / "functions" / "console" / "static"
FIRST_BYTES = 45_000
ALL_BYTES = 120_000
HASHED = re.compile(r"[\w-]+-[\w-]{8}\.(js|css)")


def packed(file: Path) -> int:
    return len(gzip.compress(file.read_bytes(), 9))


def test_the_first_load_and_all_of_it_stay_small() -> None:
    index = (STATIC / "index.html").read_text()
    first = [STATIC / name for name in re.findall(r'(?:src|href)="\./(assets/[^"]+)"', index)]
    assert {file.suffix for file in first} == {".js", ".css"}
    assert sum(map(packed, first)) <= FIRST_BYTES
    assert sum(map(packed, (STATIC / "assets").glob("*.[jc]s*[!rz]"))) <= ALL_BYTES


def test_names_change_with_what_is_in_them() -> None:
    names = [file.name for file in (STATIC / "assets").iterdir() if file.suffix in (".js", ".css")]
    assert len(names) > 5 and all(HASHED.fullmatch(name) for name in names)


def test_each_file_lies_there_compressed() -> None:
    for file in STATIC.rglob("*"):
        if file.suffix in (".js", ".css", ".html", ".svg"):
            assert gzip.decompress(file.with_name(f"{file.name}.gz").read_bytes()) == file.read_bytes(), file
            assert file.with_name(f"{file.name}.br").stat().st_size < file.stat().st_size, file


def test_it_is_what_its_source_makes(tools: Path, tmp_path: Path) -> None:
    command = ["node_modules/.bin/vite", "build", "--outDir", str(tmp_path), "--emptyOutDir", "--logLevel", "error"]
    done = subprocess.run(command, cwd=tools, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    made = {str(file.relative_to(tmp_path)): file for file in tmp_path.rglob("*") if file.is_file()}
    kept = {str(file.relative_to(STATIC)): file for file in STATIC.rglob("*") if file.suffix not in (".br", ".gz")}
    assert set(made) == {name for name, file in kept.items() if file.is_file()}, "run `make console`"
    for name, file in made.items():
        assert file.read_bytes() == kept[name].read_bytes(), f"{name}: run `make console`"


def test_its_types_are_what_the_document_says(tools: Path, tmp_path: Path) -> None:
    from scripts.openapi.document import write

    write(tmp_path)
    target = tmp_path / "schema.d.ts"
    command = ["node", "scripts/types.mjs", str(tmp_path / "openapi.json"), str(target)]
    done = subprocess.run(command, cwd=tools, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert target.read_text() == (tools / "src" / "api" / "schema.d.ts").read_text(), "run `make console`"
    checked = subprocess.run(
        ["node_modules/.bin/tsc", "--noEmit"], cwd=tools, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout


def test_no_library_is_loaded_that_is_not_in_the_lock(tools: Path) -> None:
    lock = json.loads((tools / "package-lock.json").read_text())["packages"]
    wanted = json.loads((tools / "package.json").read_text())["dependencies"]
    assert all(f"node_modules/{name}" in lock for name in wanted)
