"""Which versions of a function may go."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from scripts.prune import old_versions

NOON = datetime(2026, 2, 2, 12, tzinfo=UTC)


class Lambdas:
    """Stands for boto3's client: one page of each list."""

    def get_paginator(self, name: str) -> Any:
        pages = {
            "list_aliases": {"Aliases": [
                {"FunctionVersion": "4", "RoutingConfig": {"AdditionalVersionWeights": {"5": 0.1}}}]},
            "list_versions_by_function": {"Versions": [
                {"Version": "$LATEST", "LastModified": "2026-02-01T00:00:00.000+0000"},
                {"Version": "2", "LastModified": "2026-02-01T00:00:00.000+0000"},
                {"Version": "3", "LastModified": "2026-02-02T11:59:00.000+0000"},
                {"Version": "4", "LastModified": "2026-02-01T00:00:00.000+0000"},
                {"Version": "5", "LastModified": "2026-02-01T00:00:00.000+0000"}]},
        }  # fmt: skip
        return type("Paginator", (), {"paginate": staticmethod(lambda **_: [pages[name]])})


def test_versions_in_use_or_young_stay() -> None:
    assert list(old_versions(Lambdas(), "chat", NOON.replace(hour=11))) == ["2"]
