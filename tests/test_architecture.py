"""Who may import whom, file by file, and the rules that keep the layout honest. Each rule carries its reason."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "shared" / "interchange"
OURS = "interchange"

# part -> the parts of `interchange` that it may import. Reason: design.md's table; a translation that can see the clock
# or the books stops being testable, and a family that can see another cannot be deployed alone.
MAY_IMPORT: dict[str, set[str]] = {
    "dataclass": set(),
    # one HTTP call that nobody waits for
    "plain_http": set(),
    # pydantic's findings in words, for every API that is written with it
    "wrong_fields": set(),
    # how a plain call waits for the event loop
    "waiting": set(),
    # whole numbers as JSON has them, for the same APIs
    "whole": set(),
    "hub": set(),
    "wire": set(),
    # what keeps a caller's own turns whole: how states are sealed, and the order in which they stood
    "protocols": {"hub", "wire", "continuity.seal", "continuity.order", "continuity.pairs"},
    "providers": {"protocols", "hub", "wire", "aws.sigv4"},
    "catalog": {"hub", "whole"},
    "estimate": {"hub", "wire"},
    "identity": {"tables"},
    "metering": {"hub.usage", "tables", "waiting"},
    "tables": {"aws.attributes", "waiting"},
    "upstream": {"hub", "wire"},
    "continuity": {"hub", "wire", "tables"},
    # knows no protocol: what a client face states of its model is a value of the hub
    "rewrites": {"hub", "wire"},
    # the rounds of one request that calls tools of MCP servers: pure, and of no protocol
    "rounds": {"hub", "wire"},
    "exchange": {"hub", "wire", "protocols", "providers", "catalog", "metering", "identity", "upstream", "estimate",
                 "continuity", "rewrites", "rounds", "waiting"},
    "edge": {"exchange", "hub", "protocols", "wire"},
    # the JSON families of FastAPI, which a stream's cold start does without
    "api": {"exchange", "edge", "hub", "protocols", "whole", "wrong_fields"},
    "account": {"api", "exchange", "edge", "hub", "protocols", "identity", "metering", "operator", "whole",
                "wrong_fields"},
    "operator": {"wiring", "metering", "identity", "catalog", "hub", "providers", "tables", "edge.allow", "plain_http",
                 "upstream.public", "whole", "wrong_fields"},
    # the one client of AWS that the cold start can afford
    "aws": {"wire", "plain_http", "waiting"},
    "wiring": {
        "catalog", "exchange", "identity", "metering", "providers", "upstream", "wire", "hub", "protocols", "estimate",
        "continuity", "aws", "tables",
    },
    "__main__": {"operator"},
}  # fmt: skip

# The standard library's `dataclass` in another make: whoever may import the one may import the other.
EVERYWHERE = "dataclass"

# Reason: one place to look for what a dependency costs at import, and one to swap it in.
OUTSIDE: dict[str, set[str]] = {
    "hub": set(),
    "wire": {"orjson"},
    "protocols": set(),
    "estimate": set(),
    "catalog": {"pydantic", "yaml"},
    "rounds": set(),
    "upstream": {"aiohttp", "yarl", "httpx2", "mcp", "mcp_types"},
    "tables": {"orjson", "botocore"},
}
BOTO3_FILES = {"tables": 1, "metering": 0, "identity": 0, "exchange": 1, "catalog": 0, "upstream": 0, "edge": 0}


@cache
def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*.py") if "__pycache__" not in path.parts)


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@cache
def imports(path: Path) -> tuple[str, ...]:
    """Absolute dotted names that a file imports; relative ones resolved."""
    package = ".".join(path.relative_to(ROOT / "shared").with_suffix("").parts) if PACKAGE in path.parents else ""
    return tuple(_imports(path, package.split(".")))


def _imports(path: Path, package: list[str]) -> Iterator[str]:
    for node in ast.walk(parsed(path)):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=module, names=names, level=0):
                yield from (f"{module}.{alias.name}" for alias in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                base = package[: len(package) - level + (path.name == "__init__.py")]
                yield from (".".join([*base, *([module] if module else []), alias.name]) for alias in names)


def part_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def files_of(part: str) -> list[Path]:
    return [path for path in files(PACKAGE) if part_of(path) == part]


def imported_by(part: str) -> Iterator[tuple[Path, str]]:
    return ((path, name) for path in files_of(part) for name in imports(path))


def nodes_of(paths: Iterable[Path]) -> Iterator[tuple[Path, ast.AST]]:
    return ((path, node) for path in paths for node in ast.walk(parsed(path)))


PARTS = sorted({part_of(path) for path in files(PACKAGE)} - {"__init__"})
of_each_part = pytest.mark.parametrize("part", PARTS)


@of_each_part
def test_a_file_imports_only_what_its_part_may(part: str) -> None:
    allowed = MAY_IMPORT[part]
    for path, name in imported_by(part):
        if not name.startswith(f"{OURS}."):
            continue
        target = name.removeprefix(f"{OURS}.")
        own = target.split(".")[0] in (part, EVERYWHERE)
        assert own or any(target == one or target.startswith(f"{one}.") for one in allowed), (
            f"{path.relative_to(ROOT)} imports {name}; {part} may import {sorted(allowed)}"
        )


def test_a_protocol_never_sees_another() -> None:
    for path, name in imported_by("protocols"):
        own = path.relative_to(PACKAGE / "protocols").parts[0]
        found = re.match(rf"{OURS}\.protocols\.(\w+)\.", name)
        if found and not own.endswith(".py"):
            # typing interfaces, the account of what goes unsaid, parts in other shapes, what OpenAI's formats share,
            # and the words and counting of a vendor's other families
            assert found.group(1) in (
                own,
                own.removesuffix("_media"),
                "faces",
                "account",
                "parameters",
                "media",
                "mixed",
                "openai",
            ), f"{path.relative_to(ROOT)} imports {name}"


FACES = {
    "words": "the format's words, both ways", "usage": "tokens and calls, counted",
    "errors": "failures and rate limits",
    "dialect": "what providers do differently, as data", "carry": "the pass-through lane's edits",
    "blocks": "what both faces read of an answer",
    **{f"{side}/{name}": role for side in ("server", "client") for name, role in {
        "__init__": "the face", "face": "the face", "request": "parameters", "messages": "turns",
        "tools": "tools and choice", "stream": "an answer in events",
    }.items()},
    "server/answer": "a whole answer", "client/content": "parts of a turn",
    "client/refused": "a failure in an answer's place",
    "server/held": "what a request must not name", "server/uploaded": "what may name an upload",
}  # fmt: skip
"""File of a protocol's package -> what it answers. Reason: the same path answers the same question in every format."""
MEDIA_FACES = {f"{side}/{name}" for side in ("server", "client")
               for name in ("__init__", "embeddings", "images", "moderations", "speech", "transcriptions")}  # fmt: skip
