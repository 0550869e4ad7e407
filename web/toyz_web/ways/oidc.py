"""Signing in at an OpenID Connect provider: authorisation code flow with PKCE, state and nonce."""

import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec
import structlog
from authlib.common.urls import add_params_to_uri

from toyz.config_sign_in import Oidc, client_secret
from toyz.errors import Forbidden, NotAuthenticated
from toyz_web.store.accounts import User
from toyz_web.store.identities import Person
from toyz_web.store.logins import Login
from toyz_web.ways.elsewhere import Elsewhere, Refused
from toyz_web.ways.groups import ours_of
from toyz_web.ways.id_token import NotValid, UnknownKey, check_id_token
from toyz_web.ways.pkce import challenge_of
from toyz_web.ways.way import Trip, Unavailable, Vouched

log = structlog.get_logger("toyz.oidc")
KEPT = 3600.0
"""Seconds for which what the provider says of itself is believed."""
_AGAIN = 60.0
"""Seconds before its keys are asked for again because one is unknown."""
_TOKENS = 10_000
_FAILED = "Signing in did not work out. Begin again."


class Provider(msgspec.Struct, frozen=True):
    """What a provider says of itself (OpenID Connect Discovery 1.0)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    end_session_endpoint: str = ""
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False


class OidcWay:
    """Sends browsers to a provider and checks what they bring back.

    Parameters
    ----------
    config : Oidc
    """

    name = "oidc"
    period = 0.0

    def __init__(self, config: Oidc) -> None:
        self.label, self.create_users = config.label, config.create_users
        self.title = urlsplit(config.issuer).netloc
        self._config, self._secret = config, client_secret(config)
        self._elsewhere = Elsewhere("The sign-in provider")
        self._provider: tuple[float, Provider] | None = None
        self._keys: tuple[float, Mapping[str, Any]] | None = None
        self._id_tokens: OrderedDict[str, str] = OrderedDict()

    async def close(self) -> None:
        """Close the connections."""
        await self._elsewhere.close()

    async def stands(self, login: Login, user: User) -> bool:
        """Whether it was had from this provider; how long it lasts is bounded by its hours."""
        del user
        return login.proof == self._mark

    def keep(self, login: str, voucher: str) -> None:
        """Keep the identity token of a login, which signing out shows to the provider."""
        self._id_tokens[login] = voucher
        while len(self._id_tokens) > _TOKENS:
            self._id_tokens.popitem(last=False)

    async def review(self) -> None:
        """Do nothing: the provider is not asked again."""

    def callback(self, site: str) -> str:
        """Give the redirect URI."""
        return f"{site}login/{self.name}/callback"

    async def depart(self, trip: Trip, site: str) -> str:
        """Give the URL of the provider's page; raises Unavailable."""
        provider = await self._discover()
        parameters = {
            "response_type": "code",
            "client_id": self._config.client_id,
            "redirect_uri": self.callback(site),
            "scope": " ".join(self._config.scopes),
            "state": trip.state,
            "nonce": trip.nonce,
            "code_challenge": challenge_of(trip.verifier),
            "code_challenge_method": "S256",
        }
        return str(add_params_to_uri(provider.authorization_endpoint, parameters))

    async def arrive(self, trip: Trip, query: Mapping[str, str], site: str) -> Vouched:
        """Exchange the code for an identity token, and check that; raises as `toyz_web.ways.way.Visiting`."""
        provider = await self._discover()
        issuer = query.get("iss")
        # An answer of another provider must not be shown to this one (RFC 9207).
        if issuer != provider.issuer and (issuer or provider.authorization_response_iss_parameter_supported):
            raise NotAuthenticated(_FAILED)
        if "error" in query:
            log.info("the provider refused", error=query["error"][:100])
            raise NotAuthenticated("You have not been signed in: the provider, or you there, refused.")
        tokens = await self._exchange(provider, query.get("code", ""), trip, site)
        id_token, access_token = (str(tokens.get(name, "")) for name in ("id_token", "access_token"))
        claims = await self._checked(provider, id_token, access_token, trip)
        claims = await self._more(provider, claims, access_token)
        self._let_in(claims)
        return Vouched(self._person(provider, claims), self._config.hours, self._mark, id_token)

    async def farewell(self, login: Login, site: str) -> str | None:
        """Give the URL at which the provider signs out as well, if it has one."""
        try:
            provider = await self._discover()
        except Unavailable:
            return None
        if not provider.end_session_endpoint:
            return None
        parameters = {"client_id": self._config.client_id, "post_logout_redirect_uri": f"{site}login"}
        id_token = self._id_tokens.pop(login.id, "")
        return str(
            add_params_to_uri(
                provider.end_session_endpoint, parameters | ({"id_token_hint": id_token} if id_token else {})
            )
        )

    @property
    def _mark(self) -> str:
        return f"{self._config.issuer} {self._config.client_id}"

    # ---- what the provider says of itself --------------------------------------------------

    async def _discover(self) -> Provider:
        if self._provider is not None and time.monotonic() - self._provider[0] < KEPT:
            return self._provider[1]
        try:
            url = f"{self._config.issuer.rstrip('/')}/.well-known/openid-configuration"
            provider = msgspec.convert(await self._elsewhere.get(url), Provider)
        except (Refused, msgspec.ValidationError) as error:
            raise self._misconfigured(f"no provider at the issuer: {error}") from None
        if provider.issuer != self._config.issuer:
            raise self._misconfigured(f"the provider calls itself {provider.issuer}")
        if self._config.issuer.startswith("https://"):
            named = (provider.authorization_endpoint, provider.token_endpoint, provider.jwks_uri)
            others = (provider.userinfo_endpoint, provider.end_session_endpoint)
            if not all(urlsplit(url).scheme == "https" for url in (*named, *filter(None, others))):
                raise self._misconfigured("not all addresses of the provider are https")
        self._provider = (time.monotonic(), provider)
        return provider

    async def _key_set(self, provider: Provider, age: float) -> Mapping[str, Any]:
        if self._keys is None or time.monotonic() - self._keys[0] > age:
            try:
                keys = msgspec.convert(await self._elsewhere.get(provider.jwks_uri), dict[str, Any])
            except (Refused, msgspec.ValidationError) as error:
                raise self._misconfigured(f"no keys of the provider: {error}") from None
            self._keys = (time.monotonic(), keys)
        return self._keys[1]

    def _misconfigured(self, what: str) -> Unavailable:
        log.error("the provider cannot be used", issuer=self._config.issuer, error=what[:300])
        return Unavailable("Signing in this way is not set up properly. Tell an administrator of this server.")

    # ---- who somebody is -------------------------------------------------------------------

    async def _exchange(self, provider: Provider, code: str, trip: Trip, site: str) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.callback(site),
            "code_verifier": trip.verifier,
        }
        auth = None
        if self._secret and "client_secret_basic" in provider.token_endpoint_auth_methods_supported:
            auth = (quote(self._config.client_id, safe=""), quote(self._secret, safe=""))
        else:
            form |= {"client_id": self._config.client_id}
            form |= {"client_secret": self._secret} if self._secret else {}
        try:
            return msgspec.convert(await self._elsewhere.post(provider.token_endpoint, form, auth), dict[str, Any])
        except (Refused, msgspec.ValidationError) as error:
            body = error.body if isinstance(error, Refused) else {}
            what = body.get("error") if isinstance(body, dict) else None
            if what == "invalid_client":
                raise self._misconfigured("it does not take the client's id and secret") from None
            log.warning("the provider does not take a code", error=str(what or error)[:100])
            raise NotAuthenticated(_FAILED) from None

    async def _checked(self, provider: Provider, id_token: str, access_token: str, trip: Trip) -> dict[str, Any]:
        expected: dict[str, Any] = {
            "issuer": provider.issuer,
            "client_id": self._config.client_id,
            "nonce": trip.nonce,
            "access_token": access_token,
            "now": time.time(),
        }
        try:
            try:
                return check_id_token(id_token, await self._key_set(provider, KEPT), **expected)
            except UnknownKey:
                # Providers change their keys.
                return check_id_token(id_token, await self._key_set(provider, _AGAIN), **expected)
        except NotValid as error:
            log.warning("an identity token that is not valid", error=str(error)[:200])
            raise NotAuthenticated(_FAILED) from None

    async def _more(self, provider: Provider, claims: dict[str, Any], access_token: str) -> dict[str, Any]:
        """Add what the provider tells elsewhere, if something is missing."""
        config = self._config
        wanted = {config.name_claim, *([config.groups_claim] if config.groups_claim else [])}
        wanted |= {"email", "email_verified"} if config.allowed_domains else set()
        if wanted <= claims.keys() or not provider.userinfo_endpoint or not access_token:
            return claims
        headers = {"Authorization": f"Bearer {access_token}"}
        try:
            more = msgspec.convert(await self._elsewhere.get(provider.userinfo_endpoint, headers), dict[str, Any])
        except (Refused, msgspec.ValidationError):
            return claims
        # What is said of another must not be taken for this one's (OpenID Connect Core 1.0, 5.3.2).
        return more | claims if more.get("sub") == claims["sub"] else claims

    def _let_in(self, claims: Mapping[str, Any]) -> None:
        """Refuse who is in none of the groups and domains that are let in."""
        config = self._config
        if config.allowed_groups and not set(config.allowed_groups) & self._groups_of(claims):
            raise Forbidden("You are in none of the groups that may sign in here.")
        if config.allowed_domains:
            address = str(claims.get("email", ""))
            domain = address.rpartition("@")[2].lower()
            allowed = {each.lower() for each in config.allowed_domains}
            if claims.get("email_verified") is not True or domain not in allowed:
                raise Forbidden("Your e-mail address is of none of the domains that may sign in here.")

    def _groups_of(self, claims: Mapping[str, Any]) -> set[str]:
        listed = claims.get(self._config.groups_claim, []) if self._config.groups_claim else []
        return {each for each in listed if isinstance(each, str)} if isinstance(listed, list) else set()

    def _person(self, provider: Provider, claims: Mapping[str, Any]) -> Person:
        config = self._config
        theirs = self._groups_of(claims)
        groups = tuple(sorted(ours_of(theirs, config.groups))) if config.groups_claim else None
        admin = config.admin_group in theirs if config.admin_group else None
        name = claims.get(config.name_claim)
        if not isinstance(name, str) or not name:
            log.error("a claim is missing", claim=config.name_claim)
            raise Forbidden(f"The provider does not say what you are called ({config.name_claim}).")
        return Person(self.name, provider.issuer, str(claims["sub"]), name, groups, admin)
