"""Identity tokens: the right one passes, and none that anybody else could make."""

import base64
import json
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

from toyz_web.ways.id_token import NotValid, UnknownKey, check_id_token

NOW = 1_800_000_000.0
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
OTHER = RSAKey.generate_key(2048, {"kid": "one"})
KEYS: dict[str, Any] = dict(KeySet([KEY]).as_dict(private=False))
CLAIMS: dict[str, Any] = {
    "iss": "https://id.example",
    "sub": "1001",
    "aud": "toyz",
    "exp": int(NOW) + 300,
    "iat": int(NOW) - 5,
    "nonce": "of this visit",
}


def token(key: Any = KEY, header: dict[str, Any] | None = None, **changes: Any) -> str:
    claims = {name: value for name, value in (CLAIMS | changes).items() if value is not None}
    algorithms = ["RS256", "HS256"]
    return jwt.encode(header or {"alg": "RS256", "kid": "one"}, claims, key, algorithms=algorithms)


def check(given: str) -> dict[str, Any]:
    expected: dict[str, Any] = {"issuer": "https://id.example", "client_id": "toyz", "nonce": "of this visit"}
    return check_id_token(given, KEYS, access_token="an access token", now=NOW, **expected)


def unsigned() -> str:
    parts = [
        base64.urlsafe_b64encode(json.dumps(each).encode()).decode().rstrip("=") for each in ({"alg": "none"}, CLAIMS)
    ]
    return f"{parts[0]}.{parts[1]}."


def test_the_right_one() -> None:
    assert check(token())["sub"] == "1001"
    assert check(token(aud=["toyz"]))["sub"] == "1001"
    assert check(token(aud=["toyz", "another"], azp="toyz"))["sub"] == "1001"
    # Clocks differ a little.
    assert check(token(exp=int(NOW) - 30, iat=int(NOW) + 30))["sub"] == "1001"


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example"},
        {"iss": "https://id.example/"},
        {"iss": None},
        {"aud": "another"},
        {"aud": ["another"]},
        {"aud": None},
        {"aud": ["toyz", "another"], "azp": "another"},
        {"exp": int(NOW) - 600},
        {"exp": None},
        {"exp": "tomorrow"},
        {"iat": int(NOW) + 3600},
        {"iat": None},
        {"nbf": int(NOW) + 3600},
        {"nonce": "of another visit"},
        {"nonce": None},
        {"sub": None},
        {"at_hash": "of-another-access-token"},
    ],
)
def test_what_it_says_must_be_right(changes: dict[str, Any]) -> None:
    with pytest.raises(NotValid):
        check(token(**changes))


def test_nobody_else_can_sign_it() -> None:
    public = json.dumps(KEYS["keys"][0])
    for forged in (
        token(OTHER),
        unsigned(),
        # The public key taken for a secret.
        token(OctKey.import_key(public), {"alg": "HS256", "kid": "one"}),
        token()[:-8] + "AAAAAAAA",
        token().replace(".", ".A", 1),
        "",
        "a.b.c",
        "a" * 10_000,
        "é.é.é",
    ):
        with pytest.raises(NotValid):
            check(forged)


def test_a_key_that_is_new() -> None:
    new = RSAKey.generate_key(2048, {"kid": "two"})
    with pytest.raises(UnknownKey):
        check(token(new, {"alg": "RS256", "kid": "two"}))
