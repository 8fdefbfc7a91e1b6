"""Counters over a whole answer, whatever the choice: blocks, calls, runs of vendor-run tools."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import field
from typing import Any

from interchange.dataclass import dataclass
from interchange.hub.indexes import needed_index
from interchange.wire import codec


@dataclass(slots=True)
class Tally:
    """`seed` is the response id. Gemini before 3 gives calls no ids, and a caller needs ones that differ between the
    calls of a conversation: ours come from the seed and the call's number, so that reading twice gives the same."""

    seed: str = ""
    blocks: int = 0
    calls: int = 0
    queries: dict[str, None] = field(default_factory=dict)
    """Search queries that were run: an ordered set, because frames repeat them."""
    pages: int = 0
    runs: dict[str, int] = field(default_factory=dict)
    last_code: str = ""
    """The id of the code that ran last: results before Gemini 3 do not name theirs."""

    def block(self) -> int:
        index = needed_index(self.blocks, "a part")
        self.blocks += 1
        return index

    def call_id(self, call: Mapping[str, Any]) -> str:
        """The vendor's id where there is one."""
        number = self.calls
        self.calls += 1
        given = call.get("id")
        if isinstance(given, str) and given:
            return given
        basis = self.seed or codec.dumps_text([call.get("name"), call.get("args"), call.get("code")])
        return "call_" + hashlib.sha256(f"{basis}:{number}".encode()).hexdigest()[:24]

    def count(self, kind: str) -> None:
        self.runs[kind] = self.runs.get(kind, 0) + 1

    def searched(self, queries: Any) -> None:
        for query in queries if isinstance(queries, list) else ():
            if isinstance(query, str) and query:
                self.queries[query] = None

    @property
    def tool_calls(self) -> dict[str, int]:
        """Runs by hub kind, for `Usage.tool_calls`. Google bills searches by the unique, non-empty query for Gemini 3,
        and by the prompt that was grounded, however many its queries, before: both are counted, the price list says
        which is charged (https://ai.google.dev/gemini-api/docs/google-search#pricing)."""
        searched = {"web_search": len(self.queries), "grounded_prompt": int(bool(self.queries))}
        return {**self.runs, **searched, "web_fetch": self.pages}
