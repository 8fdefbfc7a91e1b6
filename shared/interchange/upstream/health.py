"""Memory of failures: which routes and which credentials have failed lately, and until when they rest.

A resting route is asked last, not never; one success ends its rest. The memory is the process's own; what other
processes have seen is learned over the table (`continuity.rests`), in the background: no request waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field

from interchange.dataclass import dataclass
from interchange.hub.verdict import OF_A_CREDENTIAL, Cause

FIRST_SECONDS = 5.0
"""Of a rest after a passing failure; each further one doubles it."""
LONGEST_SECONDS = 60.0
OPERATOR_SECONDS = 60.0
"""Of a rest that only the operator can end; asked again after it, since nobody tells us that he has."""
LONGEST_ASKED = 600.0
"""The longest Retry-After that is believed."""
LASTING = frozenset({Cause.CREDENTIAL, Cause.CREDIT, Cause.ACCESS, Cause.MODEL})
ALIVE = frozenset({Cause.RATE, Cause.MODEL})
"""Causes that say nothing against the vendor as a whole."""


@dataclass(frozen=True, slots=True)
class Place:
    """The goal of a try: the provider, its model, and which of its credentials it showed."""

    provider: str
    model: str
    credential: int = 0
    credentials: int = 1


@dataclass(frozen=True, slots=True)
class Rest:
    """`until_ms` in Unix milliseconds; `failures` in a row."""

    until_ms: int
    cause: str
    failures: int


@dataclass(slots=True)
class State:
    """State of a provider, for the operator. Times in Unix milliseconds."""

    served_ms: int = 0
    failed_ms: int = 0
    cause: str = ""
    rested_until_ms: int = 0
    failing_ms: int = 0
    """Since when every try has failed; 0 where the last one did not."""
    refused: dict[str, int] = field(default_factory=dict)
    """When the operator himself was refused last, by cause."""


Changed = Callable[[str], None]
"""Called with a provider's name when its state has changed enough to be shared."""


@dataclass(slots=True)
class Health:
    routes: dict[tuple[str, str], Rest] = field(default_factory=dict)
    credentials: dict[tuple[str, int], Rest] = field(default_factory=dict)
    states: dict[str, State] = field(default_factory=dict)
    changed: Changed | None = None
    read_ms: int = 0
    """When the memory of other processes was last read."""
    _turn: dict[str, int] = field(default_factory=dict)

    def resting(self, provider: str, model: str, now_ms: int) -> bool:
        return _rests(self.routes.get((provider, model)), now_ms) or _rests(self.routes.get((provider, "")), now_ms)

    def credential(self, provider: str, count: int, now_ms: int, failed: frozenset[int] = frozenset()) -> int | None:
        """The place of the next credential: in turn, those that rest last. None where all have failed."""
        if count == 1:
            return 0 if 0 not in failed else None
        turn = self._turn[provider] = self._turn.get(provider, -1) + 1
        free = [(turn + step) % count for step in range(count) if (turn + step) % count not in failed]
        free.sort(key=lambda one: _rests(self.credentials.get((provider, one)), now_ms))
        return free[0] if free else None

    def failed(self, place: Place, cause: Cause, retry_after: float | None, now_ms: int) -> None:
        if cause in OF_A_CREDENTIAL and place.credentials > 1:
            key = (place.provider, place.credential)
            self.credentials[key] = _rest(self.credentials.get(key), cause, retry_after, now_ms)
            if any(not _rests(self.credentials.get((place.provider, n)), now_ms) for n in range(place.credentials)):
                self._note(place, cause, now_ms)
                return
        model = "" if cause in (Cause.CREDENTIAL, Cause.CREDIT) else place.model
        route = (place.provider, model)
        self.routes[route] = _rest(self.routes.get(route), cause, retry_after, now_ms)
        self._note(place, cause, now_ms)

    def served(self, place: Place, now_ms: int) -> None:
        ended = [self.routes.pop((place.provider, model), None) for model in (place.model, "")]
        ended.append(self.credentials.pop((place.provider, place.credential), None))
        state = self.states.setdefault(place.provider, State())
        news = now_ms - state.served_ms > 60_000 or state.failing_ms
        state.served_ms, state.failing_ms = now_ms, 0
        if any(ended) or news:
            self._tell(place.provider)

    def renewed(self) -> None:
        """The vendors' keys are others: what was refused for its key is asked again."""
        self.routes = {key: rest for key, rest in self.routes.items() if rest.cause != Cause.CREDENTIAL}
        self.credentials = {key: rest for key, rest in self.credentials.items() if rest.cause != Cause.CREDENTIAL}

    def learn(self, routes: Mapping[tuple[str, str], Rest], now_ms: int) -> None:
        """Learns what other processes have seen. Nothing that this one knows better is overwritten."""
        for key, rest in routes.items():
            own = self.routes.get(key)
            served = self.states.get(key[0], State()).served_ms
            if (own is None or own.until_ms < rest.until_ms) and rest.until_ms > now_ms and served < now_ms - 5_000:
                self.routes[key] = rest

    def _note(self, place: Place, cause: Cause, now_ms: int) -> None:
        state = self.states.setdefault(place.provider, State())
        state.failed_ms, state.cause = now_ms, str(cause)
        if cause not in ALIVE:
            state.failing_ms = state.failing_ms or now_ms
        if cause in LASTING:
            state.refused[str(cause)] = now_ms
        state.rested_until_ms = max([0, *(r.until_ms for key, r in self.routes.items() if key[0] == place.provider)])
        self._tell(place.provider)

    def _tell(self, provider: str) -> None:
        if self.changed is not None:
            self.changed(provider)


def _rests(rest: Rest | None, now_ms: int) -> bool:
    return rest is not None and rest.until_ms > now_ms


def _rest(before: Rest | None, cause: Cause, retry_after: float | None, now_ms: int) -> Rest:
    failures = 1 if before is None else before.failures + 1
    seconds = (
        OPERATOR_SECONDS if cause in LASTING else min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** min(failures - 1, 10))
    )
    if retry_after:  # "at once" is what a dead vendor says too
        seconds = max(seconds if cause in LASTING else 0.0, min(LONGEST_ASKED, retry_after))
    return Rest(now_ms + int(seconds * 1000), str(cause), failures)
