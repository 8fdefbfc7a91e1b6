from __future__ import annotations

from collections.abc import Iterator

import pytest

from interchange.tables.sqlite import MEMORY, SqliteTable
from tests.account.desk import Desk, opened
from tests.metering.tables import in_memory


@pytest.fixture(params=["dynamodb", "sqlite"])
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    """The same account on both of the table's engines."""
    if request.param == "sqlite":
        yield opened(SqliteTable(MEMORY))
        return
    with in_memory() as table:
        yield opened(table)
