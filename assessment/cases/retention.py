"""Case files and plans are cleared like complaints; until then what they rest on is kept too."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q

from accountability.privacy import retention
from assessment.models import Case, CaseComplaint, Plan
from complaints.models import Complaint, RightsFind


def register() -> None:
    retention.keep(Plan.matter_kind, place=10)
    retention.keep(Case.matter_kind, place=20).holds.extend([_under_a_plan, _in_a_request])
    retention.keep(Complaint.matter_kind, place=40).holds.append(_under_a_case)


def _under_a_case() -> Q:
    """A complaint is evidence while its case is pursued, and its customer's name must be masked while the file can be
    read.
    """
    return Q(Exists(CaseComplaint.objects.filter(complaint=OuterRef("pk"), case__matter__deidentified_at=None)))


def _under_a_plan() -> Q:
    """The same for a plan that puts right what the case found."""
    return Q(Exists(Plan.objects.filter(case=OuterRef("pk"), matter__deidentified_at=None)))


def _in_a_request() -> Q:
    """A customer who asks about their data also asks about what is written of them here."""
    running = RightsFind.objects.filter(request__matter__closed_at=None)
    quoted = CaseComplaint.objects.filter(case=OuterRef("pk"), complaint__in=running.values("complaint"))
    return Q(Exists(quoted))
