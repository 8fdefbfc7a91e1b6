"""Packs the o200k vocabulary: `python scripts/vocabulary.py o200k_base.js`, of the npm package js-tiktoken (MIT).

Its lines are `! FIRST_RANK TOKEN TOKEN ...`, tokens in base64. Only their order matters: a lower rank merges first.
"""

from __future__ import annotations

import base64
import json
import sys
import zlib
from pathlib import Path

OUT = Path(__file__).resolve().parent.parent / "shared" / "interchange" / "estimate" / "data" / "o200k.zlib"


def read(text: str) -> list[bytes]:
    listed = json.loads(text[text.index("{") : text.rindex("}") + 1])["bpe_ranks"]
    ranked: dict[int, bytes] = {}
    for line in filter(None, listed.split("\n")):
        _, first, *tokens = line.split(" ")
        ranked |= {int(first) + place: base64.b64decode(token) for place, token in enumerate(tokens)}
    return [token for _, token in sorted(ranked.items())]


def main() -> None:
    tokens = read(Path(sys.argv[1]).read_text())
    OUT.write_bytes(zlib.compress(bytes(len(token) for token in tokens) + b"".join(tokens), 9))
    print(f"{len(tokens)} tokens, {OUT.stat().st_size} bytes")


if __name__ == "__main__":
    main()
