"""The methods that a 405 names are those of the path that was asked, not those of a wider one behind it."""

from __future__ import annotations

import pytest
from fastapi import APIRouter, FastAPI
from starlette.testclient import TestClient

from interchange.operator import api_refusals


@pytest.mark.parametrize("included", [False, True])
def test_a_wider_path_lends_no_method(included: bool) -> None:
    app = FastAPI()
    routes = APIRouter() if included else app.router

    @routes.get("/codes/{batch}")
    def index(batch: str) -> str:
        return batch

    @routes.post("/codes/redeem")
    def redeem() -> str:
        return "done"

    if included:
        app.include_router(routes, prefix="/admin")
    api_refusals.install(app)
    here = TestClient(app)
    start = "/admin" if included else ""
    assert here.options(f"{start}/codes/redeem").headers["allow"] == "POST"
    assert here.post(f"{start}/codes/spring").headers["allow"] == "GET"
