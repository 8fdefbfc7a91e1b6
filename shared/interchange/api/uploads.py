"""POST /v1/uploads/presign: where a file goes that is too large for a request."""

# Annotations are read as they stand: FastAPI looks for the names in them.
from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Response

from interchange.exchange.access import authenticate
from interchange.exchange.answers import base_headers
from interchange.exchange.body import read_object
from interchange.exchange.services import Services
from interchange.exchange.uploads import Announced, presign

from .application import Asked
from .described import checked, described
from .shapes import Presigned, UploadRequest

PATHS = ("/v1/uploads/presign",)


def uploads(services: Services) -> APIRouter:
    router, check = APIRouter(tags=["audio"]), checked(UploadRequest)

    @router.post("/v1/uploads/presign/", include_in_schema=False)
    @router.post(
        "/v1/uploads/presign",
        operation_id="presignUpload",
        summary="An address to put a large file to",
        response_description="Where to put it.",
        response_model=Presigned,
        openapi_extra=described(body=UploadRequest),
    )
    async def announce(asked: Asked, response: Response) -> Mapping[str, Any]:
        """The file goes to storage at once, past the limits of a request; name it in the call that follows."""
        response.headers.update(base_headers(services.new_id()))
        principal = await authenticate(services, asked)
        told = read_object(asked)
        check(told)
        return await presign(services, principal, Announced(told["filename"], told["content_type"], told["bytes"]))

    return router
