"""Work that nobody waits for rests while others use the machine."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from toyz_sessions.courtesy import STAT, Courtesy, busy_seconds


def test_what_the_processors_ran() -> None:
    tick = 1 / os.sysconf("SC_CLK_TCK")
    # user nice system idle iowait irq softirq steal guest guest_nice
    assert busy_seconds("cpu  1 2 4 1000 2000 8 16 32 5000 5000\ncpu0 9 9 9\n") == pytest.approx(63 * tick)
    before = busy_seconds(STAT.read_text())
    spent = time.process_time()
    while time.process_time() - spent < 0.2:
        pass
    assert busy_seconds(STAT.read_text()) - before >= 0.2 - 3 * tick


@pytest.mark.parametrize("text", ["", "cpu0 1 2 3 4 5 6 7 8", "cpu 1 2", "cpu a b c d e f g h"])
def test_another_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not what the kernel counts"):
        busy_seconds(text)


def test_it_rests_while_another_process_works() -> None:
    courtesy = Courtesy()
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as other:
        try:
            until = time.monotonic() + 1.0
            while time.monotonic() < until:
                piece = time.process_time()
                while time.process_time() - piece < 0.02:
                    pass
                done = time.monotonic()
                courtesy.pause()
                assert time.monotonic() - done >= 0.02
            assert courtesy.others > 0.2
        finally:
            other.kill()


def test_without_a_count_it_does_not_rest(tmp_path: Path) -> None:
    for stat in (tmp_path / "missing", tmp_path / "other"):
        courtesy = Courtesy(stat)
        (tmp_path / "other").write_text("no count")
        time.sleep(0.3)
        courtesy.pause()
        assert courtesy.others == 0
