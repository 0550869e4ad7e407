"""Signing in: what somebody shows is exchanged for a login, whichever way it is."""

import time
from collections.abc import Mapping

from toyz.errors import NotAuthenticated
from toyz_web.access import Access
from toyz_web.auth import Authenticator, Origin
from toyz_web.store.accounts import AccountStore, User
from toyz_web.store.audit import Audit
from toyz_web.store.identities import IdentityStore
from toyz_web.store.logins import digest
from toyz_web.ways import Ways
from toyz_web.ways.trips import Trips
from toyz_web.ways.way import Checking, Trip, Visiting, Vouched

_WRONG = "The name or the password is wrong."


class Entrance:
    """Exchanges passwords, tokens, links and the word of other systems for logins.

    Parameters
    ----------
    auth : Authenticator
    access : Access
    accounts : AccountStore
    identities : IdentityStore
    audit : Audit
    ways : Ways
    trips : Trips

    Attributes
    ----------
    ways : Ways
    trips : Trips
    """

    def __init__(
        self,
        auth: Authenticator,
        access: Access,
        accounts: AccountStore,
        identities: IdentityStore,
        audit: Audit,
        ways: Ways,
        trips: Trips,
    ) -> None:
        self._auth, self._access, self._accounts = auth, access, accounts
        self._identities, self._audit = identities, audit
        self.ways, self.trips = ways, trips

    async def asks_for_passwords(self) -> bool:
        """Whether anybody can sign in with a name and a password."""
        return self.ways.pam is not None or (self.ways.password is not None and await self._accounts.have_passwords())

    async def with_token(self, token: str, origin: Origin) -> str:
        """Exchange a token for a login, which does not outlive it; gives the value of its cookie.

        Raises
        ------
        NotAuthenticated, TooManyGuesses
        """
        identity = await self._auth.check_token(token, origin.address)
        if not identity.may("admin"):
            raise NotAuthenticated("This token does less than a login; send it as Authorization: Bearer.")
        user = await self._active(identity.user)
        if identity.token is None:
            return await self._auth.begin(user, origin, "link")
        proof, expires = identity.token.id, identity.token.expires
        return await self._auth.begin(user, origin, "token", proof=proof, expires=expires)

    async def with_password(self, name: str, password: str, origin: Origin) -> str:
        """Exchange a name and a password for a login.

        It takes as long, and says the same, whether there is such an account or not: what is wrong is shown
        to all ways that check passwords.

        Raises
        ------
        NotAuthenticated, TooManyGuesses, NotAdmitted, Unavailable
        """
        async with self._auth.guesses.turn(name):
            return await self._check_password(name, password, origin)

    async def _check_password(self, name: str, password: str, origin: Origin) -> str:
        familiar = await self._auth.logins.has_come_from(name, origin.address)
        self._auth.guesses.refuse_name(name, origin.address, familiar=familiar)
        self._auth.guesses.begin(name, origin.address)
        right = False
        try:
            for way in self.ways.checking:
                found = await way.check(name, password, origin.address)
                right = found is not None
                if isinstance(found, User):
                    return await self._auth.begin(found, origin, way.name)
                if found is not None:
                    return await self._admit(way, found, origin)
        finally:
            # Also where a way does not answer: those before it have been tried in vain, which must not be free.
            self._auth.guesses.end(name, origin.address, right=right)
        if await self._accounts.find(name) is not None:
            self._audit.note(name, "wrong_password", detail=origin.address)
        raise NotAuthenticated(_WRONG)

    async def with_ticket(self, ticket: str, origin: Origin) -> str:
        """Exchange a one-time ticket for a login.

        Raises
        ------
        NotAuthenticated
            If it was used before, or never issued.
        """
        # It cannot be guessed, so the right one passes though others have guessed from there.
        name = await self._auth.logins.use_ticket(ticket)
        if name is None:
            self._auth.guesses.addresses.record_failure(origin.address)
            raise NotAuthenticated("This link was used before or is too old. Sign in with your password or a token.")
        return await self._auth.begin(await self._active(name), origin, "link")

    async def come_back(self, way: Visiting, trip: Trip, query: Mapping[str, str], site: str, origin: Origin) -> str:
        """Exchange what another system says of a browser that comes back from it for a login.

        Raises
        ------
        NotAuthenticated, NotAdmitted, Forbidden, Unavailable
        """
        vouched = await way.arrive(trip, query, site)
        value = await self._admit(way, vouched, origin)
        way.keep(digest(value), vouched.voucher)
        return value

    async def _admit(self, way: Checking | Visiting, vouched: Vouched, origin: Origin) -> str:
        person = vouched.person
        expires = time.time() + 3600 * vouched.hours
        if vouched.user:
            user = await self._active(vouched.user)
            self._audit.note(user.name, "let_in", person.name, f"{way.name}, as {user.name}")
            return await self._auth.begin(user, origin, way.name, proof=vouched.proof, expires=expires)
        settled = await self._identities.acting(person.name[:64]).settle(
            person, create=way.create_users, keep_admin=self._auth.user
        )
        if settled.changed:
            await self._access.recheck()
        return await self._auth.begin(settled.user, origin, way.name, proof=vouched.proof, expires=expires)

    async def _active(self, name: str) -> User:
        user = await self._accounts.find(name)
        if user is None or user.disabled:
            raise NotAuthenticated(_WRONG)
        return user
