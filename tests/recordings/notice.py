"""Writes NOTICE: where every recording in this folder was taken from, and under which licence.

Run `python tests/recordings/notice.py` after adding recordings; each line of a recording names its source.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path

HERE = Path(__file__).resolve().parent
HEAD = """Recorded traffic between clients and model providers, taken from public repositories' own test recordings.
One line per file, repository and licence: file, licence, repository@commit, number of recordings.

"""


def sources() -> dict[tuple[str, str, str], int]:
    found: dict[tuple[str, str, str], int] = {}
    for path in sorted([*HERE.glob("*.jsonl.gz"), *HERE.glob("*.jsonl")]):
        opened = gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8")
        with opened as file:
            for line in file:
                record = json.loads(line)
                repository = str(record.get("source", "unknown")).partition(":")[0]
                key = (path.name, str(record.get("license", "unknown")), repository)
                found[key] = found.get(key, 0) + 1
    return found


if __name__ == "__main__":
    rows = [f"{name}\t{licence}\t{source}\t{count}\n" for (name, licence, source), count in sorted(sources().items())]
    (HERE / "NOTICE").write_text(HEAD + "".join(rows), encoding="utf-8")
