"""Asks a running server how it is doing, by the address and the secret that it keeps in its state folder."""

import ssl
from typing import NamedTuple

import httpx
import msgspec

from toyz.config import Config
from toyz.errors import ToyzError
from toyz_web.instance import find_local_secret, find_whereabouts
from toyz_web.status import ServerStatus

_PATIENCE = 10.0


class NoAnswer(ToyzError):
    """No server runs, or it does not answer."""

    code = "no_answer"


class Answer(NamedTuple):
    """What a server says of itself: as it is, as JSON, and where browsers find it."""

    status: ServerStatus
    text: str
    address: str


def ask(config: Config) -> Answer:
    """Ask the server of a state folder.

    Raises
    ------
    NoAnswer
        If none answers.
    NotFound
        If none has ever run there.
    """
    secret = find_local_secret(config)
    kept = find_whereabouts(config)
    if kept is None:
        raise NoAnswer(f"no server has listened for {config.state}; one that is starting prints its link first")
    local = kept.local
    try:
        answer = httpx.get(
            f"{local}api/status",
            headers={"Authorization": f"Bearer {secret}"},
            timeout=_PATIENCE,
            verify=_trusting(kept.certificate) if kept.certificate else False,
            trust_env=False,
        )
        answer.raise_for_status()
        return Answer(msgspec.json.decode(answer.content, type=ServerStatus), answer.text, kept.address)
    except httpx.HTTPStatusError as error:
        raise NoAnswer(f"the server at {local} refuses: {error.response.status_code}") from None
    except (httpx.HTTPError, OSError, msgspec.MsgspecError) as error:
        raise NoAnswer(f"no server answers at {local}: {error}") from None


def _trusting(certificate: str) -> ssl.SSLContext:
    """Trust the server's own certificate and no other: its names are those for browsers, and not this machine's."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    made.load_verify_locations(certificate)
    return made
