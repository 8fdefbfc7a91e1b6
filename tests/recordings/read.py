"""Recorded traffic: what the repository carries, and what the folders of INTERCHANGE_RECORDINGS add to it.

An added folder holds `*.jsonl` or `*.jsonl.gz` files of the same lines. Only the laws over whole collections read them;
a test that names a recording reads the carried ones.
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ADDED = [Path(folder) for folder in os.environ.get("INTERCHANGE_RECORDINGS", "").split(os.pathsep) if folder]

Record = dict[str, Any]
Api = tuple[str, str]
"""A provider and its API, as a recording names them: ("openai", "chat.completions")."""


def carried(name: str) -> list[Record]:
    """The lines of one file of this folder, such as "openai_chat"."""
    return list(lines(HERE / f"{name}.jsonl.gz"))


def every(name: str, *apis: Api) -> Iterator[Record]:
    """The lines of one carried file that are of these APIs (all of them if none is named), then the added ones."""
    kept = [record for record in carried(name) if not apis or _api(record) in apis]
    wanted, seen = apis or {_api(record) for record in kept}, {record["id"] for record in kept}
    yield from kept
    for record in _added():
        if _api(record) in wanted and record["id"] not in seen:
            seen.add(record["id"])
            yield record


def _api(record: Record) -> Api:
    return record["provider"], record["api"]


def _added() -> Iterator[Record]:
    for folder in ADDED:
        for path in sorted([*folder.glob("*.jsonl"), *folder.glob("*.jsonl.gz")]):
            yield from (record for record in lines(path) if "id" in record)  # errors that were quoted have none


def lines(path: Path) -> Iterator[Record]:
    """The records of a file, packed or plain."""
    opened = gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8")
    with opened as file:
        yield from map(json.loads, file)
