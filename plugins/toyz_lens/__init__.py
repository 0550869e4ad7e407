"""Lens markup over the picture, and the models that follow from it."""

from toyz_lens.tasks import plugin

__all__ = ["plugin"]
