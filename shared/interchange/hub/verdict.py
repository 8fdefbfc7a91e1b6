"""Whose fault a vendor's failure is, and of what kind: the words of one judgement (`exchange.verdict` makes it)."""

from __future__ import annotations

from enum import StrEnum

from interchange.dataclass import dataclass


class Blame(StrEnum):
    CALLER = "caller"
    """The request itself: no route would take it."""
    CONTENT = "content"
    """The vendor declined what was asked."""
    PASSING = "passing"
    """The same request may be served a moment later."""
    OPERATOR = "operator"
    """The operator's standing with this vendor: another route may serve, this one will not."""
    MALFORMED = "malformed"
    """No answer of the protocol."""


class Cause(StrEnum):
    """Cause of a failure, as the operator's metric counts it."""

    REQUEST = "request"
    CONTENT = "content"
    RATE = "rate"
    OVERLOADED = "overloaded"
    FAULT = "fault"
    CREDENTIAL = "credential"
    CREDIT = "credit"
    ACCESS = "access"
    """Organisation, project, region, verification."""
    MODEL = "unknown_model"
    MALFORMED = "malformed"
    UNREACHABLE = "unreachable"
    SILENT = "silent"


BLAMES: dict[Cause, Blame] = {
    Cause.REQUEST: Blame.CALLER,
    Cause.CONTENT: Blame.CONTENT,
    Cause.RATE: Blame.PASSING,
    Cause.OVERLOADED: Blame.PASSING,
    Cause.FAULT: Blame.PASSING,
    Cause.CREDENTIAL: Blame.OPERATOR,
    Cause.CREDIT: Blame.OPERATOR,
    Cause.ACCESS: Blame.OPERATOR,
    Cause.MODEL: Blame.OPERATOR,
    Cause.MALFORMED: Blame.MALFORMED,
    Cause.UNREACHABLE: Blame.PASSING,
    Cause.SILENT: Blame.PASSING,
}
OF_A_CREDENTIAL = frozenset({Cause.CREDENTIAL, Cause.CREDIT, Cause.ACCESS, Cause.RATE})
"""Causes that another credential of the same vendor may not share."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`inside`: the error stood in the place of an answer, under a status of success."""

    cause: Cause
    inside: bool = False

    @property
    def blame(self) -> Blame:
        return BLAMES[self.cause]

    @property
    def again(self) -> bool:
        """True where the same route may serve the same request."""
        return self.blame in (Blame.PASSING, Blame.MALFORMED)

    @property
    def elsewhere(self) -> bool:
        """True where another route may serve it."""
        return self.blame not in (Blame.CALLER, Blame.CONTENT) or (self.inside and self.blame is Blame.CALLER)
