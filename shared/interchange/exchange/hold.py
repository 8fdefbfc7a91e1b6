"""Money set aside before anything is sent. The one place that turns a ledger's refusal into the caller's error."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from interchange.catalog.models import Model
from interchange.dataclass import dataclass, replace
from interchange.hub.failure import ErrorKind, Failure, RequestError
from interchange.hub.rates import Rates
from interchange.identity.keys import Principal
from interchange.metering import key_limits
from interchange.metering import ledger as books
from interchange.metering.bounds import Extent, affordable_output, bound, opening, spoken
from interchange.metering.money import usd
from interchange.metering.prices import PriceList
from interchange.metering.rows import hold_id

from .meters import of_a_round
from .pricing import Paid, paid_for
from .services import Services
from .table_calls import ask

TRIES = 6
"""How often a race for the last of a balance is run again with what is left."""
USEFUL_OUTPUT = 256
"""Output tokens below which a cap or a rate refuses instead of cutting the limit."""
IN_USE_SECONDS = 5.0
"""When to try again, where running requests hold the balance."""
SHORT = (books.InsufficientBalance, books.AllowanceExceeded, books.LimitExceeded)
"""Refusals into whose remainder a smaller request may fit."""
HOLD_MARGIN_MS = 60_000
"""A hold outlives its request's deadline by this much, so that a sweep never meets a request that still runs."""

LEAVING: set[asyncio.Future[None]] = set()
"""Holds to be given back. A task that nobody refers to may be collected before it has run."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Quantities that a request may use. `most` is the proven bound, above which nothing is charged. `first` is what is
    expected of it, and set aside (all of `most`, where it is None): the hold grows to `most` when it turns out to be
    more. `cover` is what the balance must be able to carry beside, None for nothing. `floor` is the least output that
    makes sense; `beyond` the part of the output in `first` that no limit bounds; `scale` how many answers share the
    output. `grows`: not all of the output need be set aside at once."""

    most: Extent
    floor: int
    beyond: int = 0
    first: Extent | None = None
    cover: Extent | None = None
    scale: int = 1
    grows: bool = False


@dataclass(frozen=True, slots=True)
class Admission:
    """`limit` is the output limit that the balance imposes on each answer, None where the caller's own stands."""

    hold: books.Hold
    prices: PriceList
    limit: int | None
    output: int
    """Tokens of output that the vendor was told to stop at, of all answers together."""
    rates: Rates | None = None
    markup: str = "1"
    listed: bool = True
    """Whether the prices are the catalog's, which are the vendors' own."""
    further: tuple[books.Hold, ...] = ()
    """Holds beyond the first, where a request grew while it ran."""
    most_nano: int = 0
    """What the hold may grow to."""
    held: Extent = Extent()
    """What the hold covers now."""
    paid: tuple[Paid, ...] = ()
    """Each of the models that may serve, the one that was asked for first; none where that is the only one."""

    @property
    def holds(self) -> tuple[books.Hold, ...]:
        return (self.hold, *self.further)

    @property
    def nano(self) -> int:
        """All that is set aside."""
        return sum(hold.nano for hold in self.holds) if self.further else self.hold.nano


class Uncovered(RequestError):
    """The balance would carry the request without the tools that the vendor runs."""


async def admit(
    services: Services, principal: Principal, model: Model, request_id: str, wanted: Wanted, *, seconds: float
) -> Admission:
    """Holds what the request is expected to cost, or what balance, caps and rates afford of it where that still allows
    its least output. Raises RequestError 400, 402, 403 or 429; Uncovered."""
    paid = await paid_for(services, principal, model)
    markup, prices = paid.markup, paid.prices
    if principal.markup != markup:
        principal = replace(principal, markup=markup)
    whole = wanted.first or wanted.most
    first = _opening(services, prices, whole, wanted, markup)
    for _ in range(TRIES):
        try:
            hold = await _held(services, principal, request_id, bound(prices, first, markup), first, seconds)
        except SHORT as short:
            fitted = _fitted(prices, whole, short, markup)
            if whole.output_tokens == 0 or fitted < _least(short, whole, wanted.floor):
                raise _too_short(short, prices, whole, wanted, principal, services.now_ms()) from short
            first = replace(whole, output_tokens=min(fitted, first.output_tokens))
            wanted = replace(wanted, grows=False)  # it takes all that there is
        except books.LedgerError as refused:
            raise RequestError(_refusal(refused, services.now_ms())) from refused
        else:
            return await _admission(services, principal, paid, wanted, Opened(hold, first, whole))
    raise RequestError(_in_use())


