"""Registers the model for each kind of matter. The model has all the facts about the kind."""

from __future__ import annotations

from typing import Any

from accountability.declarations.registry import Registry

SUBJECTS: Registry[Any] = Registry("kind of matter")
"""By `matter_kind` of the model, a subclass of `gate.subjects.Subject`."""
