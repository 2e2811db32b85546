"""What the pages demand of a customer's telephone number, and what the verbs take."""

from __future__ import annotations

import pytest

from accountability.models import LedgerEntry
from complaints.dossier.customer import customer_of
from tests.complaints.views.test_intake import TYPED, fresh
from tests.factories import INTAKE


@pytest.fixture
def agent(client_for):
    return client_for("kf.agent")


@pytest.mark.parametrize("phone", ["87654321", "12345678901", "10086"])
@pytest.mark.parametrize("verb", ["register", "forward", "correct"])
def test_the_pages_demand_a_number_at_which_a_customer_can_be_called_and_the_verbs_one_of_five_digits(
    agent, play, verb, phone
):
    """A scenario or another system's file has the number that was recorded then; at a page a slip can be put right."""
    made = play.upto("registered") if verb == "correct" else None
    url = {
        "register": "/complaints/new/", "forward": "/complaints/forward/",
        "correct": f"/complaints/{made.matter.number}/correct/" if made else "",
    }[verb]  # fmt: skip
    before = LedgerEntry.objects.count()
    typed = TYPED if verb == "register" else INTAKE if verb == "forward" else {"reason": "听错了。"}
    answer = agent.post(url, typed | {"phone": phone})
    assert (answer.status_code, LedgerEntry.objects.count()) == (422, before)
    facts = {"reason": "听错了。"} if made else {}
    assert customer_of(play.again(play(verb, "kf.agent", made, phone=phone, **facts))).phone == phone


@pytest.mark.parametrize("phone", ["1064812345678", "1440012345678"])
def test_the_number_of_a_thing_is_taken(agent, phone):
    assert agent.post("/complaints/new/", TYPED | fresh(agent) | {"phone": phone}).status_code == 302
