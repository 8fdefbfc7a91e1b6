"""The routes of the template against the routes of the applications, and how each is connected."""

from __future__ import annotations

import json

import pytest

from interchange.edge.base_url import meant
from interchange.edge.family import ANY_ORIGIN
from tests.template.applications import SCHEDULED, families, routes
from tests.template.stack import Stack, stack

STREAMING = {"chat", "messages", "responses", "audio", "images"}
UNKNOWN = ("ANY", "/{path+}")
HEALTH = ("GET", "/healthz")
"""Every application answers it; one route of the API leads to it."""


def logical_id(family: str) -> str:
    return f"{family.title()}Function"


def declared() -> Stack:
    return stack(PaymentsEnabled="true")


@pytest.mark.parametrize("family", [family for family in families() if family not in SCHEDULED])
def test_the_api_has_the_routes_of_the_application(family: str) -> None:
    found = {(method, path) for method, path, name, _ in declared().routes() if name == logical_id(family)}
    wanted = set(routes(family))
    if ("ANY", "/admin/{proxy+}") in found:  # one greedy route: the application refuses what it has not
        assert wanted and all(path.startswith("/admin/") for _, path in wanted)
        return
    found = {(method, path) for method, path in found if method != "HEAD"}
    mistaken = {one for one in found if meant(one[1]) != one[1] or "{more+}" in one[1] or one == UNKNOWN}
    assert found - mistaken - {HEALTH} == wanted - {HEALTH}


def test_what_has_an_etag_is_asked_by_head_too() -> None:
    served = {(method, path): name for method, path, name, _ in declared().routes()}
    wanted = {path for method, path in routes("console") | routes("models") if (method, path) != HEALTH}
    assert wanted - {"/v1/{more+}"} <= {path for method, path in served if method == "HEAD"}
    for (method, path), name in served.items():
        assert method != "HEAD" or served[("GET", path)] == name


def test_mistaken_paths_lead_to_the_function_of_the_endpoint_that_they_mean() -> None:
    served = {(method, path): name for method, path, name, _ in declared().routes()}
    assert served[UNKNOWN] == logical_id("models")
    for (method, path), name in served.items():
        if "{more+}" in path:
            assert served[(method, path.removesuffix("/{more+}"))] == name
        elif meant(path) != path:
            assert served[(method, meant(path))] == name
    for family, path in (("chat", "/chat/completions"), ("messages", "/messages"), ("responses", "/responses")):
        for mistake in (path, f"/v1/v1{path}"):
            assert served[("POST", mistake)] == logical_id(family)


def test_every_function_of_the_template_has_its_folder_and_back() -> None:
    functions = set(declared().of_type("AWS::Lambda::Function"))
    assert functions == {logical_id(family) for family in families()}


def test_L2_the_gateway_waits_as_long_as_the_function_runs() -> None:
    for method, path, name, operation in declared().routes():
        if name.removesuffix("Function").lower() in STREAMING:
            assert operation["x-amazon-apigateway-integration"]["timeoutInMillis"] == 900_000, (method, path)
            assert declared().resources[name]["Properties"]["Timeout"] == 900


def test_L3_streaming_routes_stream_and_the_others_do_not() -> None:
    for method, path, name, operation in declared().routes():
        integration = operation["x-amazon-apigateway-integration"]
        uri, mode = str(integration["uri"]), integration.get("responseTransferMode")
        if name.removesuffix("Function").lower() in STREAMING:
            assert mode == "STREAM" and "/2021-11-15/" in uri and "response-streaming-invocations" in uri, (
                method,
                path,
            )
        else:
            assert mode is None and "/2015-03-31/" in uri, (method, path)


def test_streaming_functions_have_a_url_on_the_live_alias_that_anybody_may_call() -> None:
    made = declared()
    urls = {str(url["TargetFunctionArn"]["Ref"]): url for url in made.of_type("AWS::Lambda::Url").values()}
    assert set(urls) == {f"{logical_id(family)}Aliaslive" for family in STREAMING}
    for url in urls.values():
        assert (url["InvokeMode"], url["AuthType"]) == ("RESPONSE_STREAM", "NONE")
    permissions = made.of_type("AWS::Lambda::Permission").values()
    by_url = [one for one in permissions if one.get("FunctionUrlAuthType") == "NONE"]
    by_function = [one for one in permissions if one.get("InvokedViaFunctionUrl")]
    assert len(by_url) == len(by_function) == len(STREAMING)