OWN_FILES = {
    "openai/errors": "shared by chat and Responses", "openai/efforts": "shared by chat and Responses",
    "openai/rates": "shared by chat and Responses", "openai/counts": "shared by chat and Responses",
    "openai/uploaded": "shared by chat and Responses",
    "openai/fields": "shared by chat and Responses", "openai/unread": "shared by chat and Responses",
    "anthropic_messages/client/breakpoints": "which of too many stay, and how long each lasts: over the written body",
    "bedrock_converse/client/breakpoints": "which of too many stay: over the hub's request, before it is written",
    "openai_chat/client/calls": "providers number and name the calls of a stream in many ways; a room of its own",
    "openai_chat/past_media": "the gateway's own field of pictures, in what is carried through: a room of its own",
    "openai_chat/server/mcp": "an extension of the gateway's own: servers, calls and results, both ways",
    "openai_responses/client/items": "an answer is a list of items of many kinds; `stream` would be too long with them",
    "openai_responses/server/hosted": "items of what others run; `answer` would be too long with them",
    "openai_responses/server/approvals": "no other protocol has calls that wait for the caller's word",
    "openai_responses/echoed": "items name each other by ids; `carry` would be two roles long with what that asks for",
    "openai_responses/client_run": "tools of this protocol that the caller runs: their items, both ways",
    "anthropic_messages/client_run": "tools of this protocol that the caller runs: what each takes",
    "anthropic_messages/toolsets": "families of tools that the caller runs: a table too long to stand in `client_run`",
    "anthropic_messages/fallbacks": "models that take over within a request: no other protocol has a word for them",
    "gemini/client/candidate": "one of several answers of a stream; `stream` would be too long with it",
    "gemini/client/grounding": "what a search found stands beside the answer, whole or streamed",
    "gemini/client/tally": "numbers the blocks over all candidates",
    "anthropic_messages/server/fields": "this API's own way to name a field in a message",
    **{f"{name}/server/{file}": "loaded only where something is lost"
       for name in ("openai_chat", "openai_responses", "anthropic_messages") for file in ("unread", "places")},
    **{f"openai_media/{name}": "words of both faces of one family"
       for name in ("audio_words", "embedding_words", "image_words", "transcript_words", "multipart", "carry")},
    "openai_media/client/audio_frames": "sound or events, as it turns out",
    "openai_media/server/subtitles": "SRT and VTT",
    "openai_media/server/fields": "a form says everything in texts",
    "gemini_media/client/wav": "a header for raw sound",
}  # fmt: skip
"""A file of another name, with its reason."""


