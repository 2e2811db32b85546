"""The administration: a reading room, but for the leaves of the catalogue."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from accountability.administration.site import GuardedAdmin, visible
from accountability.models import Category, PersonalData
from complaints.models import Complaint
from tests.factories import Cast, Now, Play


@pytest.fixture
def officer(client_for: Callable[[str], Client]) -> Client:
    return client_for("sc.officer")


@pytest.fixture
def leaf(cast: Cast) -> Category:
    return Category.objects.exclude(parent=None).earliest("pk")


def change(row: Category) -> str:
    return reverse("admin:accountability_category_change", args=[row.pk])


ADD = "admin:accountability_category_add"


def test_every_model_is_guarded_and_the_customers_data_are_not_there() -> None:
    assert [model for model, shown in admin.site._registry.items() if not isinstance(shown, GuardedAdmin)] == []
    assert PersonalData not in admin.site._registry


def test_no_filter_leads_round_what_may_be_seen() -> None:
    """A filter over a reference lists its rows; none leads to a model that not everybody may see."""
    led = [
        (model, name)
        for model, shown in admin.site._registry.items()
        for name in (each if isinstance(each, str) else str(cast(Any, each)[0]) for each in shown.list_filter)
        if hasattr(getattr(model._meta.get_field(name), "related_model", None) or object, "visible_to")
    ]
    assert led == []


@pytest.mark.parametrize("by", ["password", "password__startswith", "password__regex"])
def test_no_list_is_narrowed_by_password(officer: Client, by: str) -> None:
    """It would tell the hash letter by letter."""
    assert officer.get(reverse("admin:accountability_employee_changelist"), {by: "argon2"}).status_code == 400


@pytest.mark.rule("R15")
def test_marketing_renames_a_leaf_and_its_history_says_why(
    cast: Cast, now: Now, officer: Client, leaf: Category
) -> None:
    typed = {"name": "账单争议", "answered_by": "branch", "is_active": "on", "reason": "按用户习惯改名"}
    assert officer.post(change(leaf), typed).status_code == 302
    leaf.refresh_from_db()
    row = leaf.history.latest("history_id")
    assert (leaf.name, row.name) == ("账单争议", "账单争议")
    assert (row.history_change_reason, row.history_user, row.history_date) == (
        "按用户习惯改名", cast["sc.officer"], now.at,
    )  # fmt: skip
    assert LogEntry.objects.get().user == cast["sc.officer"]


def test_marketing_says_what_customers_call_a_leaf(cast: Cast, officer: Client, leaf: Category) -> None:
    """Its words, each once, whatever parts them; the history keeps who changed them and why."""
    typed = {"name": leaf.name, "answered_by": "branch", "is_active": "on", "reason": "客户新说法"}
    assert officer.post(change(leaf), typed | {"words": " 套餐坑、坑人,套餐坑 / 太贵 "}).status_code == 302
    leaf.refresh_from_db()
    row = leaf.history.latest("history_id")
    assert (leaf.words, row.words, row.history_change_reason) == ("套餐坑 坑人 太贵", leaf.words, "客户新说法")
    assert row.history_user == cast["sc.officer"]


@pytest.mark.rule("R8")
def test_marketing_adds_a_leaf_below_a_head(officer: Client, leaf: Category) -> None:
    typed = {"parent": leaf.parent_id, "name": "新事项", "answered_by": "WL", "is_active": "on", "reason": "新业务"}
    assert officer.post(reverse(ADD), typed).status_code == 302
    assert Category.objects.get(name="新事项").path == f"{leaf.head.name}/新事项"


@pytest.mark.rule("R8")
@pytest.mark.parametrize(
    ("given", "at_field"),
    [
        ({"parent": ""}, "parent"),
        ({"reason": ""}, "reason"),
        ({"answered_by": "XX"}, "answered_by"),
        ({"name": ""}, "name"),
    ],
)
def test_a_leaf_needs_a_head_a_name_a_unit_and_a_reason(
    officer: Client, leaf: Category, given: dict[str, str], at_field: str
) -> None:
    typed = {"parent": leaf.parent_id, "name": "新事项", "answered_by": "WL", "is_active": "on", "reason": "新业务"}
    response = officer.post(reverse(ADD), typed | given)
    assert (response.status_code, list(response.context["adminform"].form.errors)) == (200, [at_field])
    assert Category.objects.filter(name="新事项").count() == 0


def test_a_leaf_is_not_the_parent_of_another(officer: Client, leaf: Category) -> None:
    typed = {"parent": leaf.pk, "name": "新事项", "answered_by": "WL", "is_active": "on", "reason": "新业务"}
    assert list(officer.post(reverse(ADD), typed).context["adminform"].form.errors) == ["parent"]


def test_a_head_is_nobodys_to_change(officer: Client, leaf: Category) -> None:
    typed = {"name": "别的大类", "answered_by": "branch", "is_active": "on", "reason": "试试"}
    assert officer.post(change(leaf.head), typed).status_code == 403


def test_a_leaf_stays_below_its_head(officer: Client, leaf: Category) -> None:
    other = Category.objects.filter(parent=None).exclude(pk=leaf.head.pk).earliest("pk")
    typed = {"parent": other.pk, "name": leaf.name, "answered_by": "branch", "is_active": "on", "reason": "试试"}
    officer.post(change(leaf), typed)
    assert Category.objects.get(pk=leaf.pk).parent_id == leaf.parent_id


def test_an_earlier_version_can_be_read_and_not_put_back(officer: Client, leaf: Category) -> None:
    typed = {"name": "改名", "answered_by": "branch", "is_active": "on", "reason": "试试"}
    officer.post(change(leaf), typed)
    version = leaf.history.latest("history_id").pk
    place = reverse("admin:accountability_category_simple_history", args=[leaf.pk, version])
    assert (officer.get(place).status_code, officer.post(place, typed | {"name": "倒回"}).status_code) == (200, 403)
    assert Category.objects.get(pk=leaf.pk).name == "改名"
    assert "试试" in officer.get(reverse("admin:accountability_category_history", args=[leaf.pk])).content.decode()


def test_complaints_are_looked_up_by_number_without_the_customer(play: Play, officer: Client) -> None:
    complaint = play.upto("answered", customer="欧阳丝雀")
    play.upto("registered")
    found = officer.get(reverse("admin:complaints_complaint_changelist"), {"q": str(complaint.matter.number)})
    assert [row.pk for row in found.context["cl"].result_list] == [complaint.pk]
    page = officer.get(reverse("admin:complaints_complaint_change", args=[complaint.pk])).content.decode()
    assert ("欧阳" in page, "13871234567" in page, str(complaint.matter.number) in page) == (False, False, True)


def test_what_one_may_not_see_has_no_history_either(play: Play, officer: Client, monkeypatch) -> None:
    complaint = play.upto("answered")
    monkeypatch.setattr("complaints.models.complaints.ComplaintQuerySet.visible_to", lambda self, actor: self.none())
    places = [reverse(f"admin:complaints_complaint_{name}", args=[complaint.pk]) for name in ("history", "change")]
    versions = Complaint.history.values_list("pk", flat=True)[:1]
    places.append(reverse("admin:complaints_complaint_simple_history", args=[complaint.pk, versions[0]]))
    answers = [officer.get(place) for place in places]
    assert [(answer.status_code, answer.headers.get("location")) for answer in answers] == [
        (404, None), (302, "/admin/"), (404, None),
    ]  # fmt: skip


def test_a_stranger_sees_nothing_of_a_model_with_its_own_rule(play: Play, rf) -> None:
    play.upto("registered")
    assert list(visible(Complaint.objects.all(), rf.get("/"))) == []


def test_a_stranger_comes_back_to_where_they_were_going(db: None, now: Now) -> None:
    for place in ("/admin/", "/admin/complaints/complaint/"):
        hops = Client().get(place, follow=True).redirect_chain
        assert hops[-1] == (f"/sign-in/?next={place}", 302)


@pytest.mark.parametrize("name", ["logout", "password_change", "password_change_done"])
def test_signing_out_and_passwords_have_one_address(officer: Client, name: str) -> None:
    target = {"logout": "/", "password_change": "/password/", "password_change_done": "/"}[name]
    assert officer.get(reverse(f"admin:{name}")).headers["location"] == target
