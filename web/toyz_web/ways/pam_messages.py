"""What the server and the process that asks PAM say to each other."""

import msgspec


class Asked(msgspec.Struct):
    """What `toyz_web.ways.pam_child` is asked."""

    service: str
    name: str
    password: str
    address: str


class Answered(msgspec.Struct):
    """What it answers.

    Attributes
    ----------
    name : str
        Of the user, as PAM has it in the end; empty if the password is wrong or the account shut.
    groups : list of str
        Of the system.
    status : int
        What PAM returned.
    """

    name: str = ""
    groups: list[str] = []
    status: int = 0