def test_the_same_path_answers_the_same_question_in_every_protocol() -> None:
    found = {
        str(path.relative_to(PACKAGE / "protocols").with_suffix("")): path for path in files(PACKAGE / "protocols")
    }
    for name in found:
        package, _, rest = name.partition("/")
        allowed = MEDIA_FACES if package.endswith("_media") else set(FACES)
        assert not rest or rest == "__init__" or rest in allowed or name in OWN_FILES, (
            f"{name}: call it as its counterpart in the other protocols, or give a reason in OWN_FILES"
        )
    assert OWN_FILES.keys() <= found.keys(), f"no longer there: {sorted(OWN_FILES.keys() - found.keys())}"


@of_each_part
def test_a_file_is_one_role_long(part: str) -> None:
    long = [str(path.relative_to(ROOT)) for path in files_of(part) if len(path.read_text().splitlines()) > 350]
    assert not long


WINGS = ("conversation", "media")
"""Of `exchange`. Reason: what both share is the trunk's, so a family can be read without the other's words."""


def test_a_wing_imports_the_trunk_and_the_trunk_no_wing() -> None:
    for path, name in imported_by("exchange"):
        found = re.match(rf"{OURS}\.exchange\.(\w+)", name)
        if found and found.group(1) in WINGS:
            assert found.group(1) == path.parent.name, f"{path.relative_to(ROOT)} imports {name}"


def imported_files() -> dict[str, set[str]]:
    """Each of our modules -> those of our modules that it imports, `TYPE_CHECKING` and inner imports included."""
    folders = (PACKAGE, *(ROOT / name for name in ("functions", "local", "scripts", "benchmarks")))
    modules = {module_of(path): path for folder in folders for path in files(folder)}
    return {
        module: {name if name in modules else name.rpartition(".")[0] for name in imports(path)}
        & set(modules) - {module}
        for module, path in modules.items()
    }


def module_of(path: Path) -> str:
    base = ROOT / "shared" if PACKAGE in path.parents else ROOT
    return ".".join(path.relative_to(base).with_suffix("").parts).removesuffix(".__init__")


def test_no_file_is_imported_by_what_it_imports() -> None:
    """A circle has no floor to begin reading at. Files that import nothing of the rest are taken off until none is."""
    left = imported_files()
    while leaves := {module for module, wanted in left.items() if not wanted & left.keys()}:
        left = {module: wanted for module, wanted in left.items() if module not in leaves}
    # what only imports a circle is no part of it
    while roots := left.keys() - {name for wanted in left.values() for name in wanted}:
        left = {module: wanted for module, wanted in left.items() if module not in roots}
    assert not left, f"a circle of imports among {sorted(left)}"


@pytest.mark.parametrize("part", sorted(OUTSIDE))
def test_pure_parts_stay_pure(part: str) -> None:
    for path in files(PACKAGE / part):
        outside = {name.split(".")[0] for name in imports(path)} - set(sys.stdlib_module_names) - {OURS}
        assert outside <= OUTSIDE[part], f"{path.relative_to(ROOT)} imports {outside - OUTSIDE[part]}"


