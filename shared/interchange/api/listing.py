"""GET /v1/models and /v1/models/{id}: the catalog, in the shape that the caller's SDK reads."""

# Annotations are read as they stand: FastAPI looks for the names in them.
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response

from interchange.exchange import models
from interchange.exchange.answers import base_headers
from interchange.exchange.services import Services
from interchange.wrong_fields import form

from .application import Asked
from .described import described
from .shapes import Model, ModelList, ModelPage, VersionedModel

PATHS = ("/v1/models", "/v1/models/{model:path}")
Name = Annotated[str, Path(min_length=1, examples=["gpt-5"])]
OPEN = described("version", free=True)
WHOLE = form("^(1000|[1-9][0-9]{0,2})$", f"must be a whole number from 1 to {models.LONGEST_PAGE}")
Limit = Annotated[
    str, Query(description="With `anthropic-version` only: from 1 to 1000.", examples=["20"], pattern=WHOLE)
]
Cursor = Annotated[str, Query(description="With `anthropic-version` only: the id of a model.")]


def listing(services: Services) -> APIRouter:
    router = APIRouter(tags=["models"])

    def headed(response: Response) -> None:
        response.headers.update(base_headers(services.new_id()))

    @router.head("/v1/models", include_in_schema=False)
    @router.head("/v1/models/", include_in_schema=False)
    @router.get("/v1/models/", include_in_schema=False)
    @router.get(
        "/v1/models",
        operation_id="listModels",
        summary="The catalog, with prices",
        response_description="The models.",
        response_model=ModelList | ModelPage,
        response_model_exclude_unset=True,
        openapi_extra=OPEN,
    )
    async def index(
        asked: Asked, response: Response, limit: Limit = "20", after_id: Cursor = "", before_id: Cursor = ""
    ) -> Mapping[str, Any]:
        """Needs no key unless the operator says so; a key sees what it may use, at its own prices. With
        `anthropic-version` the list has the shape of Anthropic's, in pages."""
        headed(response)
        return await models.index(services, asked)

    @router.head("/v1/models/{model:path}", include_in_schema=False)
    @router.get(
        "/v1/models/{model:path}",
        operation_id="getModel",
        summary="One model",
        response_description="The model.",
        response_model=Model | VersionedModel,
        response_model_exclude_unset=True,
        openapi_extra=OPEN,
    )
    async def show(asked: Asked, response: Response, model: Name) -> Mapping[str, Any]:
        """By its id, or a further name of it."""
        headed(response)
        return await models.show(services, asked, model)

    return router
