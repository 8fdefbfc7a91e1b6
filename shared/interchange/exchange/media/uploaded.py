"""Pictures of an edit that went ahead of it: their ids, as `{"file_id": ...}` in JSON (openai-python 3.57.0,
`types/image_input_reference_param.py`) or as the text of a part, make room for the files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from interchange.dataclass import replace
from interchange.exchange.services import Services
from interchange.exchange.uploads import Inline, fetch_all
from interchange.hub.media import Form
from interchange.hub.uploaded import is_ours
from interchange.identity.keys import Principal
from interchange.protocols.openai_media.multipart import write_form
from interchange.wire import codec
from interchange.wire.data_url import write_data_url

from .multipart import reread

PLACES = ("image", "images", "mask")


async def with_uploads(services: Services, principal: Principal, form: Form) -> Form:
    """The form with the files in it; itself where it names none. Raises RequestError naming the field."""
    named = {
        f"{name}[{at}]" if isinstance(form.fields[name], list) else name: file_id
        for name in PLACES
        for at, one in enumerate(_each(form.fields.get(name)))
        if (file_id := _named(one)) is not None
    }
    if not named:
        return form
    places: dict[str, str] = {}
    for path, file_id in named.items():
        places.setdefault(file_id, path)
    files = await fetch_all(services, principal, places)
    return _multipart(form, files) if form.multipart else _json(form, files)


def _multipart(form: Form, files: Mapping[str, Inline]) -> Form:
    """The form written anew: its texts, and as files what they named."""
    texts = {name: value for name, value in form.fields.items() if not any(map(_named, _each(value)))}
    parts = [(name, upload) for name, uploads in form.files.items() for upload in uploads]
    parts += [
        (name, files[file_id].file)
        for name in PLACES
        for one in _each(form.fields.get(name))
        if (file_id := _named(one)) is not None
    ]
    several = sum(name.startswith("image") for name, _ in parts) > 1
    written = [("image[]" if several and name.startswith("image") else name, upload) for name, upload in parts]
    return reread(*write_form(texts, written))


def _json(form: Form, files: Mapping[str, Inline]) -> Form:
    def inline(one: Any) -> Any:
        file_id = _named(one)
        if file_id is None:
            return one
        found = files[file_id]
        return {"image_url": write_data_url(found.file.media_type, found.data)}

    changed = {
        name: [inline(one) for one in value] if isinstance(value, list) else inline(value)
        for name, value in form.fields.items()
        if name in PLACES
    }
    fields = {**form.fields, **changed}
    return replace(form, fields=fields, raw=codec.dumps(fields))


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _named(one: Any) -> str | None:
    """The id of an upload, in either spelling."""
    found = one.get("file_id") if isinstance(one, Mapping) else one
    return found if isinstance(found, str) and is_ours(found) else None
