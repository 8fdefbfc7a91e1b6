"""Uploads of the gateway's own that a conversation names, and the same body with their content in its place.

A vendor never sees such an id: the part becomes what it would have been, had the caller sent the content itself. Each
protocol tells which of its parts may name one (`server/uploaded.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from interchange.dataclass import dataclass

from .failure import invalid
from .held import is_free, objects

OURS = re.compile(r"file-[0-9a-f]{32}")
"""An id that `POST /v1/uploads/presign` hands out; those of vendors are shorter, or of other letters."""
LARGER = (
    "Lambda takes requests of 6 MB at most, which is a file of about 4.5 MB. For a larger one ask "
    "POST /v1/uploads/presign for a URL, PUT the file there, and send its id as `file_id`."
)
"""The way around the platform's limit, told by the 413."""
NOT_OURS = (
    "files of the vendor's are not reached from here; send the content, or the id of an upload (/v1/uploads/presign)"
)
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Content:
    """An upload's bytes in base64. `media_type`, without parameters, is what they are."""

    name: str
    media_type: str
    data: str

    @property
    def kind(self) -> str:
        """ "image", "audio", "text", "application", ..."""
        return self.media_type.partition("/")[0]


Named = Callable[[Mapping[str, Any]], str | None]
"""An object of a body -> the field below it that may name an upload ("source.file_id"); None for one without."""
Filled = Callable[[Json, Content], Json]
"""(the object, what it names) -> the object with the content. Raises ValueError with words for what it cannot hold."""


def is_ours(value: Any) -> bool:
    return isinstance(value, str) and OURS.fullmatch(value) is not None


def foreign(holder: Mapping[str, Any], _body: Mapping[str, Any]) -> bool:
    """True where `file_id` is no id of ours: a `Names` of the tables of what is held."""
    return not is_ours(holder.get("file_id"))


def named(body: Json, field: Named) -> Iterator[tuple[str, str]]:
    """(path, id) of each upload that the body names. Raises RequestError for one in a place that takes none."""
    found: set[str] = set()
    for holder, path, _ in objects(body):
        place = field(holder)
        value = _at(holder, place) if place is not None else None
        if is_ours(value):
            where = f"{path}.{place}".lstrip(".")
            found.add(where)
            yield where, str(value)
        where = f"{path}.file_id".lstrip(".")
        if is_ours(holder.get("file_id")) and where not in found:
            raise invalid(f"{where}: an upload is not taken here", where, "unsupported_parameter")


def filled(body: Json, field: Named, fill: Filled, contents: Mapping[str, Content]) -> Json:
    """The body with the contents, by id, of all that it names. Raises RequestError naming the field."""
    done = _filled(body, "", field, fill, contents)
    assert isinstance(done, dict)
    return done


def _filled(value: Any, path: str, field: Named, fill: Filled, contents: Mapping[str, Content]) -> Any:
    """The value itself where nothing below it changes."""
    if isinstance(value, list):
        items = [_filled(one, f"{path}[{at}]", field, fill, contents) for at, one in enumerate(value)]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    if not isinstance(value, dict):
        return value
    place = field(value)
    content = contents.get(str(_at(value, place))) if place is not None else None
    if content is not None:
        try:
            return fill(value, content)
        except ValueError as error:
            where = f"{path}.{place}".lstrip(".")
            raise invalid(f"{where}: {error}", where, "unsupported_file") from error
    inner = {
        name: one if is_free(name, one) else _filled(one, f"{path}.{name}".lstrip("."), field, fill, contents)
        for name, one in value.items()
    }
    return inner if any(inner[name] is not value[name] for name in value) else value


def _at(holder: Mapping[str, Any], place: str) -> Any:
    value: Any = holder
    for name in place.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
