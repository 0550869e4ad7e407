"""How Toyz is extended: finding plugins, the registry, and the readers that come with it.

`toyz_extensions.registry.load_registry` is for processes that run plugins,
`toyz_extensions.probe.probe_plugins` for the server, which never imports one.
"""
