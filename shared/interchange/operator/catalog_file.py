"""`python -m interchange.operator.catalog_file FILE`: what `catalog check` says, without the command line's libraries,
for the build of a deployment."""

from __future__ import annotations

import sys
from pathlib import Path

from interchange import wiring
from interchange.catalog.load import CatalogError

from . import rendering, report_actions
from .books import CommandError


def main(file: str) -> int:
    try:
        shown = report_actions.check_catalog(wiring.checked(Path(file)), file)
    except (CatalogError, CommandError, wiring.SettingError, OSError, ValueError) as error:
        print(f"error: {(str(error).splitlines() or ['it cannot be read'])[0]}", file=sys.stderr)
        return 1
    print(rendering.lines(shown))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
