"""The process that asks PAM, once: a question on its input, an answer on its output."""

import contextlib
import ctypes
import grp
import os
import pwd
import resource
import sys

import msgspec
import pamela

from toyz_web.ways.pam_messages import Answered, Asked

_PR_SET_DUMPABLE = 4
_SILENT = 0x8000


def ask(asked: Asked) -> Answered:
    """Authenticate, and look whether the account may be used."""
    conversation = pamela.new_simple_password_conv((asked.password,), "utf-8")
    handle = pamela.pam_start(asked.service, asked.name, conv_func=conversation)
    handle.set_item(pamela.PAM_RHOST, asked.address or "localhost")
    status = pamela.PAM_AUTHENTICATE(handle, _SILENT)
    if status == pamela.PAM_SUCCESS:
        status = pamela.PAM_ACCT_MGMT(handle, _SILENT)
    name = handle.get_item(pamela.PAM_USER) if status == pamela.PAM_SUCCESS else ""
    with contextlib.suppress(pamela.PAMError):
        pamela.pam_end(handle, status)
    return Answered(name or "", _groups_of(name) if name else [], status)


def _groups_of(name: str) -> list[str]:
    try:
        numbers = os.getgrouplist(name, pwd.getpwnam(name).pw_gid)
    except KeyError:
        return []  # PAM knows more users than the system
    found = []
    for number in numbers:
        with contextlib.suppress(KeyError):
            found.append(grp.getgrgid(number).gr_name)
    return found


def main() -> None:
    """Answer the question; a crash leaves no core with a password in it, and nobody may look into this process."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    answer = os.dup(1)
    # Modules write where they like.
    os.dup2(2, 1)
    asked = msgspec.json.decode(sys.stdin.buffer.read(), type=Asked)
    try:
        answered = ask(asked)
    except pamela.PAMError as error:
        answered = Answered(status=error.errno or -1)
    os.write(answer, msgspec.json.encode(answered))


if __name__ == "__main__":
    main()
