"""template.yaml as CloudFormation sees it. Runs in the tools' environment, offline: prints JSON on stdout.

`translate.py FILE NAME=VALUE...`: parameters as `sam deploy` would give them; `layer=NAME` and `code=NAME` are what the
packages are called, as `sam package` names them by their contents.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")

from samcli.yamlhelper import yaml_parse
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator


def main(file: str, *pairs: str) -> None:
    template = yaml_parse(Path(file).read_text())
    given = dict(pair.split("=", 1) for pair in pairs)
    layer, code = given.pop("layer", "one"), given.pop("code", "one")
    template["Resources"]["SharedLayer"]["Properties"]["ContentUri"] = f"s3://artefacts/{layer}.zip"
    template["Globals"]["Function"]["CodeUri"] = f"s3://artefacts/{code}.zip"
    parameters = {name: str(entry.get("Default", "")) for name, entry in template["Parameters"].items()}
    parameters |= given
    parameters |= {"AWS::Region": "us-east-1", "AWS::StackName": "interchange"}
    translator = Translator({}, Parser())
    json.dump({"parameters": parameters, **translator.translate(template, parameters)}, sys.stdout, default=str)


if __name__ == "__main__":
    main(*sys.argv[1:])
