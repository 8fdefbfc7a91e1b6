"""A body that is not of the vendor's shape: a real provider answers 400, and so does the simulator."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

MISSHAPEN: tuple[type[Exception], ...] = (TypeError, ValueError, AttributeError, LookupError)
"""What reading such a body comes to."""


async def refusal(request: Request, error: Exception) -> Response:
    said = f"the simulator cannot read this request: {error}"[:200]
    vendor = request.url.path.split("/")[1]
    match vendor:
        case "anthropic":
            body = {
                "type": "error",
                "error": {"type": "invalid_request_error", "message": said},
                "request_id": "req_sim",
            }
        case "gemini":
            body = {"error": {"code": 400, "message": said, "status": "INVALID_ARGUMENT"}}
        case _:
            body = {"error": {"message": said, "type": "invalid_request_error", "param": None, "code": None}}
    return JSONResponse(body, status_code=400)
