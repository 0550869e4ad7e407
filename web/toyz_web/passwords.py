"""Passwords: Argon2id, in threads of its own, at the same cost whether an account exists or not."""

import asyncio
import functools
from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type

from toyz.errors import InvalidParameter
from toyz_sessions.priority import JOB, lower_thread

SHORTEST, LONGEST = 8, 1000
"""Characters of a password."""
_THREADS = 2
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, type=Type.ID)
"""The least that OWASP's Password Storage Cheat Sheet recommends for Argon2id: 19 MiB, two passes."""


@functools.cache
def _pool() -> ThreadPoolExecutor:
    # A class that signs in at once waits for each other here, and nobody waits for them.
    return ThreadPoolExecutor(_THREADS, "passwords", lower_thread, (JOB,))


@functools.cache
def _nobody() -> str:
    return _HASHER.hash("the password of an account that does not exist")


def check_password(password: str) -> str:
    """Give a new password back if it will do.

    Raises
    ------
    InvalidParameter
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidParameter(f"a password has {SHORTEST} to {LONGEST} characters", field="password")
    return password


def hash_now(password: str) -> str:
    """Give the Argon2id of a password, with its parameters and salt; takes some tens of milliseconds.

    Raises
    ------
    InvalidParameter
        If it is too short or too long.
    """
    return _HASHER.hash(check_password(password))


async def hash_password(password: str) -> str:
    """Do as `hash_now`, in a thread."""
    return await asyncio.get_running_loop().run_in_executor(_pool(), hash_now, password)


async def is_password(password: str, hashed: str) -> bool:
    """Whether a password is the one that was hashed; for an empty hash never, but after the same time."""
    return await asyncio.get_running_loop().run_in_executor(_pool(), _verify, password, hashed)


def _verify(password: str, hashed: str) -> bool:
    if len(password) > LONGEST:
        password = ""
    try:
        right = _HASHER.verify(hashed or _nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
    return right and bool(hashed)
