"""The configuration of the ways to sign in beside passwords of our own: ``[oidc]``, ``[pam]``, ``[jupyterhub]``."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from toyz.errors import BadRequest

Hours = Annotated[float, Meta(gt=0, le=24 * 366)]
_ISSUER = re.compile(r"https://[^\s?#]+|http://(?:127\.0\.0\.1|localhost|\[::1\])[^\s?#]*")
_SERVICE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
SECRET = "TOYZ_OIDC_CLIENT_SECRET"  # noqa: S105 (the name of a variable)


class Oidc(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Signing in at an OpenID Connect provider.

    Attributes
    ----------
    issuer : str
        URL of the provider, as its ``/.well-known/openid-configuration`` gives it.
    client_id : str
    client_secret, client_secret_file : str
        What the provider gave beside the id, or a file that holds it; or ``TOYZ_OIDC_CLIENT_SECRET``. Without
        any this server is a public client.
    label : str
        What the button says.
    scopes : tuple of str
    name_claim : str
        The claim that becomes the name of a user.
    groups_claim : str
        The claim that lists the groups of a user; empty for none.
    groups : dict
        Their groups that are groups here, by theirs; if empty, all are, by their own names.
    allowed_groups : tuple of str
        If there are any, only members of one of these (of theirs) are let in.
    allowed_domains : tuple of str
        If there are any, only those with a verified e-mail address of one of these are let in.
    admin_group : str
        Members of this (of theirs) are administrators, and others are not; empty to leave that alone.
    create_users : bool
        Whether who is let in becomes a user at the first sign-in; else only users that an administrator has added.
    hours : float
        How long a login lasts.
    """

    issuer: str
    client_id: str
    client_secret: str = ""
    client_secret_file: str = ""
    label: str = "Sign in with OpenID Connect"
    scopes: tuple[str, ...] = ("openid", "profile", "email")
    name_claim: str = "preferred_username"
    groups_claim: str = ""
    groups: dict[str, str] = {}
    allowed_groups: tuple[str, ...] = ()
    allowed_domains: tuple[str, ...] = ()
    admin_group: str = ""
    create_users: bool = False
    hours: Hours = 12.0


class Pam(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Signing in with the password of the operating system, by PAM.

    Attributes
    ----------
    service : str
        Name of a file in ``/etc/pam.d``.
    allowed_groups : tuple of str
        If there are any, only members of one of these groups of the system are let in.
    create_users : bool
        As of `Oidc`.
    hours : float
        How long a login lasts.
    patience : float
        Seconds that a check may take before it is given up.
    """

    service: str = "login"
    allowed_groups: tuple[str, ...] = ()
    create_users: bool = False
    hours: Hours = 24.0
    patience: Annotated[float, Meta(gt=0, le=300)] = 15.0


class JupyterHub(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Signing in through a JupyterHub, when ``toyz serve --jupyterhub`` is one of its services or servers.

    Attributes
    ----------
    label : str
        What the button says.
    groups : dict
        As of `Oidc`.
    admins : bool
        Whether administrators of the Hub are administrators here, where the Hub tells.
    create_users : bool
        As of `Oidc`; who may use the service is for the Hub to say.
    check : float
        Seconds between two questions to the Hub whether a login still stands.
    """

    label: str = "Sign in with JupyterHub"
    groups: dict[str, str] = {}
    admins: bool = True
    create_users: bool = True
    check: Annotated[float, Meta(ge=1, le=3600)] = 30.0


def client_secret(oidc: Oidc, environ: Mapping[str, str] | None = None) -> str:
    """Give the client's secret: of the environment, the configuration or the file that it names; empty for none.

    Raises
    ------
    BadRequest
        If the file cannot be read.
    """
    given = (os.environ if environ is None else environ).get(SECRET) or oidc.client_secret
    if given or not oidc.client_secret_file:
        return given
    try:
        return Path(oidc.client_secret_file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = os.strerror(error.errno or 0).lower() if isinstance(error, OSError) else "it is not text"
        raise BadRequest(f"configuration: oidc.client_secret_file: {reason}") from None


def check_sign_in(oidc: Oidc | None, pam: Pam | None) -> None:
    """Refuse what could sign in nobody, or the wrong ones.

    Raises
    ------
    BadRequest
    """
    if oidc is not None:
        if not _ISSUER.fullmatch(oidc.issuer):
            raise BadRequest("configuration: oidc.issuer: it is an https address without a query")
        if not oidc.client_id:
            raise BadRequest("configuration: oidc.client_id: it is what the provider calls this server")
        if "openid" not in oidc.scopes:
            raise BadRequest("configuration: oidc.scopes: they must have openid")
        if (oidc.allowed_groups or oidc.admin_group or oidc.groups) and not oidc.groups_claim:
            raise BadRequest("configuration: oidc: groups need groups_claim, the claim that lists them")
    if pam is not None and not _SERVICE.fullmatch(pam.service):
        raise BadRequest("configuration: pam.service: it is the name of a file in /etc/pam.d")
