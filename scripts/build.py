"""Builds one artefact of template.yaml into a folder: `python -m scripts.build layer FOLDER` or
`... function NAME FOLDER`. `... sizes` shows what `sam build` made.

`sam build` calls it through shared/Makefile and functions/Makefile. Wheels of Lambda's platform are taken as they are,
so any machine can build for arm64; nothing is compiled but Python, to bytecode that is valid whatever the files' times
say (the archive that SAM makes has none). Bytecode holds for one minor version of Python: that of the template.

INTERCHANGE_BUILD_PLATFORM (default aarch64-manylinux_2_28) names the platform; the tests build for their own.
Lambda's Python runs on Amazon Linux 2023, whose glibc is 2.34 (docs.aws.amazon.com/linux/al2023/ug/core-glibc.html),
so wheels for 2.28 load there; greenlet has none for an older one.

Each function gets a file INTERCHANGE_BUILD with the digest of all that is deployed, so that a change of the layer
alone, or of a parameter in samconfig.toml, changes every function, and each says which build it is (wiring/build.py).
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

from scripts import certificates

ROOT = Path(__file__).resolve().parent.parent
PLATFORM = os.environ.get("INTERCHANGE_BUILD_PLATFORM", "aarch64-manylinux_2_28")
LOCK = ROOT / "requirements" / "runtime.txt"
RENDERER = ROOT / "requirements" / "docs.txt"
PAYMENTS = ROOT / "requirements" / "payments.txt"
PAGED = "console"
"""The function that serves the documentation."""
PAYING = ("account", "sweep")
"""The functions that call Stripe (a customer buys credit, a top-up falls due); the others go without its library."""
SERVICES = ("dynamodb", "s3", "secretsmanager", "sns", "bedrock-runtime", "sts", "sso", "sso-oidc", "signin")
"""The AWS services that the functions speak to, or that a credential may come from: botocore's descriptions of the
other four hundred stay behind."""
BUILD_FILE = "INTERCHANGE_BUILD"
DEPLOYED = (
    "shared", "functions", "catalog", "docs", "requirements/runtime.txt", "requirements/docs.txt",
    "requirements/payments.txt", "scripts/build.py", "scripts/certificates.py", "scripts/openapi", "scripts/pages",
)  # fmt: skip
"""Files, and folders whole; one that is not there is passed over."""
LEFT_BEHIND = (
    ".lock", "__pycache__", "tests", "test", "bin", "examples", "benchmarks", "include", "sboms",
    "swagger_ui", "py.typed", "RECORD",
)  # fmt: skip
EMPTIED = ("mcp/__init__.py", "mcp/client/__init__.py")
"""They load the library's server too, which the gateway has no use for."""
UNUSED = (
    "mcp/server", "mcp/__main__.py", "mcp/client/__main__.py", "mcp/client/auth", "mcp/client/stdio.py",
    "mcp/client/client.py", "mcp/client/session_group.py", "mcp/client/_memory.py",
    *(f"{name}*" for name in ("cryptography", "cffi", "_cffi_backend", "pycparser", "jwt", "pyjwt", "PyJWT", "uvicorn",
                              "click", "sse_starlette", "pywin32")),
)  # fmt: skip
"""What only that server needs, and the client's parts for a terminal and for signing in: 20 MB."""
UNASKED = (
    "stripe/[!_cov]*", "stripe/v2/[!_bc]*", "charset_normalizer/*.so",
    *(f"stripe/_{name}*" for name in ("account", "confirmation", "invoice", "payment_attempt", "payment_method_c",
                                      "payment_record", "quote", "refund", "setup", "subscription", "tax", "transfer")),
    "aws_lambda_powertools/event_handler", "aws_lambda_powertools/utilities/[!_j]*",
    "aiohttp/_websocket/*.so", "multidict/_testcapi*.so",
)  # fmt: skip
"""Resources that nobody here asks Stripe for and the types of all, which its library loads at their first use; of
Powertools what is neither log, metric nor trace; what makes websockets and the guessing of encodings faster; what a
library is tested with."""
SOURCES = (".c", ".h", ".cpp", ".hpp", ".asm", ".pyi", ".pyx", ".pxd")


def main(arguments: list[str]) -> None:
    match arguments:
        case ["layer", folder]:
            layer(Path(folder))
        case ["function", name, folder]:
            function(name, Path(folder))
        case ["sizes"]:
            sizes(ROOT / ".aws-sam" / "build")
        case _:
            sys.exit(__doc__)


