"""Processes run as the user's own account of the operating system, whose permissions then hold beside the grants.

The server must be root. It can still end each process and clear up after it; what that writes belongs to the user.
"""

import ctypes
import grp
import os
import pwd
import stat
import sys
from collections.abc import Sequence
from pathlib import Path

from toyz.errors import BadRequest, Forbidden, ToyzError
from toyz_sessions.messages import Grant
from toyz_sessions.rundir import RunDirectory
from toyz_sessions.spawners.base import Account, Place, Spawner

_PR_SET_DUMPABLE = 4
_NEEDS = "the spawner 'account' needs all accounts to reach"
_PASSAGE = 0o711
_NOBODY = 65534
_ANONYMOUS = "anonymous"


class AccountSpawner(Spawner):
    """Becomes the user right after the fork."""

    name = "account"
    shared_caches = False

    def check(self) -> None:
        """Refuse to go on where it cannot change accounts, or where others could not reach what they need.

        Raises
        ------
        BadRequest
        """
        if os.geteuid() != 0:
            raise BadRequest("the spawner 'account' starts sessions as other users, so the server must run as root")
        cache, python = Path(self.config.cache).resolve(), Path(sys.prefix).resolve()
        closed = next((each for each in cache.parents if _closed(each)), None)
        if closed is not None:
            raise BadRequest(f"{_NEEDS} a cache folder: {closed} is closed to others; name another with --cache")
        closed = next((each for each in (python, *python.parents) if _closed(each)), None)
        if closed is not None:
            raise BadRequest(f"{_NEEDS} this Python: {closed} is closed to others")

    def prepare(self, run: RunDirectory) -> None:
        """Let others pass through, not look round: names in it cannot be guessed."""
        run.path.chmod(_PASSAGE)
        Path(self.config.cache).chmod(_PASSAGE)

    def cache(self, share: str, user: str) -> Path:
        """Give a folder of the user's own: what an account may not read must not come to it through a cache."""
        return Path(self.config.cache).resolve() / f"@{user}" / share

    def place(self, run: RunDirectory, user: str, grants: Sequence[Grant]) -> Place:
        """Make scratch and caches, which belong to the user.

        Raises
        ------
        Forbidden
            If there is no such account, or it is one of the system.
        ToyzError
        """
        account = self.account_of(user)
        try:
            for grant in grants:
                _make_owned(Path(grant.cache).parent, account)
                _make_owned(Path(grant.cache), account)
            scratch = run.scratch()
            os.chown(scratch, account.uid, account.gid)
        except OSError as error:
            raise ToyzError(f"a folder could not be made: {os.strerror(error.errno or 0).lower()}") from error
        return Place(run.endpoint(), str(scratch), account)

    def admit(self, place: Place) -> None:
        """Give the socket to the user; the folder that it is in stays the server's."""
        assert place.account is not None
        os.chown(place.socket, place.account.uid, place.account.gid, follow_symlinks=False)
        os.chmod(place.socket, 0o600)

    def account_of(self, user: str) -> Account:
        """Find the account of a user's name.

        Raises
        ------
        Forbidden
        """
        name = self.config.guest_account if user == _ANONYMOUS else user
        if not name:
            raise Forbidden("there is no account for those who are not signed in (guest_account)")
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            raise Forbidden(f"there is no account {name!r} on this machine; ask its administrator for one") from None
        if found.pw_uid < max(1, self.config.min_uid) or found.pw_uid == _NOBODY:
            raise Forbidden(f"{name!r} is an account of the system, and cannot be used here")
        groups = os.getgrouplist(name, found.pw_gid)
        if 0 in groups:
            raise Forbidden(f"{name!r} is in the group {grp.getgrgid(0).gr_name!r}, and cannot be used here")
        return Account(name, found.pw_uid, found.pw_gid, tuple(groups))

    @staticmethod
    def begin(place: Place) -> None:
        """Become the user, for good."""
        assert place.account is not None
        os.setgroups(place.account.groups)
        os.setresgid(*(place.account.gid,) * 3)
        os.setresuid(*(place.account.uid,) * 3)
        # The kernel takes a process that changed its user for one that keeps secrets, and closes /proc/self to it.
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 1, 0, 0, 0)


def _make_owned(folder: Path, account: Account) -> None:
    """Make a folder that belongs to an account; one that is there must be its own, and no link."""
    try:
        folder.mkdir(mode=0o700)
    except FileExistsError:
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != account.uid:
            raise ToyzError("a cache folder belongs to somebody else") from None
    else:
        os.chown(folder, account.uid, account.gid, follow_symlinks=False)


def _closed(folder: Path) -> bool:
    """Whether others cannot pass through a folder."""
    try:
        return not folder.stat().st_mode & stat.S_IXOTH
    except FileNotFoundError:
        return False
