"""Declares the rows of cases, plans, rankings, bulletins and exports that the ledger proves."""

from __future__ import annotations

from accountability.declarations.proofs import PROVED, Proof

PROVED.add(
    Proof("assessment.case", "matter_id"),
    Proof("assessment.casecomplaint", "case_id", changes=()),
    Proof("assessment.sheet", "case_id", changes=()),
    Proof("assessment.leadmark", None),  # acts of the complaint, of the case and of another case leave such rows
    Proof("assessment.circular", "case_id"),
    Proof("assessment.panel", "case_id"),
    Proof("assessment.seat", "panel__case_id"),
    Proof("assessment.penalty", "case_id"),
    Proof("assessment.report", "case_id"),
    Proof("assessment.namedperson", "report__case_id", changes=()),
    Proof("assessment.evidence", "report__case_id", changes=()),
    Proof("assessment.plan", "matter_id"),
    Proof("assessment.ranking", "matter_id"),
    Proof("assessment.rankingline", "ranking_id"),
    Proof("assessment.bulletin", "matter_id"),
    Proof("assessment.export", "matter_id"),
)