def test_the_command_lines_libraries_stay_in_its_folder() -> None:
    """Reason: no function has them (decision 0044); what the operator's API shares with it must not need them."""
    for path in files(PACKAGE):
        outside = {name.split(".")[0] for name in imports(path)} & {"cyclopts", "rich"}
        within = PACKAGE / "operator" / "cli" in path.parents
        assert within or not outside, f"{path.relative_to(ROOT)} imports {outside}"
        if not within and path.name != "main.py":
            assert not any(name.startswith(f"{OURS}.operator.cli") for name in imports(path)), path


@pytest.mark.parametrize("part", ["protocols", "hub", "wire"])
def test_translation_has_no_clock_ids_or_environment(part: str) -> None:
    forbidden = {"time", "uuid", "os", "random", "secrets", "socket", "asyncio", "datetime"}
    for path in files_of(part):
        found = {name.split(".")[0] for name in imports(path)} & forbidden
        assert not found, f"{path.relative_to(ROOT)} imports {found}: pass it in"


@pytest.mark.parametrize("part", sorted(BOTO3_FILES))
def test_boto3_is_imported_in_one_file_at_most(part: str) -> None:
    using = [
        path.name for path in files(PACKAGE / part) if {"boto3", "botocore"} & {n.split(".")[0] for n in imports(path)}
    ]
    assert len(using) <= BOTO3_FILES[part], f"{part}: {using}"


def test_a_function_never_imports_another() -> None:
    for path in files(ROOT / "functions"):
        for name in imports(path):
            assert not name.startswith("functions"), f"{path.relative_to(ROOT)} imports {name}"
            assert name.split(".")[0] not in {"local", "tests"}, f"{path.relative_to(ROOT)} imports {name}"


def test_a_function_fits_a_screen() -> None:
    for path in files(ROOT / "functions"):
        lines = len(path.read_text().splitlines())
        assert lines <= 120, f"{path.relative_to(ROOT)} has {lines} lines: wiring only"


VENDOR = re.compile(r"gpt|claude|gemini|grok|openai|anthropic|xai|bedrock", re.IGNORECASE)


@pytest.mark.parametrize("part", sorted({*PARTS} - {"providers", "catalog", "protocols"}))
def test_no_vendor_in_a_condition(part: str) -> None:
    for path, node in nodes_of(files_of(part)):
        match node:
            case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test):
                words = [n.value for n in ast.walk(test) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
                named = [word for word in words if VENDOR.search(word) and word != "anthropic-version"]
                assert not named, f"{path.relative_to(ROOT)}:{test.lineno} decides by {named}"


BANNED_NAMES = {"utils.py", "helpers.py", "common.py", "base.py"}


def test_files_are_named_for_what_they_hold() -> None:
    for folder in (PACKAGE, ROOT / "functions", ROOT / "local"):
        for path in files(folder):
            assert path.name not in BANNED_NAMES, path.relative_to(ROOT)


def test_the_dataclass_that_everyone_may_import_is_the_standard_librarys_alone() -> None:
    found = {name.split(".")[0] for name in imports(PACKAGE / "dataclass.py")}
    assert found <= set(sys.stdlib_module_names)


def test_copies_are_made_by_our_own_replace() -> None:
    """Reason: requests wait for it, and it takes a third of the standard library's time."""
    users = {path.name for path in files(PACKAGE) if "dataclasses.replace" in set(imports(path))}
    assert users == {"dataclass.py"}  # for the type checker


NO_SUBJECT = {"What", "With", "Without", "Whether", "As", "Where", "How", "Of", "Who", "Which", "For"}


@pytest.mark.parametrize("root", ["shared/interchange", "functions", "local", "scripts", "benchmarks"])
def test_a_docstring_begins_with_a_verb_or_a_noun(root: str) -> None:
    """Its first line is what an editor and an index show: it stands alone."""
    for path, node in nodes_of(files(ROOT / root)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = (ast.get_docstring(node) or "").split(maxsplit=1)[:1]
            assert not first or first[0].rstrip(",:") not in NO_SUBJECT, f"{path.name}: {ast.get_docstring(node)}"
