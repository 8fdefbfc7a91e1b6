"""The o200k vocabulary: byte sequences in the order in which they merge. Shipped, and read when it is first needed.

`data/o200k.zlib` is one byte of length for each of the 199,998 tokens, then their bytes, deflated (1 MB). It is made by
`scripts/vocabulary.py` and comes from OpenAI's tiktoken (MIT, see NOTICE).
"""

from __future__ import annotations

import functools
import zlib
from collections.abc import Mapping
from itertools import accumulate, pairwise
from pathlib import Path

FILE = Path(__file__).resolve().parent / "data" / "o200k.zlib"
SIZE = 199_998


@functools.cache
def ranks() -> Mapping[bytes, int]:
    """Token -> its rank; a lower rank merges first. About 0.15 s and 25 MB, once a process."""
    data = zlib.decompress(FILE.read_bytes())
    ends = accumulate(data[:SIZE], initial=SIZE)
    return {data[start:end]: rank for rank, (start, end) in enumerate(pairwise(ends))}
