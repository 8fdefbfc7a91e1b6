from __future__ import annotations

from interchange.hub.failure import STATUS, ErrorKind, RequestError, invalid
from interchange.hub.losses import Loss, Losses


def test_a_loss_is_told_once_and_in_order() -> None:
    losses = Losses()
    losses.drop("b", "why")
    losses.drop("a", "why")
    losses.drop("b", "why")
    losses.drop("b", "another reason")
    assert losses.items == [Loss("b", "why"), Loss("a", "why"), Loss("b", "another reason")]


def test_every_kind_of_error_has_a_status() -> None:
    assert set(STATUS) == set(ErrorKind)


def test_an_invalid_request_names_its_field() -> None:
    error = invalid("n: too many", "n")
    assert isinstance(error, RequestError)
    assert (error.failure.kind, error.failure.param, str(error)) == (ErrorKind.INVALID_REQUEST, "n", "n: too many")
    assert not error.failure.upstream
