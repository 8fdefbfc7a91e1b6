"""The log's lines: their level, a fault's trace, and the metrics that the template's alarms look at."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from aws_lambda_powertools import Logger

from interchange.exchange.trace import TRACE_ID
from interchange.wiring.reporting import METRICS, reporter

TEMPLATE = Path(__file__).resolve().parents[2] / "template.yaml"


def lines(service: str, *events: str, level: str = "INFO", **env: str) -> list[dict[str, Any]]:
    """Of a logger of its own: those of one service share the stream that the first of them was given."""
    out = io.StringIO()
    log = Logger(service=service, level=level, stream=out)
    report = reporter(log, env)
    for event in events:
        try:
            raise ArithmeticError("no such sum")
        except ArithmeticError as error:
            report(event, {"request_id": "r", "error": repr(error)})
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_what_somebody_must_look_at_is_an_error_with_its_trace_and_a_metric() -> None:
    (line,) = lines("one", "fault", level="ERROR")
    assert (line["level"], line["message"], line["request_id"]) == ("ERROR", "fault", "r")
    assert "raise ArithmeticError" in line["exception"]
    (metric,) = line["_aws"]["CloudWatchMetrics"]
    assert metric == {"Namespace": "Interchange", "Dimensions": [["service"]],
                      "Metrics": [{"Name": "Faults", "Unit": "Count"}]}  # fmt: skip
    assert (line["service"], line["Faults"]) == ("one", 1)
    assert isinstance(line["_aws"]["Timestamp"], int)


def test_metrics_go_into_the_stacks_own_namespace() -> None:
    (line,) = lines("spaced", "fault", POWERTOOLS_METRICS_NAMESPACE="Interchange/prod")
    assert line["_aws"]["CloudWatchMetrics"][0]["Namespace"] == "Interchange/prod"


def test_a_line_has_the_trace_of_its_own_invocation() -> None:
    token = TRACE_ID.set("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1")
    try:
        (line,) = lines("traced", "request")
    finally:
        TRACE_ID.reset(token)
    assert line["trace_id"] == "1-5759e988-bd862e3fe1be46a994272793"
    assert "trace_id" not in lines("untraced", "request")[0]


def test_a_fault_on_lambda_is_counted_for_its_version_too() -> None:
    where = {"AWS_LAMBDA_FUNCTION_NAME": "stack-chat", "AWS_LAMBDA_FUNCTION_VERSION": "7"}
    (line,) = lines("three", "fault", **where)
    (metric,) = line["_aws"]["CloudWatchMetrics"]
    assert metric["Dimensions"] == [["service"], ["function", "version"]]
    assert (line["function"], line["version"], line["Faults"]) == ("stack-chat", "7", 1)


def test_the_wait_for_the_first_byte_is_a_metric_of_the_requests_line() -> None:
    out = io.StringIO()
    reporter(Logger(service="four", stream=out), {})("request", {"first_byte_ms": 812})
    line = json.loads(out.getvalue())
    (metric,) = line["_aws"]["CloudWatchMetrics"]
    assert metric["Metrics"] == [{"Name": "FirstByte", "Unit": "Milliseconds"}]
    assert (line["FirstByte"], line["level"]) == (812, "INFO")


def test_the_rest_has_neither() -> None:
    found = lines("two", "request", "settle_failed")
    assert [line["level"] for line in found] == ["INFO", "WARNING"]
    assert not [line for line in found if "_aws" in line or "exception" in line]


@pytest.mark.parametrize("name", METRICS.values())
def test_each_metric_has_an_alarm(name: str) -> None:
    text = TEMPLATE.read_text(encoding="utf-8")
    assert f"MetricName: {name}\n      Dimensions: [{{Name: service, Value: interchange}}]" in text


def test_a_vendors_refusal_is_a_warning_counted_by_vendor_credential_and_cause() -> None:
    out = io.StringIO()
    fields = {"provider": "openai", "credential": "1", "cause": "credit", "status": 429, "code": "x", "words": "no"}
    reporter(Logger(service="five", stream=out), {})("vendor_refused", fields)
    (line,) = [json.loads(one) for one in out.getvalue().splitlines()]
    assert line["level"] == "WARNING" and fields.items() <= line.items()
    (metric,) = line["_aws"]["CloudWatchMetrics"]
    assert metric["Dimensions"] == [["provider", "credential", "cause"], ["service", "cause"]]
    assert (metric["Metrics"], line["VendorRefused"]) == ([{"Name": "VendorRefused", "Unit": "Count"}], 1)


ALARM = "Dimensions: [{{Name: service, Value: interchange}}, {{Name: cause, Value: {cause}}}]"
LASTING = ("credential", "credit", "access", "unknown_model")
PASSING = ("unreachable", "silent")


@pytest.mark.parametrize("cause", [*LASTING, *PASSING])
def test_what_only_the_operator_can_mend_alarms_at_once_and_the_rest_by_its_rate(cause: str) -> None:
    after = TEMPLATE.read_text(encoding="utf-8").split(ALARM.format(cause=cause))[1]
    fields = dict(line.strip().split(": ", 1) for line in after.split("AlarmActions")[0].splitlines() if ": " in line)
    threshold, period = int(fields["Threshold"]), int(fields["Period"])
    assert (threshold == 1) == (cause in LASTING) and period <= 300
    assert fields["ComparisonOperator"] == "GreaterThanOrEqualToThreshold"
