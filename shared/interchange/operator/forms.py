"""Forms of what the APIs take, as JSON Schema's patterns: for who reads their documents, or generates requests. What is
wrong with a value is said by its own reader, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated, Any

from pydantic import BaseModel, Field
from pydantic.config import JsonDict

from interchange.whole import WHOLE

from .amounts import CONTROL, TURNING
from .dates import DATE, MONTH_SAID, PERIOD
from .dates import SPAN as SPANS

SPAN = SPANS.pattern
CLOCK = "T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])?"
MOMENT = f"(today|tomorrow|{SPAN}|{DATE}({CLOCK})?)"
ANY_MOMENT = f"(today|yesterday|tomorrow|{SPAN}|{DATE}({CLOCK})?)"
PLAIN = r"[0-9]{1,11}(\.[0-9]{1,9})?"
SOME = (
    r"(0{0,5}[1-9][0-9]{0,5}(\.[0-9]{1,9})?|0\.("
    + "|".join(f"{'0' * zeros}[1-9][0-9]{{0,{8 - zeros}}}" for zeros in range(9))
    + "))"
)
ZERO = r"0+(\.0+)?"
CREDIT = r"(1000000(\.0{1,9})?|[0-9]{1,6}(\.[0-9]{1,9})?)"
FACTOR = r"(100(\.0{1,18})?|[0-9]{1,2}(\.[0-9]{1,18})?)"
UNSEEN = CONTROL + TURNING
VISIBLE = rf"[^{UNSEEN}]*[^\s{UNSEEN}][^{UNSEEN}]*"
"""Something to read, without control characters, nor those that turn the direction of writing."""
NOTHING_OR_VISIBLE = f"({VISIBLE})?"
HOST = "([a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?[.]){1,4}[a-z]{2,12}"
MAIL = f"[A-Za-z0-9._+-]{{1,64}}@{HOST}"
WEB = rf"https://{HOST}(:[1-9][0-9]{{0,3}})?(/[A-Za-z0-9/._~-]{{0,200}})?"
LOOKED_FOR = rf" *[^\s{CONTROL}][^{CONTROL}]{{1,198}}[^\s{CONTROL}] *"
OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
FOUR = rf"({OCTET}\.){{3}}{OCTET}(/(3[0-2]|[12]?[0-9]))?"
GROUP = "[0-9a-fA-F]{1,4}"
SIX = (
    f"(({GROUP}:){{7}}{GROUP}|({GROUP}:){{1,6}}:{GROUP}|({GROUP}:){{1,7}}:|:(:{GROUP}){{1,7}}|::)"
    "(/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))?"
)
NETWORK = f"({FOUR}|{SIX})"


def written_as(pattern: str) -> JsonDict:
    """The whole value has that form."""
    return {"pattern": f"^({pattern})$"}


def one_zone(schema: JsonDict) -> None:
    """Names every zone that this machine knows: only when a document is made, since looking takes a while."""
    schema |= written_as(_zones())


def no_zone_or_one(schema: JsonDict) -> None:
    """The same, or nothing."""
    schema |= written_as(f"({_zones()})?")


def _zones() -> str:
    from zoneinfo import available_timezones

    return "|".join(sorted(name.replace("+", "[+]") for name in available_timezones()))


Plain = Annotated[str, Field(json_schema_extra=written_as(PLAIN))]
"""USD, not negative."""
Some = Annotated[str, Field(json_schema_extra=written_as(SOME))]
"""USD, more than nothing."""
Credit = Annotated[str, Field(json_schema_extra=written_as(CREDIT))]
"""USD, as much as one entry may add."""
Worth = Annotated[str, Field(json_schema_extra={**written_as(CREDIT), "not": written_as(ZERO)})]
"""The same, and more than nothing."""
Change = Annotated[str, Field(json_schema_extra={**written_as(f"-?{CREDIT}"), "not": written_as(f"-?{ZERO}")})]
"""USD, taken where it is negative."""
Factor = Annotated[str, Field(json_schema_extra=written_as(FACTOR))]
Ahead = Annotated[str, Field(max_length=60, json_schema_extra=written_as(MOMENT))]
"""A moment to come; one that is past is a conflict."""
Zone = Annotated[str, Field(max_length=60, json_schema_extra=one_zone)]
Network = Annotated[str, Field(json_schema_extra=written_as(NETWORK))]
Visible = Annotated[str, Field(min_length=1, json_schema_extra=written_as(VISIBLE))]
Mail = Annotated[str, Field(max_length=320, json_schema_extra=written_as(MAIL))]
Web = Annotated[str, Field(json_schema_extra=written_as(WEB))]
"""An https address."""
Month = Annotated[str, Field(json_schema_extra=written_as(MONTH_SAID))]
Period = Annotated[str, Field(max_length=40, json_schema_extra=written_as(PERIOD))]


Limit = Annotated[int, Field(ge=0, lt=10**15), WHOLE]
"""A number of requests or tokens."""


def listed(groups: Iterable[str], labels: Iterable[str]) -> str:
    """Words with commas between them, of `labels` one at most; or nothing."""
    group, label, comma = f"({'|'.join(groups)})", f"({'|'.join(labels)})", " *, *"
    return f"({group}({comma}{group})*({comma}{label}({comma}{group})*)?|{label}({comma}{group})*)?"


class As:
    """Lets a field of any form be described as `model` is, which does not read it."""

    def __init__(self, model: type[BaseModel], *, most: int | None = None, least: int = 0) -> None:
        """`most`: a list of so many at most. `least`: how many fields are there at least."""
        self._model, self._most, self._least = model, most, least

    def __get_pydantic_json_schema__(self, _read: Any, handler: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
        described = handler(self._model.__pydantic_core_schema__)
        if self._least:
            described = {"allOf": [described], "minProperties": self._least}
        return described if self._most is None else {"type": "array", "maxItems": self._most, "items": described}


def named(*names: str, null: str = "") -> JsonDict:
    """At least one of the fields is there and not null, or `null`, whatever it is."""
    given: list[Any] = [{"required": [one], "properties": {one: {"not": {"type": "null"}}}} for one in names]
    return {"anyOf": given + ([{"required": [null]}] if null else [])}


def some(limits: str) -> JsonDict:
    """That field has an entry."""
    return {"allOf": [{"required": [limits], "properties": {limits: {"minProperties": 1}}}]}
