"""Errors that mean that the table could not be reached."""

from __future__ import annotations

REFUSALS_OF_AN_OUTAGE = frozenset(
    {
        "ThrottlingException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "InternalServerError",
        "ServiceUnavailable",
        "ServiceUnavailableException",
    }
)


def is_outage(error: BaseException) -> bool:
    """True for a table that cannot be reached, is locked, or answers with a fault of its own."""
    from botocore.exceptions import BotoCoreError, ClientError  # imported here: only an outage needs it

    if isinstance(error, ClientError):
        told = error.response
        status = told.get("ResponseMetadata", {}).get("HTTPStatusCode", 400)
        code = str(told.get("Error", {}).get("Code", ""))
        return status >= 500 or code in REFUSALS_OF_AN_OUTAGE or code.startswith("Http5")
    return isinstance(error, OSError | BotoCoreError) or type(error).__name__ == "OperationalError"
