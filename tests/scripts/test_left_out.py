"""What the layer leaves out of the MCP library is needed by nothing that the functions import."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import mcp

from scripts.build import EMPTIED, UNUSED, leave_out
from tests.template.stack import ROOT

HOOK = """
import sys
class Left:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {left!r}:
            raise ImportError(f"left out: {{name}}")
sys.meta_path.insert(0, Left())
sys.path[:0] = [{tree!r}, {shared!r}]
import mcp
assert mcp.__file__.startswith({tree!r}), mcp.__file__
from interchange.upstream.mcp_servers import McpSession
print("imported", "mcp.server" in sys.modules)
"""


def test_the_client_works_without_what_is_left_out(tmp_path: Path) -> None:
    whole = Path(str(mcp.__file__)).parent
    shutil.copytree(whole, tmp_path / "mcp", ignore=shutil.ignore_patterns("__pycache__"))
    leave_out(tmp_path)
    assert not (tmp_path / "mcp" / "server").exists()
    assert all((tmp_path / name).read_text() == "" for name in EMPTIED)
    left = {name.rstrip("*") for name in UNUSED if "/" not in name}
    script = HOOK.format(left=left, tree=str(tmp_path), shared=str(ROOT / "shared"))
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "imported False", done.stderr
