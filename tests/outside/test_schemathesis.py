"""The OpenAPI document against the server, by schemathesis: what is documented is what is done."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.web.harness import BEARER, install_plugin, served

FOLDER = Path(__file__).parent
EXAMPLES = 8
"""Requests that chance makes of each operation, beside those that cover its parameters one by one."""


@pytest.mark.outside
def test_the_document_holds(tmp_path: Path) -> None:
    pytest.importorskip("schemathesis", reason="run 'make outside'")
    (tmp_path / "lab").mkdir()
    toml = f'[shares]\nlab = {{path = "{tmp_path}/lab", write = true}}\n'
    with served(tmp_path, site=install_plugin(tmp_path), toml=toml) as server:
        command = [str(Path(sys.executable).with_name("schemathesis")), "--config-file"]
        command += [str(FOLDER / "schemathesis.toml"), "run", f"{server.url}api/openapi.json", "--checks", "all"]
        command += ["--header", f"Authorization: {BEARER['Authorization']}", "--max-examples", f"{EXAMPLES}"]
        environment = os.environ | {"SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": str(FOLDER)}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=tmp_path, check=False)
        assert done.returncode == 0, done.stdout[-5000:] + done.stderr
        assert "Traceback" not in (tmp_path / "log").read_text()