def layer(folder: Path) -> None:
    """/opt: what the functions import, the catalogs, the certificate authorities, and the streaming entry."""
    packages = folder / "python"
    install(packages)
    prune(packages)
    copy(ROOT / "shared" / "interchange", packages / "interchange")
    certificates.write(packages / "botocore" / "cacert.pem", folder / "certificates")
    entry = folder / "streaming-entry"
    shutil.copyfile(ROOT / "shared" / "streaming-entry", entry)
    entry.chmod(0o755)
    if (ROOT / "catalog").is_dir():
        check_catalogs(ROOT / "catalog")
        copy(ROOT / "catalog", folder / "catalog")
    compile_all(packages, "/opt/python")
    report("layer", folder)


def check_catalogs(folder: Path) -> None:
    """Ends the build where something is wrong with a catalog, with the line that `catalog check` says, instead of the
    first start. The layer's own wheels are of another platform: the same ones, for this machine, read it."""
    found = [path for path in sorted(folder.iterdir()) if path.suffix in (".yaml", ".yml", ".json")]
    here = [uv(), "run", "--quiet", "--no-project", "--isolated", "--with-requirements", str(LOCK)]
    for path in found:
        run([*here, "python", "-m", "interchange.operator.catalog_file", str(path)], PYTHONPATH=str(ROOT / "shared"))


def function(name: str, folder: Path) -> None:
    """/var/task: the family's own few files, what nobody else needs, and the build's name."""
    copy(ROOT / "functions" / name, folder)
    if name == PAGED:
        documentation(folder / "pages")
    if name in PAYING:
        payments(folder)
    (folder / BUILD_FILE).write_text(build_id(), encoding="utf-8")
    compile_all(folder, "/var/task")
    report(name, folder)


def documentation(folder: Path) -> None:
    """The pages of docs/ and the OpenAPI documents, with the renderer's own lock and the layer's: whatever Python runs
    this needs neither."""
    locks = [part for lock in (LOCK, RENDERER) for part in ("--with-requirements", str(lock))]
    here = [uv(), "run", "--quiet", "--no-project", "--isolated", *locks]
    path = os.pathsep.join([str(ROOT / "shared"), str(ROOT)])
    run([*here, "python", "-m", "scripts.pages", str(folder)], PYTHONPATH=path)


def payments(folder: Path) -> None:
    """Stripe's library and what it needs beside the layer."""
    held = pinned(LOCK)
    with tempfile.TemporaryDirectory() as made:
        lock = Path(made) / PAYMENTS.name
        lock.write_text("".join(text for name, text in pinned(PAYMENTS).items() if name not in held), encoding="utf-8")
        install(folder, lock)
    prune(folder)


def pinned(lock: Path) -> dict[str, str]:
    """Name of a distribution -> its lines."""
    text = lock.read_text(encoding="utf-8")
    return {found[1]: found[0] for found in re.finditer(r"^([\w.-]+)==.*\n(?:    --hash.*\n)+", text, re.MULTILINE)}


def build_id() -> str:
    """Twelve hexadecimal digits of the SHA-256 over what is deployed, paths and contents; the same on every machine."""
    found = hashlib.sha256(_parameters().encode())
    for path in sorted(_deployed(), key=lambda one: one.relative_to(ROOT).as_posix()):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        found.update(f"{path.relative_to(ROOT).as_posix()} {content}\n".encode())
    return found.hexdigest()[:12]


def _parameters() -> str:
    """The parameters of samconfig.toml, without its tags: SAM makes no new version for another value of a parameter."""
    file = ROOT / "samconfig.toml"
    config = tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    deployments = {
        name: one["deploy"]["parameters"] for name, one in config.items() if isinstance(one, dict) and "deploy" in one
    }
    return json.dumps({name: one.get("parameter_overrides") for name, one in deployments.items()}, sort_keys=True)


def _deployed() -> Iterator[Path]:
    for name in DEPLOYED:
        place = ROOT / name
        for path in [place] if place.is_file() else place.rglob("*"):
            if path.is_file() and path.suffix != ".pyc" and not path.name.startswith("."):
                yield path


