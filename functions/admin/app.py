"""/admin/...: the operator's API, for callers that API Gateway has authorised by IAM"""

from fastapi import HTTPException, Request

from interchange import wiring
from interchange.edge.buffered import buffered
from interchange.operator.api import admin
from interchange.operator.books import open_books


def authorised(request: Request) -> str:
    """A second lock: a route that was deployed without IAM authorisation answers nobody."""
    context = request.scope.get("aws.event", {}).get("requestContext", {})
    rest = (context.get("identity") or {}).get("userArn")
    http = ((context.get("authorizer") or {}).get("iam") or {}).get("userArn")
    if not rest and not http:
        raise HTTPException(403, "this API takes requests signed with IAM credentials only")
    return str(rest or http)


app = admin(open_books(wiring.settings()), authorised)
handler = buffered(app)
