"""Declares the rows of complaints, mass events and requests that the ledger proves."""

from __future__ import annotations

from accountability.declarations.proofs import PROVED, Proof

PROVED.add(
    Proof("complaints.complaint", "matter_id"),
    Proof("complaints.round", "complaint_id"),
    Proof("complaints.coordination", "round__complaint_id"),
    Proof("complaints.cooperation", "coordination__round__complaint_id", repeats="complaint_id"),
    Proof("complaints.origin", "complaint_id", changes=()),
    Proof("complaints.outsidecase", "complaint_id", changes=("answered_at", "dropped_at")),
    Proof("complaints.massevent", "matter_id"),
    Proof("complaints.massmember", "event_id"),
    Proof("complaints.rightsrequest", "matter_id"),
    Proof("complaints.rightsfind", "request_id"),
)
