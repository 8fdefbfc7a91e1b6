"""The environment of `sam local` on a deployed stack: its table, secret and bucket."""

from __future__ import annotations

import sys

from interchange.operator.books import CommandError
from interchange.operator.stack import AWS_ERRORS, find, region_of

VARIABLES = {
    "INTERCHANGE_TABLE": "TableName",
    "INTERCHANGE_SECRET_ARN": "VendorKeysArn",
    "INTERCHANGE_UPLOADS_BUCKET": "UploadsBucket",
    "INTERCHANGE_ALERT_TOPIC": "AlarmTopic",
}
"""A variable -> the output that has its value."""


def values(stack: str) -> dict[str, str]:
    """Ends the program with one line where the stack cannot be found."""
    try:
        outputs = find(stack, region_of(None)).outputs
    except (CommandError, *AWS_ERRORS) as error:
        sys.exit(f"sam-local: {error}")
    return {**{name: outputs[output] for name, output in VARIABLES.items()}, "INTERCHANGE_EDGE_SECRET_ARN": ""}
