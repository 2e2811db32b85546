"""The kinds of matters that the interface acts on. Who may know one of them, its page says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404

from accountability.gate.subjects import Organisation
from accountability.gate.verbs import VERBS, Verb, verbs_of
from accountability.web.request import Request
from accountability.web.verb_pages import MatterPage
from assessment.models import Case, Ranking
from assessment.views import case, rankings
from complaints.models import Complaint
from complaints.views import complaint


@dataclass(frozen=True)
class Kind:
    """One kind: `place` in the address; `page` finds a matter by its number, as far as the reader may know of it.
    `begun_by` begins one where a program doesn't say by which verb, `scope` is what its verbs ask of a token.
    `is_read`: the interface tells it, with the version that a program names as what it read.
    """

    place: str
    model: Any
    page: MatterPage | None
    begun_by: str = ""
    scope: str = "act"
    is_read: bool = False

    @property
    def name(self) -> str:
        return str(self.model.matter_kind)

    @property
    def verbs(self) -> list[Verb]:
        """Those that a program may run in somebody's name."""
        return [entry for entry in verbs_of(self.model) if self.takes(entry)]

    def takes(self, entry: Verb) -> bool:
        """Neither what is run from a shell or by a customer, nor what a second person decides in their own session; nor
        what somebody puts their name to by it (`Verb.seen`), where a program can't read that here.
        """
        is_for_people = entry.shell_only or entry.by_customer or entry.in_session
        return not is_for_people and (self.is_read or entry.seen is None)

    @property
    def beginnings(self) -> list[Verb]:
        """The verbs that begin a matter."""
        return [entry for entry in self.verbs if entry.creates]

    def verb(self, name: str) -> Verb:
        entry = VERBS.get((self.name, name))
        if entry is None or not self.takes(entry):
            raise Http404
        return entry

    def find(self, request: Request, number: str) -> Any:
        """The matter of this number, as its page finds it; there is one organisation."""
        return self.page.find(request, number) if self.page else Organisation.standing()


COMPLAINTS = Kind("complaints", Complaint, complaint.PAGE, begun_by="register", is_read=True)
CASES = Kind("cases", Case, case.PAGE, is_read=True)
RANKINGS = Kind("rankings", Ranking, rankings.PAGE, begun_by="draft_ranking", is_read=True)
ORGANISATION = Kind("organisation", Organisation, None, scope="organise")

KINDS = (COMPLAINTS, CASES, RANKINGS, ORGANISATION)
