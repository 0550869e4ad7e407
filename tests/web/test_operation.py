"""A server in operation: its metrics, sessions that rest, the drain before its end, and logs."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from prometheus_client.parser import text_string_to_metric_families
from websockets.exceptions import ConnectionClosed

from tests.web.harness import BEARER, PATIENCE, Served, Window, get, install_plugin, post, served, write_share
from tests.web.nginx import free_ports
from tests.web.test_accounts import PASSWORD, closes, cookie_of, done, toyz
from toyz.config import Config
from toyz_web.instance import keep_whereabouts, load_instance, prepare_folders
from toyz_web.meters import Histogram, Meters

TILE = "api/images/sky/ramp.fits/tiles/2/0/0?cuts=0,500"
Samples = dict[tuple[str, str], float]


def metrics(server: Served, headers: dict[str, str] | None = None) -> Samples:
    """Read the metrics as Prometheus does; a sample by its name and its labels."""
    answer = get(f"{server.url}metrics", headers=BEARER if headers is None else headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return {
        (sample.name, ",".join(f"{key}={value}" for key, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve with a user, and sessions that rest soon."""
    folder: Path = tmp_path_factory.mktemp("lab")
    with served(folder, toml="[limits]\nidle = 0.4\n") as running:
        done(folder, "user", "add", "ada", "--password-stdin", given=PASSWORD + "\n")
        done(folder, "share", "grant", "sky", "ada")
        yield running


# ---- metrics ------------------------------------------------------------------------------


def test_what_happens_is_counted(lab: Served) -> None:
    before = metrics(lab)
    with lab.window() as window:
        image = window.call("a", "images", "open", path="sky/ramp.fits")["image"]
        for name in ("first", "second"):
            window.tile(name, image, 0, 0, 0, high=4321)
        window.error("b", "images", "open", path="sky/none.fits")
        for _ in range(3):
            lab.http.get(TILE)
        post(f"{lab.url}login", data={"username": "ada", "password": "wrong"})
        now = metrics(lab)
    assert now["toyz_sockets", ""] == 1
    assert now["toyz_windows", ""] >= 1

    def more(name: str, labels: str = "") -> float:
        return now[name, labels] - before.get((name, labels), 0.0)

    assert more("toyz_tiles_total", "source=session") == 2
    assert more("toyz_tiles_total", "source=cache") >= 2
    assert more("toyz_tile_seconds_count") == more("toyz_tile_seconds_bucket", "le=+Inf") == 2
    assert more("toyz_messages_total", "direction=in") == 4
    assert more("toyz_bytes_total", "direction=out,way=tile") > 1000
    assert more("toyz_errors_total", "code=not_found") == 1
    assert now["toyz_request_seconds_count", "handler=Login,status=403"] == 1
    assert now["toyz_sessions", ""] == 2
    assert now["toyz_database_write_seconds_count", ""] > 0
    assert now["toyz_event_loop_delay_seconds_count", ""] > 0
    assert 10e6 < now["toyz_process_proportional_bytes", "process=server"] < 300e6
    # Two sessions, most of whose pages are those of the fork server.
    of_sessions = {kind: now[f"toyz_process_{kind}_bytes", "process=session"] for kind in ("proportional", "resident")}
    assert 1e6 < of_sessions["proportional"] < of_sessions["resident"]
    assert {name for name, _ in now} >= {"toyz_info", "toyz_jobs", "toyz_builders_queued", "toyz_users"}


def test_failed_and_successful_logins_are_counted(lab: Served) -> None:
    before = metrics(lab)
    cookie_of(lab, "ada")
    get(f"{lab.url}api/files", headers={"Authorization": "Bearer wrong"})
    now = metrics(lab)
    for outcome in ("success", "failure"):
        key = ("toyz_logins_total", f"outcome={outcome}")
        assert now[key] - before[key] == 1


def test_only_administrators_read_the_metrics(lab: Served) -> None:
    assert get(f"{lab.url}metrics").status_code == 401
    assert get(f"{lab.url}metrics", headers=cookie_of(lab, "ada")).status_code == 403
    forged = get(f"{lab.url}metrics", headers={"X-Forwarded-For": "127.0.0.1"})
    assert forged.status_code == 401


def test_buckets_hold_what_took_as_long_or_less() -> None:
    histogram = Histogram((0.1, 1.0))
    for seconds in (0.05, 0.1, 0.5, 2.0):
        histogram.observe(seconds)
    assert histogram.counts == [2, 1, 1]
    assert histogram.total == pytest.approx(2.65)


