"""The verbs of a complaint, by the desk that uses them; importing this registers them all."""

from complaints.actions import handling, handover, intake, replies, returns, supervision

__all__ = ["handling", "handover", "intake", "replies", "returns", "supervision"]
