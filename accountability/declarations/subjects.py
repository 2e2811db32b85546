"""What matters are about: the model of each kind of matter, which says everything about the kind."""

from __future__ import annotations

from typing import Any

from accountability.declarations.registry import Registry

SUBJECTS: Registry[Any] = Registry("kind of matter")
"""By the `matter_kind` of the model, which is a `subjects.Subject`."""
