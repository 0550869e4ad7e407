"""The identity token of an OpenID Connect provider: whose it is, checked by authlib."""

from collections.abc import Mapping
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""Signatures with a key that only the provider has."""
LEEWAY = 60
"""Seconds that the clocks may differ by."""


class NotValid(ValueError):
    """It is not a token of this provider for this server and this visit."""


class UnknownKey(NotValid):
    """It is signed with a key that is not among those of the provider, as far as they are known."""


def check_id_token(
    token: str, keys: Mapping[str, Any], *, issuer: str, client_id: str, nonce: str, access_token: str, now: float
) -> dict[str, Any]:
    """Check signature, issuer, audience, time, nonce and the hash of the access token; gives the claims.

    Parameters
    ----------
    token : str
        As it came from the provider.
    keys : mapping
        The provider's JSON Web Key Set.
    issuer, client_id, nonce, access_token : str
        What it must be of, for and with.
    now : float
        Seconds since the epoch.

    Raises
    ------
    UnknownKey
        The provider may have new keys.
    NotValid
    """
    try:
        registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
        decoded = jwt.decode(token, KeySet.import_key_set(dict(keys)), registry=registry)  # type: ignore[arg-type]
        options = {"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": client_id}}
        expected = {"nonce": nonce, "client_id": client_id, "access_token": access_token}
        claims = CodeIDToken(decoded.claims, decoded.header, options, expected)
        claims.validate(now=int(now), leeway=LEEWAY)
    except InvalidKeyIdError as error:
        raise UnknownKey(str(error)) from None
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise NotValid(f"{type(error).__name__}: {error}") from None
    return dict(decoded.claims)
