"""Checks whether the account may call the catalog's models of Bedrock: each wants an agreement, which an
administrator's first call makes, and some vendors' a form that is filled in once for the account.

https://docs.aws.amazon.com/bedrock/latest/APIReference/API_GetFoundationModelAvailability.html and
https://docs.aws.amazon.com/bedrock/latest/APIReference/API_GetUseCaseForModelAccess.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from interchange.catalog.lookup import Catalog
from interchange.providers.known import SIGNED

from .books import Shown
from .stack import Stack

ENABLED, REGION = "BedrockEnabled", "BedrockRegion"
"""The template's parameters."""
PLACE = re.compile(r"^(?:global|us|eu|apac|jp|au)\.")
"""Of an inference profile's id, which is a model's behind a place."""
READY = "AVAILABLE"
FORM = "not filled in: Bedrock's console, Playground, shows it with the first of its vendor's models; it is for all"
HELP = "an administrator calls each once, in Bedrock's console (Playground); docs/deploy.md, step 4"


def bedrock(stack: Stack, listed: Catalog) -> Shown:
    """Lists what is missing, by model; nothing where Bedrock is not served, or the caller may not ask."""
    if stack.parameters.get(ENABLED) != "true":
        return {}
    import boto3  # slow to import

    region = stack.parameters.get(REGION) or stack.region
    client: Any = boto3.client("bedrock", region_name=region)
    try:
        missing = {name: words for name in models(listed) if (words := _missing(client, name))}
        form = _has_form(client)
    except (BotoCoreError, ClientError) as error:
        return {"bedrock": f"not checked: {error}"}
    shown: Shown = {"bedrock": "every model may be called"}
    if missing:
        shown = {"bedrock": f"{len(missing)} models cannot be called yet: {HELP}", "bedrock_missing": missing}
    return shown if form else {**shown, "bedrock_form": FORM}


def models(listed: Catalog) -> Iterable[str]:
    """The catalog's models there, without the place that an inference profile begins with."""
    routes = (route for model in listed.models for route in model.routes if route.provider == SIGNED)
    return dict.fromkeys(PLACE.sub("", route.model) for route in routes)


def _missing(client: Any, model: str) -> str:
    """ "" where nothing is."""
    try:
        found = client.get_foundation_model_availability(modelId=model)
    except client.exceptions.ResourceNotFoundException:
        return "unknown in this region"
    states = {
        "agreement": found["agreementAvailability"]["status"],
        "region": found["regionAvailability"],
        "entitlement": found["entitlementAvailability"],
        "authorization": READY if found["authorizationStatus"] == "AUTHORIZED" else found["authorizationStatus"],
    }
    return ", ".join(f"{name} {state}" for name, state in states.items() if state != READY)


def _has_form(client: Any) -> bool:
    try:
        client.get_use_case_for_model_access()
    except client.exceptions.ResourceNotFoundException:
        return False
    return True
