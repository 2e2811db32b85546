"""What is laid down about personal data: versions that marketing's leader alone adds to, read by everybody."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accountability.gate.act import Refused
from accountability.gate.perform import perform
from accountability.gate.subjects import Organisation
from accountability.models import LedgerEntry, PrivacyPolicy, privacy_in_force
from tests.factories import Cast, Now, Play
from tests.looking import writes

pytestmark = [pytest.mark.rule("R15"), pytest.mark.compliance(13, 19, 29)]

PAGE = reverse("privacy_policy")
ACT = reverse("organisation_act", args=["set_privacy_policy"])
NAMES = ("unmask_per_hour", "unmask_stop_per_hour", "retention_years", "circular_months")


def test_a_database_begins_with_the_defaults_of_the_contract(now: Now, cast: Cast) -> None:
    first = privacy_in_force(now.at)
    assert (first.version, [getattr(first, name) for name in NAMES]) == (1, [30, 60, 3, 12])


def test_each_change_is_a_version_and_what_is_left_out_stays(play: Play) -> None:
    begun = play.now.at
    play.now.forward(minutes=1)
    play("set_privacy_policy", "sc.leader", retention_years=5, reason="档案规定")
    second = privacy_in_force(play.now.at)
    assert (second.version, [getattr(second, name) for name in NAMES]) == (2, [30, 60, 5, 12])
    assert (second.author.username, second.reason) == ("sc.leader", "档案规定")
    assert privacy_in_force(begun).version == 1
    assert LedgerEntry.objects.filter(verb="set_privacy_policy").latest("pk").facts == {
        "version": 2,
        "retention_years": 5,
    }


@pytest.mark.parametrize("username", ["sc.officer", "kf.supervisor", "sj.auditor", "wh.head", "wh.zhang"])
def test_only_the_leader_of_marketing_changes_it(username: str, play: Play, cast: Cast) -> None:
    before = writes()
    with pytest.raises(Refused, match="权限"):
        play("set_privacy_policy", username, retention_years=5, reason="试")
    assert writes() == before


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "请至少修改一项参数。"),
        ({"unmask_per_hour": 61}, "至多次数不应少于预警次数。"),
        ({"unmask_stop_per_hour": 29}, "至多次数不应少于预警次数。"),
        ({"retention_years": 0}, "请填写 1 到 30 的整数。"),
        ({"circular_months": 121}, "请填写 1 到 120 的整数。"),
    ],
)
def test_what_makes_no_sense_is_refused(given: dict[str, Any], sentence: str, play: Play, cast: Cast) -> None:
    with pytest.raises(Refused) as refusal:
        play("set_privacy_policy", "sc.leader", reason="试", **given)
    assert sentence in [str(refusal.value), *map(str, refusal.value.fields.values())]
    assert PrivacyPolicy.objects.count() == 1


def test_who_revises_an_older_version_is_told_so(cast: Cast, now: Now, play: Play) -> None:
    seen = Organisation.standing().shown_for("set_privacy_policy")
    play("set_privacy_policy", "sc.leader", retention_years=4, reason="甲")
    with pytest.raises(Refused) as refusal:
        perform(Organisation.standing(), "set_privacy_policy", by=cast["sc.leader"], at=now.at, seen=seen,
                circular_months=6, reason="乙")  # fmt: skip
    assert (refusal.value.code, str(refusal.value)) == ("stale", "页面已过时，当前状态：个人信息规则 v2。")


def test_the_page_shows_what_is_in_force_and_the_leader_the_form(
    play: Play, client_for: Callable[[str], Client]
) -> None:
    play("set_privacy_policy", "sc.leader", unmask_stop_per_hour=45, reason="收紧")
    read = client_for("wh.zhang").get(PAGE).content.decode()
    shown = ("v2", "一小时内凭理由查看至多 45 次", "60 → <strong>45</strong>", "收紧", ACT)
    assert [text in read for text in shown] == [True, True, True, True, False]
    assert ACT in client_for("sc.leader").get(PAGE).content.decode()
    assert ACT not in client_for("sc.officer").get(PAGE).content.decode()


def test_by_the_page_it_is_changed_and_seen(client_for: Callable[[str], Client]) -> None:
    client = client_for("sc.leader")
    refused = client.post(ACT, {"circular_months": "zwei", "reason": "试"})
    assert (refused.status_code, "zwei" in refused.content.decode()) == (422, True)
    assert client.post(ACT, {"circular_months": "6", "reason": "缩短"}).headers["Location"] == PAGE
    assert PrivacyPolicy.objects.latest("version").circular_months == 6


def test_the_page_costs_the_same_however_many_versions(
    play: Play, client_for: Callable[[str], Client], django_assert_max_num_queries: Callable[[int], object]
) -> None:
    client, counts = client_for("wh.zhang"), []
    for years in (4, 5, 6, 7):
        play("set_privacy_policy", "sc.leader", retention_years=years, reason="改")
        with django_assert_max_num_queries(30) as found:  # type: ignore[attr-defined]
            client.get(PAGE)
        counts.append(len(found))
    assert counts[1:] == counts[1:2] * 3