def test_codes_that_a_plugin_makes_up_fill_no_memory() -> None:
    meters = Meters()
    for number in range(1000):
        meters.error(f"code {number}")
    assert len(meters.errors) == 101
    assert meters.errors["other"] == 900


# ---- rest ---------------------------------------------------------------------------------


def test_a_session_that_nobody_uses_rests_and_comes_back_with_its_images(lab: Served) -> None:
    before = lab.pids()
    with lab.window() as window:
        image = window.call("a", "images", "open", path="sky/ramp.fits")["image"]
        window.tile("before", image, 1, 0, 0)
        sessions = [psutil.Process(pid) for pid in lab.pids() - before]
        _, alive = psutil.wait_procs([each for each in sessions if each.is_running()], timeout=PATIENCE)
        assert alive == []
        assert metrics(lab)["toyz_sessions_rested_total", ""] >= 1
        assert metrics(lab)["toyz_sockets", ""] == 1
        # A tile that is not in the server's cache, of an image that was opened before the rest.
        header, data = window.tile("after", image, 0, 1, 1)
        assert (header.format, len(data) > 100) == ("jpeg", True)
        assert window.call("b", "images", "pixel", image=image, x=3, y=2)["value"] == pytest.approx(1.002)
        assert [each for each in window.seen if each.get("event") == "session_lost"] == []
        assert len(lab.pids() - before) >= 1


def test_what_is_asked_for_while_a_session_ends_is_answered(lab: Served) -> None:
    with lab.window() as window:
        for number in range(3):
            rested = metrics(lab)["toyz_sessions_rested_total", ""]
            # It is counted when the end of the session begins.
            while metrics(lab)["toyz_sessions_rested_total", ""] == rested:
                pass
            assert window.call(f"c{number}", "files", "list", path="")["total"] == 1


# ---- the drain ----------------------------------------------------------------------------


def _begin_job(window: Window, path: str) -> str:
    window.ask("job", "patience", "wait_long", path=path)
    job = window.wait_for(lambda each: each.get("id") == "job")["result"]["job"]
    window.wait_for(lambda each: each.get("id") == "job" and each["phase"] == "EXECUTING")
    return str(job)


def _job(server: Served, job: str) -> dict[str, Any]:
    found: dict[str, Any] = server.http.get(f"api/jobs/{job}").json()
    return found


def test_a_drain_lets_jobs_end_and_takes_nothing_new(tmp_path: Path, site: Path) -> None:
    with served(tmp_path, site=site, toml="[limits]\ndrain = 25\n") as running:
        with running.window() as window:
            job = _begin_job(window, "sky/now")
            form = get(f"{running.url}login")
            running.process.send_signal(signal.SIGTERM)
            assert window.event("server", "restarting") == {"seconds": 25}
            refused = get(f"{running.url}login")
            assert (form.status_code, refused.status_code) == (200, 503)
            assert int(refused.headers["retry-after"]) > 0
            assert "being restarted" in refused.text
            with pytest.raises(ConnectionClosed, match="1013"):
                Window(running.url)
            busy = running.http.post("api/jobs", json={"module": "patience", "task": "fail"})
            assert (busy.status_code, busy.json()["code"]) == (503, "busy")
            # Who has a window goes on working.
            assert window.call("a", "files", "list", path="")["total"] == 1
            (running.share / "now").touch()
            done_ = window.wait_for(lambda each: each.get("id") == "job" and each["phase"] == "COMPLETED")
            assert done_["result"] == {"found": "sky/now"}
            assert closes(window, PATIENCE) == 1012
        assert running.process.wait(PATIENCE) == 0
    with served(tmp_path, site=site, share=running.share) as again:
        assert _job(again, job)["phase"] == "COMPLETED"


def test_a_job_that_does_not_end_in_time_is_recorded_as_interrupted(tmp_path: Path, site: Path) -> None:
    with served(tmp_path, site=site, toml="[limits]\ndrain = 0.3\n") as running, running.window() as window:
        job = _begin_job(window, "sky/never")
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(PATIENCE) == 0
    with served(tmp_path, site=site, share=running.share) as again:
        found = _job(again, job)
        assert (found["phase"], "interrupted by a restart" in found["error"]["message"]) == ("ERROR", True)


def test_a_second_signal_does_not_wait(tmp_path: Path, site: Path) -> None:
    with served(tmp_path, site=site, toml="[limits]\ndrain = 600\n") as running, running.window() as window:
        _begin_job(window, "sky/never")
        children = running.children()
        running.process.send_signal(signal.SIGTERM)
        window.event("server", "restarting")
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(PATIENCE) == 0
        _, alive = psutil.wait_procs(children, timeout=5)
        assert alive == []


