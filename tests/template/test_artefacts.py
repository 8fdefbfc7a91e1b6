"""What `make sam-build` made for Lambda: complete, small, compiled, and nothing beside what is imported."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.build import BUILD_FILE, PAGED, PAYING, SERVICES, build_id, version
from scripts.pages import site
from tests.template.applications import families
from tests.template.stack import ROOT, stack

BUILD = ROOT / ".aws-sam" / "build"
LAYER = BUILD / "SharedLayer"
LIBRARIES = {"stripe", "requests", "charset_normalizer", "certifi"}
"""What only the functions that call Stripe hold."""
MOST_BYTES = 60_000_000
UNCHECKED_HASH = 0b01
ARM64 = 0xB7
"""ELF's e_machine of AArch64."""

pytestmark = pytest.mark.skipif(
    not os.environ.get("INTERCHANGE_BUILT"), reason="the artefacts are tested by `make test-lambda`"
)


def folder(family: str) -> Path:
    return BUILD / f"{family.title()}Function"


def files(where: Path, pattern: str = "*") -> Iterator[Path]:
    return (path for path in where.rglob(pattern) if path.is_file())


def size(where: Path) -> int:
    return sum(path.stat().st_size for path in files(where))


@pytest.mark.parametrize("family", families())
def test_a_function_and_its_layer_are_small(family: str) -> None:
    together = size(folder(family)) + size(LAYER)
    print(f"{family}: {size(folder(family)) / 1e3:.0f} kB, with the layer {together / 1e6:.1f} MB")
    assert together <= MOST_BYTES


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> set[Path]:
    """The files of the documentation, as the console's function holds them."""
    made = tmp_path_factory.mktemp("rendered")
    site.build(made)
    return {Path("pages") / path.relative_to(made) for path in files(made)}


@pytest.mark.parametrize("family", families())
def test_a_function_holds_its_own_files_only(family: str, rendered: set[Path]) -> None:
    source = ROOT / "functions" / family
    wanted = {path.relative_to(source) for path in files(source) if path.suffix != ".pyc"} | {Path(BUILD_FILE)}
    made = {path.relative_to(folder(family)) for path in files(folder(family)) if path.suffix != ".pyc"}
    if family in PAYING:
        made -= {path for path in made if path.parts[0].partition("-")[0] in LIBRARIES}
    assert made == (wanted | rendered if family == PAGED else wanted)
    assert (folder(family) / BUILD_FILE).read_text() == build_id()


@pytest.mark.parametrize("where", [LAYER, *(folder(family) for family in families())], ids=lambda path: path.name)
def test_every_file_has_bytecode_that_is_always_valid(where: Path) -> None:
    """SAM's archive has no times, so bytecode that is checked against them would never be used."""
    tag = f"cpython-{version().replace('.', '')}"
    missing = [path for path in files(where, "*.py") if not compiled(path, tag).exists()]
    assert not missing
    for path in files(where, "*.pyc"):
        flags = int.from_bytes(path.read_bytes()[4:8], "little")
        assert flags == UNCHECKED_HASH, path


def compiled(path: Path, tag: str) -> Path:
    return path.parent / "__pycache__" / f"{path.stem}.{tag}.pyc"


def test_extensions_are_of_lambdas_processor() -> None:
    extensions = list(files(LAYER, "*.so"))
    assert extensions
    for path in extensions:
        assert int.from_bytes(path.read_bytes()[18:20], "little") == ARM64, path


def test_the_layer_holds_the_streaming_entry_and_no_tests() -> None:
    assert os.access(LAYER / "streaming-entry", os.X_OK)
    assert not [path for path in LAYER.rglob("*") if path.name in {"tests", "test", "examples"}]
    services = {path.name for path in (LAYER / "python" / "botocore" / "data").iterdir() if path.is_dir()}
    assert services <= set(SERVICES)


def test_the_layer_holds_every_file_of_the_package() -> None:
    source, made = ROOT / "shared" / "interchange", LAYER / "python" / "interchange"
    wanted = {path.relative_to(source) for path in files(source) if path.suffix != ".pyc"}
    assert {path.relative_to(made) for path in files(made) if path.suffix != ".pyc"} == wanted


def test_the_layer_holds_every_authority_where_the_template_says() -> None:
    """Without them no call leaves the function: the template keeps OpenSSL from reading any others."""
    bundle = (LAYER / "python" / "botocore" / "cacert.pem").read_text(encoding="utf-8")
    for function in stack().of_type("AWS::Lambda::Function").values():
        variables = function["Environment"]["Variables"]
        assert (variables["SSL_CERT_DIR"], variables["SSL_CERT_FILE"]) == ("/opt/certificates", "/dev/null")
    folder = LAYER / "certificates"
    assert len(list(folder.iterdir())) == bundle.count("BEGIN CERTIFICATE") > 100
