"""The table, the environment variables and the parameters of the template, against the code that relies on them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from interchange.tables.dynamodb import create_table
from tests.template.applications import families
from tests.template.stack import ROOT, stack

READ = re.compile(r"\b(?:INTERCHANGE|AWS_LAMBDA|POWERTOOLS)_[A-Z_]+\b")
IN_THE_SECRET = {"INTERCHANGE_SEAL_KEY", "INTERCHANGE_EDGE_SECRET"}
FROM_THE_BUILD = {"INTERCHANGE_BUILD"}
"""A file beside the function's code."""
FROM_A_SERVER = {"INTERCHANGE_MODELS", "INTERCHANGE_KEYS_FILE"}
"""For `python -m local`, where one process serves every family and sees all keys, or reads them from a file."""
FROM_LAMBDA = {
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_MAX_CONCURRENCY",
    "AWS_LAMBDA_EXEC_WRAPPER",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
}
FOR_POWERTOOLS = {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE"}


def variables(**parameters: str) -> set[str]:
    functions = stack(PaymentsEnabled="true", **parameters).of_type("AWS::Lambda::Function").values()
    return {name for function in functions for name in function["Environment"]["Variables"]}


def read_by_code() -> set[str]:
    files = [*(ROOT / "shared").rglob("*.py"), *(ROOT / "functions").rglob("*.py")]
    return {name for file in files for name in READ.findall(file.read_text())}


def test_every_setting_that_the_code_reads_is_set() -> None:
    missing = read_by_code() - variables() - IN_THE_SECRET - FROM_THE_BUILD - FROM_A_SERVER - FROM_LAMBDA
    assert not missing, f"template.yaml does not set {missing}"


def test_every_setting_of_the_template_is_read() -> None:
    set_by_us = {name for name in variables() if READ.fullmatch(name)} - FOR_POWERTOOLS
    assert not set_by_us - read_by_code() - FROM_LAMBDA


def test_no_key_is_a_plain_parameter_or_variable() -> None:
    made = stack(PaymentsEnabled="true", EdgeEnabled="true")
    names = {*made.parameters, *variables(EdgeEnabled="true")}
    assert not [name for name in names if re.search(r"api_?key|password|token|_SECRET$", name, re.IGNORECASE)]


def test_no_template_can_overwrite_the_secrets() -> None:
    """The vendors' keys are made empty, and the seal's secret must never be made anew: it stays to the letter."""
    made = stack()
    for name in ("VendorKeys", "SealKey"):
        assert made.resources[name]["DeletionPolicy"] == made.resources[name]["UpdateReplacePolicy"] == "Retain"
    assert set(made.properties("VendorKeys")) == {"Description"}
    assert made.properties("SealKey")["GenerateSecretString"] == {
        "SecretStringTemplate": "{}", "GenerateStringKey": "INTERCHANGE_SEAL_KEY", "PasswordLength": 48,
        "ExcludePunctuation": True,
    }  # fmt: skip


class Recorder:
    """Stands for boto3's client."""

    def __init__(self) -> None:
        self.asked: dict[str, Any] = {}

    def create_table(self, **wanted: Any) -> None:
        self.asked = wanted


def test_the_table_is_the_one_that_the_code_makes() -> None:
    recorder = Recorder()
    create_table(recorder, "x")
    declared = stack().properties("Table")
    for name in ("KeySchema", "GlobalSecondaryIndexes", "BillingMode"):
        assert declared[name] == recorder.asked[name], name
    attributes = [
        sorted(part["AttributeDefinitions"], key=lambda one: one["AttributeName"])
        for part in (declared, recorder.asked)
    ]
    assert attributes[0] == attributes[1]


def test_the_table_cannot_be_lost() -> None:
    made = stack()
    declared, resource = made.properties("Table"), made.resources["Table"]
    assert declared["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert declared["DeletionProtectionEnabled"] == "true"
    assert declared["SSESpecification"] == {"SSEEnabled": True}
    assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == "Retain"


def test_only_rows_that_may_go_expire() -> None:
    """The TTL attribute is named in the code as in the template."""
    attribute = stack().properties("Table")["TimeToLiveSpecification"]["AttributeName"]
    code = "".join(path.read_text() for path in (ROOT / "shared" / "interchange").rglob("*.py"))
    assert f'"{attribute}"' in code


@pytest.mark.parametrize("family", families())
def test_a_function_keeps_its_logs_for_a_while(family: str) -> None:
    made = stack(PaymentsEnabled="true")
    function = made.properties(f"{family.title()}Function")
    group = made.properties(function["LoggingConfig"]["LogGroup"]["Ref"])
    assert int(group["RetentionInDays"]) == 30
    assert function["LoggingConfig"]["ApplicationLogLevel"] == "INFO"
    assert stack(LogLevel="DEBUG").properties("ChatFunction")["LoggingConfig"]["ApplicationLogLevel"] == "DEBUG"
    assert function["Architectures"] == ["arm64"]
    assert function["TracingConfig"] == {"Mode": "Active"}


def test_every_parameter_says_what_it_is() -> None:
    text = (ROOT / "template.yaml").read_text()
    section = text[text.index("\nParameters:") : text.index("\nRules:")]
    entries = re.findall(r"^  (\w+):\n((?:    .+\n)+)", section + "\n", re.MULTILINE)
    assert len(entries) > 15
    for name, body in entries:
        assert "Description:" in body and "Default:" in body, name
        assert re.search(r"AllowedValues|AllowedPattern|MinValue", body), f"{name} takes anything"
        assert re.search(rf"Parameters: \[[^\]]*\b{name}\b", text), f"{name} is in no group of the console"