def install(packages: Path, lock: Path = LOCK) -> None:
    target = ["--python-platform", PLATFORM, "--python-version", version(), "--target", str(packages)]
    manner = ["--only-binary", ":all:", "--no-deps", "--require-hashes", "--no-compile-bytecode", "--link-mode", "copy"]
    run([uv(), "pip", "install", "--quiet", "--python", sys.executable, *target, *manner, "-r", str(lock)])


def prune(packages: Path) -> None:
    """Tests, command lines, sources of extensions, the services that nobody calls, and what nobody imports."""
    leave_out(packages)
    for path in sorted(packages.rglob("*"), reverse=True):
        if path.name in LEFT_BEHIND or path.suffix in SOURCES:
            remove(path)
    for part in ("botocore", "boto3"):
        for path in (packages / part / "data").glob("*"):
            if path.is_dir() and path.name not in SERVICES:
                remove(path)


def leave_out(packages: Path) -> None:
    """Parts of libraries: UNUSED of the one for MCP, whose client over HTTP is all that is needed, and UNASKED."""
    for pattern in (*UNUSED, *UNASKED):
        for path in packages.glob(pattern):
            remove(path)
    for name in EMPTIED:
        if (packages / name).exists():
            (packages / name).write_text("", encoding="utf-8")


def remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def copy(source: Path, target: Path) -> None:
    shutil.copytree(source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__", "*.pyc", ".*"))


def compile_all(folder: Path, mounted_at: str) -> None:
    """`mounted_at` is what tracebacks say."""
    how = ["--invalidation-mode", "unchecked-hash", "-s", str(folder), "-p", mounted_at]
    run([interpreter(), "-m", "compileall", "-q", *how, str(folder)])


def version() -> str:
    """The minor version of the template's runtime."""
    found = re.search(r"Runtime: python(3\.\d+)", (ROOT / "template.yaml").read_text())
    if found is None:
        sys.exit("template.yaml: no Runtime")
    return found[1]


def uv() -> str:
    found = shutil.which("uv") or str(ROOT / ".venv" / "bin" / "uv")
    if not Path(found).exists():
        sys.exit("uv is needed: `make setup` installs it")
    return found


def interpreter() -> str:
    """A Python of exactly the runtime's version: INTERCHANGE_BUILD_PYTHON, one on this machine, or one that uv gets."""
    for candidate in _candidates():
        if run([candidate, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"], check=False) == version():
            return candidate
    run([uv(), "python", "install", "--quiet", version()], check=False)
    found = run([uv(), "python", "find", version()], check=False)
    if not found:
        sys.exit(f"Python {version()} is needed, for its bytecode; INTERCHANGE_BUILD_PYTHON may name one")
    return found


def _candidates() -> Iterator[str]:
    if named := os.environ.get("INTERCHANGE_BUILD_PYTHON"):
        yield named
    yield sys.executable
    if found := shutil.which(f"python{version()}"):
        yield found
    beside = Path(sys.base_prefix).parent  # where this one was installed others may be
    for store in (beside, Path.home() / ".pyenv" / "versions", Path.home() / ".local" / "share" / "uv" / "python"):
        yield from (str(path) for path in sorted(store.glob(f"*{version()}*/bin/python3"), reverse=True))


def run(command: list[str], *, check: bool = True, **variables: str) -> str:
    """Runs a command, and returns what it printed. Ends the build where it fails and `check` is set."""
    told = None if check else subprocess.DEVNULL
    env = {**os.environ, **variables}
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=told, text=True, env=env)  # noqa: S603 - our own words only
    if check and done.returncode:
        sys.exit(f"failed: {' '.join(command)}")
    return done.stdout.strip()


def report(name: str, folder: Path) -> None:
    """On stderr: `sam build --debug` shows it."""
    print(f"{name}: {size(folder) / 1e6:.1f} MB unzipped", file=sys.stderr)


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def sizes(build: Path) -> None:
    """Prints what Lambda counts, of each function: its own files and the layer's, at most 250 MB."""
    shared = size(build / "SharedLayer")
    print(f"{'SharedLayer':<20} {shared / 1e6:6.1f} MB")
    for folder in sorted(build.glob("*Function")):
        print(f"{folder.name:<20} {size(folder) / 1e6:6.3f} MB, with the layer {(size(folder) + shared) / 1e6:.1f} MB")


if __name__ == "__main__":
    main(sys.argv[1:])
