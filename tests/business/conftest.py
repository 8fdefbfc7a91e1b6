from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.business.stripe_server import Stripe, stripe_server
from tests.operator.office import Office, opened


@pytest.fixture
def stripe() -> Iterator[Stripe]:
    with stripe_server() as made:
        yield made


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Office]:
    with opened(monkeypatch, capsys) as desk:
        yield desk
