"""A deployment on paper: the translated template under given parameters, its conditions decided.

Only what decides what there is: conditions, Fn::If, references to parameters, AWS::NoValue. Other intrinsic functions
stay as they are.
"""

from __future__ import annotations

import functools
import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".tools" / "aws" / "bin"
NOTHING = object()


@dataclass(frozen=True)
class Stack:
    parameters: Mapping[str, Any]
    resources: Mapping[str, Any]
    outputs: Mapping[str, Any]

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """Logical id -> properties."""
        return {name: r.get("Properties", {}) for name, r in self.resources.items() if r["Type"] == kind}

    def properties(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.resources[name].get("Properties", {})
        return found

    def routes(self) -> Iterator[tuple[str, str, str, Mapping[str, Any]]]:
        """(method, path, function's logical id, the method as OpenAPI has it)."""
        for path, methods in self.properties("Api")["Body"]["paths"].items():
            for method, operation in methods.items():
                if operation["x-amazon-apigateway-integration"]["type"] == "mock":
                    continue  # API Gateway answers it itself
                uri = json.dumps(operation["x-amazon-apigateway-integration"]["uri"])
                name = uri.partition("functions/${")[2].partition("Aliaslive")[0]
                yield method.upper().replace("X-AMAZON-APIGATEWAY-ANY-METHOD", "ANY"), path, name, operation


def stack(**parameters: str) -> Stack:
    """Skips where the AWS tools are not installed."""
    return _stack(ROOT / "template.yaml", tuple(sorted(parameters.items())))


def stack_of(file: Path, **parameters: str) -> Stack:
    """Of another template."""
    return _stack(file, tuple(sorted(parameters.items())))


@functools.cache
def _stack(file: Path, parameters: tuple[tuple[str, str], ...]) -> Stack:
    asked, told = _translator(file)
    asked.write(json.dumps(dict(parameters)) + "\n")
    asked.flush()
    answer = told.readline()
    assert answer, "the translator has ended; its error is above"
    return decide(json.loads(answer))


@functools.cache
def _translator(file: Path) -> tuple[IO[str], IO[str]]:
    """One process for all stacks: its imports take longer than a translation. It ends with its input."""
    python = TOOLS / "python"
    if not python.exists():
        pytest.skip("the AWS tools are not installed (`make aws-tools`): the template is not translated")
    command = [str(python), str(Path(__file__).with_name("translate.py")), str(file)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    return process.stdin, process.stdout


def decide(template: Mapping[str, Any]) -> Stack:
    parameters = template["parameters"]
    conditions = {name: _Decision(parameters, template["Conditions"]).holds(name) for name in template["Conditions"]}

    def kept(entries: Mapping[str, Any]) -> dict[str, Any]:
        return {
            name: _decided({k: v for k, v in entry.items() if k != "Condition"}, conditions, parameters)
            for name, entry in entries.items()
            if conditions.get(entry.get("Condition", ""), True)
        }

    return Stack(parameters, kept(template["Resources"]), kept(template["Outputs"]))


@dataclass(frozen=True)
class _Decision:
    parameters: Mapping[str, Any]
    conditions: Mapping[str, Any]

    def holds(self, name: str) -> bool:
        return self._true(self.conditions[name])

    def _true(self, condition: Any) -> bool:
        match condition:
            case {"Condition": str(name)}:
                return self.holds(name)
            case {"Fn::Equals": [left, right]}:
                return str(self._value(left)) == str(self._value(right))
            case {"Fn::Not": [inner]}:
                return not self._true(inner)
            case {"Fn::And": parts}:
                return all(self._true(part) for part in parts)
            case {"Fn::Or": parts}:
                return any(self._true(part) for part in parts)
        raise AssertionError(f"an unknown condition: {condition}")

    def _value(self, value: Any) -> Any:
        return self.parameters[value["Ref"]] if isinstance(value, dict) else value


def _decided(value: Any, conditions: Mapping[str, bool], parameters: Mapping[str, Any]) -> Any:
    match value:
        case {"Fn::If": [name, yes, no]}:
            return _decided(yes if conditions[name] else no, conditions, parameters)
        case {"Ref": "AWS::NoValue"}:
            return NOTHING
        case {"Ref": str(name)} if name in parameters:
            return parameters[name]
        case dict():
            found = {name: _decided(inner, conditions, parameters) for name, inner in value.items()}
            return {name: inner for name, inner in found.items() if inner is not NOTHING}
        case list():
            inner = [_decided(one, conditions, parameters) for one in value]
            return [one for one in inner if one is not NOTHING]
    return value
