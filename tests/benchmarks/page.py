"""Write docs/performance.md: ``python -m tests.benchmarks.page``."""

from pathlib import Path

from tests.benchmarks.report import RESULTS, load, table

PAGE = Path("docs/performance.md")
_MARK = "<!-- what follows is written by `make bench-page` -->"


def write() -> None:
    """Put the last rows below the words of the page."""
    machine, rows = load(RESULTS)
    if not rows:
        raise SystemExit("Nothing was measured yet: run `make bench` and `make bench-peers` first.")
    words = PAGE.read_text(encoding="utf-8").partition(_MARK)[0].rstrip()
    ran = (
        f"Measured on {machine['date']}: {machine['processor']}, {machine['cores']} cores, Linux {machine['kernel']}, "
    )
    ran += f"Python {machine['python']}."
    PAGE.write_text(f"{words}\n\n{_MARK}\n\n## The last run\n\n{ran}\n{table(rows)}\n", encoding="utf-8")


if __name__ == "__main__":
    write()
