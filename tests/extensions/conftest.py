"""Plugins written to disk as pip would leave them, so that they are found by their entry points."""

from collections.abc import Callable
from pathlib import Path

import pytest


@pytest.fixture
def make_plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Give a function that installs a package with an entry point and returns its name."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(site)

    def install(name: str, source: str, *, files: dict[str, str] | None = None) -> str:
        package = site / name
        for file, text in {"__init__.py": source, **(files or {})}.items():
            (package / file).parent.mkdir(parents=True, exist_ok=True)
            (package / file).write_text(text)
        record = site / f"{name}-1.0.dist-info"
        record.mkdir()
        (record / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (record / "entry_points.txt").write_text(f"[toyz.plugins]\n{name} = {name}:plugin\n")
        return name

    return install
