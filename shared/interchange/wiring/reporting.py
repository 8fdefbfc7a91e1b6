"""What the gateway says of itself: a line of JSON for each event, and a metric where somebody must look.

A metric is written into the line itself, which CloudWatch reads from the log (no call is made for it):
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from aws_lambda_powertools import Logger

METRICS: Mapping[str, str] = {"fault": "Faults", "row_unwritten": "RowsUnwritten"}
"""A line of level `ERROR` -> its metric of the namespace `Interchange`, service `interchange`. template.yaml has an
alarm on each."""


def reporter(log: Logger) -> Callable[[str, Mapping[str, object]], None]:
    def report(event: str, fields: Mapping[str, object]) -> None:
        if event in METRICS:
            log.error(event, extra={**fields, **_metric(event)}, exc_info=sys.exc_info()[0] is not None)
        elif event.endswith("_failed"):
            log.warning(event, extra=dict(fields))
        else:
            log.info(event, extra=dict(fields))

    return report


def _metric(event: str) -> dict[str, Any]:
    described = {
        "Namespace": "Interchange", "Dimensions": [["service"]],
        "Metrics": [{"Name": METRICS[event], "Unit": "Count"}],
    }  # fmt: skip
    return {"_aws": {"Timestamp": time.time_ns() // 1_000_000, "CloudWatchMetrics": [described]}, METRICS[event]: 1}
