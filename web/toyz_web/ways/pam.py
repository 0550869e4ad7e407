"""Signing in with the password of the operating system, checked by PAM in a process that may hang or die."""

import asyncio
import contextlib
import os
import signal
import sys

import msgspec
import structlog

from toyz.config_sign_in import Pam
from toyz_web.store.accounts import NAME, User
from toyz_web.store.identities import Person
from toyz_web.store.logins import Login
from toyz_web.ways.pam_messages import Answered, Asked
from toyz_web.ways.way import Unavailable, Vouched

log = structlog.get_logger("toyz.pam")
AT_ONCE = 16
"""Checks that run beside each other; a module that refuses takes its time over that."""
_LONGEST = 512
"""Bytes of a password that PAM takes (``PAM_MAX_RESP_SIZE``)."""


class PamWay:
    """Checks names and passwords by PAM.

    Parameters
    ----------
    config : Pam
    """

    name = "pam"

    def __init__(self, config: Pam) -> None:
        self.create_users = config.create_users
        self._config = config
        self._turns = asyncio.Semaphore(AT_ONCE)

    async def stands(self, login: Login, user: User) -> bool:
        """Say yes: a login of this way is bounded by its hours."""
        del login, user
        return True

    async def check(self, name: str, password: str, address: str) -> Vouched | None:
        """Have PAM check a name and a password, and whether the account may be used.

        Raises
        ------
        Unavailable
            If PAM does not answer in time, or its process dies.
        """
        # A string of C ends at a NUL: what stands behind it would be taken for right.
        if not NAME.fullmatch(name) or "\0" in password or len(password.encode("utf-8", "replace")) >= _LONGEST:
            return None
        asked = Asked(self._config.service, name, password, address)
        answer = await self._ask(msgspec.json.encode(asked))
        if not answer.name:
            log.info("PAM refused", user=name, status=answer.status, address=address)
            return None
        allowed = set(self._config.allowed_groups)
        if allowed and not allowed & set(answer.groups):
            log.info("in no group that may sign in", user=name, address=address)
            return None
        return Vouched(Person(self.name, "pam", answer.name, answer.name), self._config.hours)

    async def _ask(self, question: bytes) -> Answered:
        pipe = asyncio.subprocess.PIPE
        command = (sys.executable, "-m", "toyz_web.ways.pam_child")
        try:
            async with asyncio.timeout(self._config.patience), self._turns:
                process = await asyncio.create_subprocess_exec(
                    *command, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL, start_new_session=True
                )
                try:
                    said, _ = await process.communicate(question)
                finally:
                    # With what a module may have started.
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(process.pid, signal.SIGKILL)
                    await asyncio.shield(process.wait())
        except TimeoutError:
            log.error("PAM did not answer", service=self._config.service, seconds=self._config.patience)
            raise Unavailable("The system that checks passwords does not answer. Try again in a minute.") from None
        try:
            return msgspec.json.decode(said, type=Answered)
        except msgspec.MsgspecError:
            log.error("the process that asks PAM died", service=self._config.service, status=process.returncode)
            raise Unavailable("The system that checks passwords has failed. Tell an administrator.") from None