# ---- logs ---------------------------------------------------------------------------------


def test_the_log_is_text_in_a_file_that_may_be_moved_away(tmp_path: Path) -> None:
    share, target = write_share(tmp_path), tmp_path / "toyz.log"
    options = ("--log-format", "text", "--log-file", str(target))
    with served(tmp_path, *options, share=share) as running:
        get(f"{running.url}api/files/sky", headers={"Authorization": "Bearer wrong"})
        # A request is logged when it is answered.
        while " info    refused" not in (first := target.read_text()):
            pass
        target.rename(tmp_path / "toyz.log.1")
        get(f"{running.url}api/files/sky", headers={"Authorization": "Bearer wrong"})
    for text in (first, target.read_text()):
        (line,) = [each for each in text.splitlines() if " info    refused" in each]
        assert " info    refused [toyz.http] " in line
        assert "handler=Files status=401" in line
        # Which files somebody asks for is told at the level of debug only.
        assert "api/files/sky" not in line


def test_an_error_that_a_user_sees_is_found_in_the_log(tmp_path: Path, site: Path) -> None:
    with served(tmp_path, site=site) as running, running.window() as window:
        error = window.error("a", "patience", "break_down")
        reference = error["message"].rpartition(" ")[2].rstrip(".")
        assert len(reference) == 8
        assert "/etc/shadow" not in json.dumps(error)
        # What a session logs arrives before its answer.
        (line,) = [each for each in running.log if reference in each["event"]]
        assert "ValueError" in json.dumps(line)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the plugin of the tests."""
    return install_plugin(tmp_path_factory.mktemp("plugin"))


# ---- status -------------------------------------------------------------------------------


def test_the_terminal_tells_how_the_server_is_doing(lab: Served) -> None:
    with lab.window(headers=cookie_of(lab, "ada")) as window:
        window.call("a", "images", "open", path="sky/ramp.fits")
        done(lab.folder, "backup", str(lab.folder / "kept.zip"))
        found = json.loads(done(lab.folder, "status", "--json"))
        (session,) = [each for each in found["sessions"] if each["user"] == "ada"]
        assert (session["window"], session["connected"], session["images"]) == (window.name, True, 1)
        assert session["memory"] > 1e6 or session["resting"]
        assert session["resting"] or session["pid"] in lab.pids()
        own = found["installation"]
        assert (own["database"] > 1000, own["sandbox"][:8], own["last_backup"] > 1e9) == (True, "Landlock", True)
        assert found["load"]["sessions_limit"] == 200
        shown = done(lab.folder, "status")
        for words in ("Process", "Toyz", lab.url, "Up for", "Last backup", "ada", "Landlock", "Memory"):
            assert words in shown


def test_users_are_told_of_their_own_sessions_only(lab: Served) -> None:
    headers = cookie_of(lab, "ada")
    with lab.window() as other, lab.window(headers=headers) as window:
        mine = window.call("a", "server", "status")
        assert {each["user"] for each in mine["sessions"]} == {"ada"}
        assert mine.get("installation") is None
        assert mine["load"]["windows"] >= 2
        assert get(f"{lab.url}api/status", headers=headers).json()["installation"] is None
        refused = window.error("b", "server", "end_session", user=other.hello["user"], window=other.name)
        assert refused["code"] == "forbidden"
        absent = window.error("c", "server", "end_session", window=other.name)
        assert absent["code"] == "not_found"
        everybody = other.call("a", "server", "status")
        assert {"ada", other.hello["user"]} <= {each["user"] for each in everybody["sessions"]}
        other.call("d", "server", "end_session", user="ada", window=window.name)
        assert closes(window, PATIENCE) == 4002
        log = other.call("e", "admin", "audit", limit=5)
        assert any((each["action"], each["subject"]) == ("end_session", "ada") for each in log)


def test_a_server_that_does_not_run_is_said_in_a_line(tmp_path: Path) -> None:
    never = toyz(tmp_path, "status")
    assert (never.returncode, "no server has run" in never.stderr) == (2, True)
    # As one that was killed leaves it.
    config = Config(state=str(tmp_path / "state"), cache=str(tmp_path / "cache"))
    prepare_folders(config)
    load_instance(config)
    (port,) = free_ports(1)
    keep_whereabouts(config, "https://sky.example.org/", f"http://127.0.0.1:{port}/")
    gone = toyz(tmp_path, "status")
    assert (gone.returncode, "no server answers at http://127.0.0.1:" in gone.stderr) == (1, True)
    assert gone.stderr.count("\n") == 1
