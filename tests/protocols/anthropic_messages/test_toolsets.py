"""The families of tools that the caller runs are those of the SDK's types: their members, and what each takes."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from anthropic.types.beta.beta_browser_toolset_configs_param import BetaBrowserToolsetConfigsParam
from anthropic.types.beta.beta_computer_toolset_configs_param import BetaComputerToolsetConfigsParam

from interchange.protocols.anthropic_messages import toolsets

CONFIGS: dict[str, Any] = {"computer": BetaComputerToolsetConfigsParam, "browser": BetaBrowserToolsetConfigsParam}
MEMBERS = [(family, member) for family, kind in CONFIGS.items() for member in kind.__annotations__]


def test_every_member_is_known() -> None:
    assert {name: set(found) for name, found in toolsets.FAMILIES.items()} == {
        name: set(kind.__annotations__) for name, kind in CONFIGS.items()
    }


@pytest.mark.parametrize("family, member", MEMBERS)
def test_a_member_takes_what_its_type_says(family: str, member: str) -> None:
    module = importlib.import_module(f"anthropic.types.beta.beta_{family}_{member}_input")
    kind = getattr(module, module.__all__[0])
    _, schema = toolsets.FAMILIES[family][member]
    fields = {info.alias or name: info.is_required() for name, info in kind.model_fields.items()}
    assert set(schema["properties"]) == set(fields)
    assert set(schema.get("required", ())) == {name for name, required in fields.items() if required}


def test_a_name_is_taken_apart_where_its_family_was_declared_alone() -> None:
    asked = {"tools": [{"type": "computer_toolset_20260801"}]}
    assert toolsets.apart("computer__wait", asked) == {"name": "wait", "toolset_name": "computer"}
    assert toolsets.apart("computer__wait", {"tools": [{"name": "computer__wait"}]}) == {"name": "computer__wait"}
    assert toolsets.apart("computer__other", asked) == {"name": "computer__other"}
