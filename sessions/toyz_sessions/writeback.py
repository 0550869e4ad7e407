"""A file that goes to the disk while it is being written."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

PERIOD = 0.25
"""Seconds between two times that what was written is sent to the disk."""


@contextmanager
def written_back(fd: int) -> Iterator[None]:
    """Send what is written to the disk all along, so that at the end there is little to wait for until all is there.

    Parameters
    ----------
    fd : int

    Raises
    ------
    OSError
        At the end, if the disk has not taken everything.
    """
    done = threading.Event()
    failures: list[OSError] = []

    def write_back() -> None:
        while not done.wait(PERIOD):
            try:
                os.fdatasync(fd)
            except OSError as error:
                # The kernel tells of it once only.
                failures.append(error)
                return

    thread = threading.Thread(target=write_back, name="write-back", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
    if failures:
        raise failures[0]
    os.fsync(fd)
