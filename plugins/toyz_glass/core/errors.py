"""What goes wrong when a lens is modelled.

```
LensError
├── BadInput       a value that no lens has, with the name of its field
├── Infeasible     no mass map does all that is asked, with what is in conflict
└── Cancelled      who asked does not want it any more
```
"""


class LensError(Exception):
    """The base of all."""


class BadInput(LensError):
    """A value that no lens has.

    Parameters
    ----------
    message : str
        What is wrong, and what would be right.
    field : str
        The name of the value, where it stands in the input: ``images[2].x``.
    """

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(f"{field}: {message}" if field else message)
        self.message = message
        self.field = field


class Cancelled(LensError):
    """Who asked does not want it any more."""


class Infeasible(LensError):
    """No mass map does all that is asked.

    Parameters
    ----------
    conflict : tuple of str
        What cannot hold together; without any one of it the rest could.
    relaxations : tuple of str
        The smallest changes that would heal it, each with what is changed and by how much.
    """

    def __init__(self, conflict: tuple[str, ...], relaxations: tuple[str, ...]) -> None:
        self.conflict = conflict
        self.relaxations = relaxations
        said = "; ".join(conflict) if conflict else "what is asked"
        healed = f" It would be enough if {'; and '.join(relaxations)}." if relaxations else ""
        super().__init__(f"No mass map does all of this: {said}.{healed}")
