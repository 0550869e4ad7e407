"""The manifest of the plugin: its panel, and the tasks that the panel calls.

What is computed is `toyz_glass`; what is marked is the page's (``static``).
"""

from toyz import Plugin
from toyz_glass import tasks as glass

plugin = Plugin(
    "lens",
    title="Lens",
    description="Mark the images of a gravitational lens, and model its mass.",
    static="toyz_lens",
)
plugin.panel("main", title="Lens", module="panel.js", icon="orbit")
plugin.task(title="Model a lens", long=True, warm=glass.warm, limits=glass.LIMITS)(glass.model)
plugin.task(title="Read the marks in other ways", long=True, warm=glass.warm, limits=glass.LIMITS)(glass.readings)