async def extend(
    services: Services,
    principal: Principal,
    admission: Admission,
    extent: Extent,
    *,
    spent: int,
    floor: int,
    seconds: float,
) -> Admission:
    """Holds what one more call of the vendor can cost, beside the `spent` nano-dollars of those before; in a further
    hold where the first has not so much left. Its limit is what is affordable. Raises RequestError."""
    principal = replace(principal, markup=admission.markup)
    wanted, have, prices = extent, admission.nano - spent, admission.prices
    of_rounds, number = of_a_round(principal), len(admission.holds)
    for _ in range(TRIES):
        limit = wanted.output_tokens if wanted.output_tokens < extent.output_tokens else None
        more = bound(prices, wanted, principal.markup) - have
        if more <= 0:
            return replace(admission, limit=limit, output=wanted.output_tokens, held=wanted)
        try:
            identity = hold_id(admission.hold.request_id, number)
            hold = await _held(services, of_rounds, identity, more, wanted, seconds)
        except SHORT as short:
            fitted = _fitted(prices, extent, short, principal.markup, have)
            if fitted < _least(short, extent, floor):
                short = short.beside(have) if isinstance(short, books.InsufficientBalance) else short
                raise _too_short(short, prices, extent, Wanted(extent, floor), principal, services.now_ms()) from short
            wanted = replace(extent, output_tokens=min(fitted, extent.output_tokens))
        except books.LedgerError as refused:
            raise RequestError(_refusal(refused, services.now_ms())) from refused
        else:
            further = (*admission.further, hold)
            return replace(admission, limit=limit, output=wanted.output_tokens, held=wanted, further=further)
    raise RequestError(_in_use())


def _in_use() -> Failure:
    taken = "the balance is taken by other requests of this account at this moment; try again in a second"
    return Failure(ErrorKind.RATE_LIMIT, taken, code="balance_in_use", retry_after=1.0)


def _opening(services: Services, prices: PriceList, whole: Extent, wanted: Wanted, markup: str) -> Extent:
    if not wanted.grows:
        return whole
    first = opening(prices, whole, services.first_hold_nano, markup)
    return replace(first, output_tokens=min(max(first.output_tokens, wanted.floor), whole.output_tokens))


@dataclass(frozen=True, slots=True)
class Opened:
    hold: books.Hold
    first: Extent
    whole: Extent


async def _admission(services: Services, principal: Principal, paid: Paid, wanted: Wanted, opened: Opened) -> Admission:
    """The output limit is what the balance can carry in all, though less of it is set aside. Raises Uncovered, and
    gives the hold back, where it cannot carry the vendor-run tools."""
    hold, first, whole = opened.hold, opened.first, opened.whole
    prices, markup, output = paid.prices, paid.markup, first.output_tokens
    cover = 0 if wanted.cover is None else spoken(prices, wanted.cover, max(output, wanted.floor), markup)
    reach = max(bound(prices, whole, markup), cover) if wanted.grows else cover
    if reach > hold.nano:
        account = account_of(principal)
        spare = await ask(services, services.ledger.spare, hold, account, reach - hold.nano)
        if cover > hold.nano + spare:
            await released(services, hold)
            raise Uncovered(_empty(books.InsufficientBalance(hold.nano + spare, cover), cover))
        if wanted.grows:
            output = max(output, affordable_output(prices, whole, hold.nano + spare, markup))
    limit = max(1, output - wanted.beyond) // wanted.scale if output < whole.output_tokens else None
    output += wanted.most.output_tokens - whole.output_tokens
    most = max(hold.nano, spoken(prices, wanted.most, output, markup))
    rates = _rates(hold.rates, services.now_ms())
    return Admission(hold, prices, limit, output, rates, markup, paid.listed, most_nano=most, held=first)


def account_of(principal: Principal) -> books.AccountRef:
    return books.AccountRef(
        principal.account_id, principal.key_id, principal.limits, principal.shards, principal.meters
    )


@asynccontextmanager
async def kept(services: Services, admission: Admission) -> AsyncIterator[None]:
    """Runs what must still be done under a hold before anything is sent: where it fails, the hold is given back."""
    try:
        yield
    except BaseException:
        await asyncio.shield(released(services, admission.hold))
        raise


async def released(services: Services, hold: books.Hold) -> None:
    """Gives a hold back, or leaves it to the sweep."""
    try:
        await ask(services, services.ledger.release, hold, services.now_ms())
    except Exception as error:  # noqa: BLE001 - whatever the store says, the sweep finds what is left
        services.report("release_failed", {"error": repr(error)})


def _fitted(prices: PriceList, extent: Extent, short: books.LedgerError, markup: str, have: int = 0) -> int:
    """The greatest output limit that fits into what the tightest of balance, caps and rates leaves, beside the `have`
    that is held already; at most zero where not even the input does."""
    match short:
        case books.InsufficientBalance(available_nano=left) | books.AllowanceExceeded(remaining_nano=left):
            return affordable_output(prices, extent, max(0, left) + have, markup)
        case books.LimitExceeded(tokens=True, remaining=left):
            return left - extent.input_tokens
        case _:
            return -1


