"""A server whose sessions are the users' own accounts of the machine."""

import os
import time
from pathlib import Path

from tests.sessions.test_spawners import account, as_root, folder
from tests.web.harness import BEARER, Window, served
from tests.web.test_accounts import PASSWORD, cookie_of, done
from tests.web.test_shares import eventually
from tests.web.tus import Tus
from toyz_web.auth import user_name

__all__ = ["account", "folder"]
DATA = os.urandom(100_000)


@as_root
def test_uploads_belong_to_the_account_and_what_expired_is_removed_as_it(account: str, folder: Path) -> None:
    lab = folder / "lab"
    lab.mkdir()
    lab.chmod(0o777)
    toml = f'spawner = "account"\n[limits]\nupload_expiry = 1.0\n[shares]\nlab = {{path = "{lab}", write = true}}\n'
    with served(folder, toml=toml) as server:
        done(folder, "user", "add", account, "--password-stdin", given=PASSWORD + "\n")
        done(folder, "share", "grant", "lab", account, "--write")
        cookie = cookie_of(server, account)
        window = Window(server.url, headers=cookie)
        token = window.call("token", "account", "create_token", name="upload", scope="write")
        own = Tus(server, {"Authorization": f"Bearer {token}"})
        eventually(
            lambda: any(
                entry["name"] == "lab" for entry in window.call(f"{time.monotonic()}", "files", "list")["entries"]
            )
        )
        assert own.upload("lab/whole", DATA).status_code == 204
        assert (lab / "whole").owner() == account
        assert own.patch(own.begin("lab/half", 2 * len(DATA)), 0, DATA).status_code == 204
        eventually(lambda: [path.name for path in lab.iterdir()] == ["whole"])
        # Who has no account on the machine has no session, and is told so.
        refused = Tus(server, BEARER).create("lab/no", 1)
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden"), user_name()
        window.close()
