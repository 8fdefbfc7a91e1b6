"""The environment of `sam local`: a deployed stack's table, secret and bucket, as its `--env-vars` wants them.

SAM passes on only variables that the template sets, so a table on this machine cannot be named to it.
"""

from __future__ import annotations

import json
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


def main(stack: str) -> None:
    try:
        outputs = find(stack, region_of(None)).outputs
    except (CommandError, *AWS_ERRORS) as error:
        sys.exit(f"sam-local: {error}")
    values = {name: outputs[output] for name, output in VARIABLES.items()}
    print(json.dumps({"Parameters": {**values, "INTERCHANGE_EDGE_SECRET_ARN": ""}}))


if __name__ == "__main__":
    main(*sys.argv[1:])
