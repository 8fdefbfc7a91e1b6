"""template.yaml as CloudFormation sees it. Runs in the tools' environment, offline.

`translate.py FILE`: each line of stdin is a JSON object of parameters, as `sam deploy` would give them; each line of
stdout the template that they make. `layer` and `code` are what the packages are called, as `sam package` names them by
their contents.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

from samcli.yamlhelper import yaml_parse
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator


def translated(text: str, given: dict[str, str]) -> dict[str, Any]:
    template = yaml_parse(text)
    layer, code = given.pop("layer", "one"), given.pop("code", "one")
    template["Resources"]["SharedLayer"]["Properties"]["ContentUri"] = f"s3://artefacts/{layer}.zip"
    template["Globals"]["Function"]["CodeUri"] = f"s3://artefacts/{code}.zip"
    parameters = {name: str(entry.get("Default", "")) for name, entry in template["Parameters"].items()}
    parameters |= given
    parameters |= {"AWS::Region": "us-east-1", "AWS::StackName": "interchange"}
    translator = Translator({}, Parser())
    return {"parameters": parameters, **translator.translate(template, parameters)}


def main(file: str) -> None:
    text = Path(file).read_text()
    for line in sys.stdin:
        print(json.dumps(translated(text, json.loads(line)), default=str), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
