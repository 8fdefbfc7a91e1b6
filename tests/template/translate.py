"""template.yaml as CloudFormation sees it. Runs in the tools' environment, offline: prints JSON on stdout.

`translate.py FILE NAME=VALUE...`: parameters as `sam deploy` would give them.
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
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        for name in ("CodeUri", "ContentUri"):  # what packaging does
            if name in properties:
                properties[name] = "s3://artefacts/one.zip"
    template["Globals"]["Function"]["CodeUri"] = "s3://artefacts/one.zip"
    parameters = {name: str(entry.get("Default", "")) for name, entry in template["Parameters"].items()}
    parameters |= dict(pair.split("=", 1) for pair in pairs)
    parameters |= {"AWS::Region": "us-east-1", "AWS::StackName": "interchange"}
    translator = Translator({}, Parser())
    json.dump({"parameters": parameters, **translator.translate(template, parameters)}, sys.stdout, default=str)


if __name__ == "__main__":
    main(*sys.argv[1:])