def test_only_streaming_functions_start_the_streaming_entry() -> None:
    for name, function in declared().of_type("AWS::Lambda::Function").items():
        wrapper = function["Environment"]["Variables"].get("AWS_LAMBDA_EXEC_WRAPPER")
        streams = name.removesuffix("Function").lower() in STREAMING
        assert wrapper == ("/opt/streaming-entry" if streams else None), name
        assert function["Timeout"] == (900 if streams else 300 if name == "SweepFunction" else 29)


def test_the_operators_api_is_signed_and_nothing_else_is() -> None:
    for _, path, _, operation in declared().routes():
        assert bool(operation.get("security")) == path.startswith("/admin/"), path


def test_the_sweep_is_scheduled() -> None:
    schedules = list(declared().of_type("AWS::Scheduler::Schedule").values())
    assert [one["ScheduleExpression"] for one in schedules] == [{"Fn::Sub": "rate(${SweepMinutes} minutes)"}]


def test_the_api_answers_a_browsers_first_question_as_the_functions_do() -> None:
    for path, methods in declared().properties("Api")["Body"]["paths"].items():
        options = methods.get("options")
        assert options is not None, path
        said = options["x-amazon-apigateway-integration"]["responses"]["default"]["responseParameters"]
        told = {name.rpartition("-")[2].lower(): value.strip("'") for name, value in said.items()}
        assert told["origin"] == ",".join(ANY_ORIGIN["allow_origins"])
        if "x-amazon-apigateway-any-method" not in methods:
            assert set(told["methods"].split(",")) == {method.upper() for method in methods}, path
        assert told["age"] == str(ANY_ORIGIN["max_age"])
        assert told["headers"] == "*,authorization"


def test_there_is_one_stage_with_throttle_firewall_and_log() -> None:
    made = stack(WafEnabled="true", FunctionUrls="none", AccessLogsEnabled="true")
    assert list(made.of_type("AWS::ApiGateway::Stage")) == ["ApiStage"]
    stage = made.properties("ApiStage")
    assert stage["MethodSettings"][0]["ThrottlingRateLimit"] == "500" and "AccessLogSetting" in stage
    assert "StageName" not in next(iter(made.of_type("AWS::ApiGateway::Deployment").values()))
    assert "ApiStage" in str(made.properties("ApiFirewall"))


def test_the_operators_api_needs_no_right_on_the_function() -> None:
    (operation,) = [operation for _, path, _, operation in declared().routes() if path == "/admin/{proxy+}"]
    assert "credentials" not in operation["x-amazon-apigateway-integration"]


STATUS = {
    "MISSING_AUTHENTICATION_TOKEN": 404, "RESOURCE_NOT_FOUND": 404, "THROTTLED": 429, "QUOTA_EXCEEDED": 429,
    "REQUEST_TOO_LARGE": 413, "WAF_FILTERED": 403, "ACCESS_DENIED": 403, "INTEGRATION_FAILURE": 502,
    "INTEGRATION_TIMEOUT": 504,
}  # fmt: skip


def test_what_the_gateway_answers_itself_is_an_error_of_both_protocols_that_a_page_can_read() -> None:
    answers = declared().properties("Api")["Body"]["x-amazon-apigateway-gateway-responses"]
    assert answers.keys() >= {*STATUS, "DEFAULT_4XX", "DEFAULT_5XX"}
    for name, answer in answers.items():
        body = json.loads(answer["responseTemplates"]["application/json"])
        assert body["type"] == "error" and body["error"].keys() == {"type", "message", "param", "code"}, name
        assert answer["responseParameters"]["gatewayresponse.header.Access-Control-Allow-Origin"] == "'*'"
        assert int(answer.get("statusCode", 0)) == STATUS.get(name, int(answer.get("statusCode", 0))), name
    for name in ("THROTTLED", "QUOTA_EXCEEDED"):
        assert "gatewayresponse.header.Retry-After" in answers[name]["responseParameters"]


def test_no_answer_of_the_gateway_is_left_bare() -> None:
    """A kind that is not named has DEFAULT_4XX's or DEFAULT_5XX's body."""
    answers = declared().properties("Api")["Body"]["x-amazon-apigateway-gateway-responses"]
    assert {"DEFAULT_4XX", "DEFAULT_5XX"} <= set(answers)
    assert "statusCode" not in answers["DEFAULT_4XX"] and "statusCode" not in answers["DEFAULT_5XX"]
