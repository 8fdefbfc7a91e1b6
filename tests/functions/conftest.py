from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.operator.office import Office, opened


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Office]:
    with opened(monkeypatch, capsys) as found:
        yield found
