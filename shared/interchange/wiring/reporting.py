"""Log and metrics: a line of JSON for each event, and a metric where somebody must look.

A metric is written into the line itself, which CloudWatch reads from the log (no call is made for it):
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import functools
import logging
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from aws_lambda_powertools import Logger

from interchange.exchange.trace import TRACE_ID, read_root

NAMESPACE = "POWERTOOLS_METRICS_NAMESPACE"
"""Names the metrics' namespace, which the template makes each stack's own."""
METRICS: Mapping[str, str] = {
    "fault": "Faults",
    "row_unwritten": "RowsUnwritten",
    "charge_absorbed": "ChargesAbsorbed",
    "free_usage": "FreeUsage",
}
"""A line of level `ERROR` -> its metric of the stack's namespace, service `interchange`. template.yaml has an
alarm on each."""
REFUSED = "vendor_refused"
"""A line of level `WARNING` -> the metric `VendorRefused`, by provider, credential and cause; and by cause alone, which
the alarms look at."""
BY = ("provider", "credential", "cause")
FIRST_BYTE = "first_byte_ms"
"""A field of the line `request` -> the metric `FirstByte`, in milliseconds."""
VERSION = ("function", "version")
"""A fault is counted once more under these: during a deployment the alarm looks at the new version alone."""


def reporter(log: Logger, env: Mapping[str, str]) -> Callable[[str, Mapping[str, object]], None]:
    """`env` has what Lambda says of the function; elsewhere nothing is counted by version."""
    names = (env.get("AWS_LAMBDA_FUNCTION_NAME", ""), env.get("AWS_LAMBDA_FUNCTION_VERSION", ""))
    version = dict(zip(VERSION, names, strict=True)) if all(names) else {}
    metric = functools.partial(_metric, env.get(NAMESPACE) or "Interchange")
    is_told = logging.getLogger(log.name).isEnabledFor

    def report(event: str, fields: Mapping[str, object]) -> None:
        if trace := read_root(TRACE_ID.get()):
            fields = {**fields, "trace_id": trace}
        if event in METRICS:
            sets = [["service"], list(version)] if version else [["service"]]
            counted = {**version, **metric(METRICS[event], "Count", sets), METRICS[event]: 1}
            log.error(event, extra={**fields, **counted}, exc_info=sys.exc_info()[0] is not None)
        elif event == REFUSED:
            counted = {**metric("VendorRefused", "Count", [list(BY), ["service", "cause"]]), "VendorRefused": 1}
            log.warning(event, extra={**fields, **counted})
        elif event.endswith("_failed"):
            log.warning(event, extra=dict(fields))
        elif not is_told(logging.INFO):
            return
        elif (waited := fields.get(FIRST_BYTE)) is not None:
            timed = {**metric("FirstByte", "Milliseconds", [["service"]]), "FirstByte": waited}
            log.info(event, extra={**fields, **timed})
        else:
            log.info(event, extra=dict(fields))

    return report


def _metric(namespace: str, name: str, unit: str, dimensions: list[list[str]]) -> dict[str, Any]:
    described = {"Namespace": namespace, "Dimensions": dimensions, "Metrics": [{"Name": name, "Unit": unit}]}
    return {"_aws": {"Timestamp": time.time_ns() // 1_000_000, "CloudWatchMetrics": [described]}}
