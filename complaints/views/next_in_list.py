"""The next complaint of the list from which one was opened: a list is worked through without going back to it.

An address says only which list and which filters. They are read as the list itself reads them, so it leads nowhere
else.
"""

from __future__ import annotations

from django.http import QueryDict
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accountability.web.request import Request
from complaints.lists.queue import queue_of
from complaints.models import Complaint

LONGEST = 500
"""Of what an address or a form says about the list."""


def next_in_list(request: Request, asked: str, complaint: Complaint, *, beside: bool = False) -> list[tuple[str, str]]:
    """Label and address of the complaint after this one in the list's order, opened alone or beside its list; of the
    first one, if this one has left the list. None at the end of the list, or where no list is named.
    """
    queue = queue_of(QueryDict(asked[:LONGEST]), request.actor, request.at)
    if not queue.asked:
        return []
    keys = queue.filters.keys
    place = queue.found.filter(pk=complaint.pk).order_by().values_list(*(key.lstrip("-") for key in keys)).first()
    following = queue.seen.numbers(keys, place, 1)
    if not following:
        return []
    (number,) = following
    if beside:
        return [(_("下一件"), f"{reverse('complaints')}?{urlencode(queue.asked | {'open': number})}")]
    return [(_("下一件"), f"{reverse('complaint', args=[number])}?{urlencode(queue.asked)}")]
