"""`python -m scripts.pages FOLDER`: every page, its Markdown, llms.txt, llms-full.txt and the OpenAPI documents."""

from __future__ import annotations

import sys
from pathlib import Path

from scripts.pages.site import build

if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    build(Path(sys.argv[1]))
