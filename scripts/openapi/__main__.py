"""`python -m scripts.openapi FOLDER`: openapi.json for customers, openapi-admin.json for the operator."""

from __future__ import annotations

import sys
from pathlib import Path

from scripts.openapi.document import write

if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    write(Path(sys.argv[1]))
