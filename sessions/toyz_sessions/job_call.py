"""What a job is to do, as the server tells its process."""

import msgspec


class JobCall(msgspec.Struct, frozen=True, kw_only=True):
    """What a job is to do.

    Attributes
    ----------
    id, module, task : str
    parameters : bytes
        JSON.
    runner, registry : str
        ``module:attribute`` of what runs a task, and of what gives the registry.
    """

    id: str
    module: str
    task: str
    parameters: bytes
    runner: str = "toyz_sessions.dispatch:run_task"
    registry: str = "toyz_extensions.registry:load_registry"