def _least(short: books.LedgerError, extent: Extent, floor: int) -> int:
    """The least output that is worth an answer. What is left of a cap or a minute comes back by itself, so a stump of
    an answer serves nobody; a balance does not."""
    if isinstance(short, books.InsufficientBalance):
        return floor
    return max(floor, min(extent.output_tokens, USEFUL_OUTPUT))


def _too_short(
    short: books.LedgerError, prices: PriceList, extent: Extent, wanted: Wanted, principal: Principal, now_ms: int
) -> RequestError:
    failure = _refused(short, prices, extent, wanted.floor, principal, now_ms)
    return RequestError(failure) if wanted.cover is None else Uncovered(failure)


def _refused(
    short: books.LedgerError, prices: PriceList, extent: Extent, floor: int, principal: Principal, now_ms: int
) -> Failure:
    """The refusal of the tightest limit; it says so where the limit itself, even unused, is too low for the request."""
    tokens = extent.input_tokens + floor
    match short:
        case books.InsufficientBalance():
            return _empty(short, spoken(prices, extent, floor, principal.markup))
        case books.LimitExceeded(tokens=True, limit=limit) if tokens > limit:
            refusal = _refusal(short, now_ms)
            message = (
                f"Request too large for this {short.whose}'s tokens per minute: limit {limit}, requested {tokens} at"
                " least. Send less, or have the limit raised."
            )
            return replace(refusal, message=message, retry_after=None)
        case _:
            return _refusal(short, now_ms)


async def _held(
    services: Services, principal: Principal, request_id: str, amount: int, extent: Extent, seconds: float
) -> books.Hold:
    """A caller who leaves while the hold is being made gets it back as soon as it is."""
    if services.near:
        return _hold(services, principal, request_id, amount, extent, seconds)
    making = asyncio.ensure_future(ask(services, _hold, services, principal, request_id, amount, extent, seconds))
    try:
        return await asyncio.shield(making)
    except asyncio.CancelledError:
        leaving = asyncio.ensure_future(_give_back(services, making))
        LEAVING.add(leaving)
        leaving.add_done_callback(LEAVING.discard)
        raise


async def _give_back(services: Services, making: asyncio.Future[books.Hold]) -> None:
    try:
        hold = await making
        await ask(services, services.ledger.release, hold, services.now_ms())
    except books.LedgerError:
        return  # there is none
    except Exception as error:  # noqa: BLE001 - whatever the store says, the sweep finds what is left
        services.report("release_failed", {"error": repr(error)})


def _hold(
    services: Services, principal: Principal, request_id: str, amount: int, extent: Extent, seconds: float
) -> books.Hold:
    now = services.now_ms()
    account = account_of(principal)
    tokens = extent.input_tokens + extent.output_tokens
    return services.ledger.hold(account, request_id, amount, now, now + int(seconds * 1000) + HOLD_MARGIN_MS, tokens)


def _empty(short: books.InsufficientBalance, least: int) -> Failure:
    """402; 429 where nothing but this account's own running requests stands in the way: those end, and agents wait for
    a 429 and give up on a 402."""
    if short.running and short.available_nano + short.held_nano >= least:
        what = "1 running request" if short.running == 1 else f"{short.running} running requests"
        message = f"{usd(short.held_nano)} USD is set aside for {what} of this account; try again when one has ended"
        return Failure(ErrorKind.RATE_LIMIT, message, code="balance_in_use", retry_after=IN_USE_SECONDS)
    has = f"${usd(short.available_nano)} available"
    if short.available_nano < 0:
        has = f"the account is ${usd(-short.available_nano)} in debt"
    return Failure(
        ErrorKind.BILLING,
        f"The balance does not cover this request: {has}, ${usd(short.needed_nano)} needed. "
        "Add credit, or ask for less.",
        code="insufficient_quota",
    )


def _rates(left: key_limits.Rates | None, now_ms: int) -> Rates | None:
    if left is None:
        return None
    reset = datetime.fromtimestamp(now_ms / 1000 + left.reset_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Rates(left.requests, left.requests_left, left.tokens, left.tokens_left, left.reset_s, reset)


def _refusal(refused: books.LedgerError, now_ms: int) -> Failure:
    match refused:
        case books.KeyRevoked():
            return Failure(ErrorKind.AUTHENTICATION, "this API key has been revoked", code="invalid_api_key")
        case books.AccountInactive():
            return Failure(ErrorKind.PERMISSION, "this account is not active", code="account_inactive")
        case books.AllowanceExceeded():
            return Failure(
                ErrorKind.BILLING, str(refused), code="key_allowance_exceeded", retry_after=refused.retry_after_s
            )
        case books.LimitExceeded():
            return Failure(
                ErrorKind.RATE_LIMIT,
                f"Rate limit reached: {refused}. {refused.advice}",
                code="rate_limit_exceeded",
                retry_after=refused.retry_after_s,
                rates=_rates(refused.rates, now_ms),
            )
        case _:
            return Failure(ErrorKind.CONFLICT, str(refused) or "this request is already running", code="conflict")
