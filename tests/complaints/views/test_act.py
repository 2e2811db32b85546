"""Running a verb from the page: one effect, a clean refusal that names the state, and nothing typed lost."""

import pytest

from accountability.models import AccessLog
from tests.looking import verbs_of, writes

HTMX = {"HX-Request": "true"}


def url(complaint, verb):
    return f"/complaints/{complaint.matter.number}/{verb}/"


def hidden(client, complaint, verb):
    """The hidden fields that the page sent along."""
    form = client.get(url(complaint, verb)).context["form"]
    return {name: form[name].value() for name in ("_key", "_seen")}


def test_the_form_stands_alone_on_its_page(play, client_for):
    response = client_for("wh.contact").get(url(play.upto("delivered"), "hand_off"))
    assert response.status_code == 200
    assert [field.name for field in response.context["form"].visible_fields()] == ["to", "method"]


def test_an_act_runs_and_leads_back_to_the_complaint(play, client_for):
    complaint = play.upto("delivered")
    client = client_for("wh.contact")
    typed = {"to": "wh.zhang", "method": "phone"} | hidden(client, complaint, "hand_off")
    response = client.post(url(complaint, "hand_off"), typed)
    assert (response.status_code, response.url) == (302, f"/complaints/{complaint.matter.number}/")
    found = play.again(complaint).round
    assert (found.state, found.handler.username, found.method) == ("handed_off", "wh.zhang", "phone")


def test_htmx_is_told_where_to_go(play, client_for):
    complaint = play.upto("handed_off")
    response = client_for("wh.zhang").post(url(complaint, "accept"), {}, headers=HTMX)
    assert response["HX-Redirect"] == f"/complaints/{complaint.matter.number}/"


def test_a_double_click_has_one_effect_and_the_same_answer(play, client_for):
    complaint = play.upto("registered")
    client = client_for("kf.agent")
    typed = {"unit": "WH"} | hidden(client, complaint, "dispatch")
    answers = [client.post(url(complaint, "dispatch"), typed) for _click in range(2)]
    assert [(answer.status_code, answer.url) for answer in answers] == [
        (302, f"/complaints/{complaint.matter.number}/")
    ] * 2
    assert verbs_of(complaint) == ["register", "dispatch"]


def test_what_was_typed_stays_and_the_error_stands_at_its_field(play, client_for):
    complaint = play.upto("accepted")
    client = client_for("wh.zhang")
    before = writes()
    response = client.post(url(complaint, "answer"), {"result": "已全额退费"})
    assert response.status_code == 422
    assert response.context["form"].errors == {"cause": ["此项必填。"]}
    assert "已全额退费" in response.content.decode()
    assert writes() == before


def test_htmx_gets_the_form_back_alone(play, client_for):
    response = client_for("wh.zhang").post(url(play.upto("accepted"), "answer"), {"result": "已退费"}, headers=HTMX)
    assert response.status_code == 422
    assert response.content.decode().strip().startswith("<form")


def test_a_stale_tab_is_refused_with_the_present_state_and_may_try_again(play, client_for):
    complaint = play.upto("handed_off")
    client = client_for("wh.zhang")
    seen = hidden(client, complaint, "propose_solution")
    play("accept", "wh.zhang", complaint)
    response = client.post(url(complaint, "propose_solution"), {"solution": "退还两笔扣费"} | seen)
    text = response.content.decode()
    assert response.status_code == 409
    assert "页面已过时" in text
    assert "处理中" in text
    assert "退还两笔扣费" in text
    form = response.context["form"]
    retried = {name: form[name].value() for name in ("_key", "_seen", "solution")}
    assert client.post(url(complaint, "propose_solution"), retried).status_code == 302


def test_who_confirms_a_task_confirms_the_record_they_read(play, client_for):
    complaint, client = play.upto("recorded"), client_for("yc.contact")
    typed = {"unit": "YC"} | hidden(client, complaint, "confirm_task")
    anew = {"unit": "YC", "task": "另外承担全部退费", "due": "2026-11-24 10:00"}
    complaint = play("record_tasks", "wh.leader", complaint, tasks=[anew])
    before = writes()
    response = client.post(url(complaint, "confirm_task"), typed)
    assert (response.status_code, writes() == before) == (409, True)
    assert "页面已过时" in response.content.decode()
    form = response.context["form"]
    retried = {name: form[name].value() for name in ("_key", "_seen", "unit")}
    assert client.post(url(complaint, "confirm_task"), retried).status_code == 302


def test_a_colleagues_confirmation_makes_nobody_elses_page_stale(play, client_for):
    complaint = play("convene", "wh.zhang", play.upto("accepted"), units=["YC", "WL"])
    tasks = [{"unit": code, "task": "核查。", "due": "2026-11-24 15:00"} for code in ("YC", "WL")]
    complaint = play("record_tasks", "wh.zhang", complaint, tasks=tasks)
    client = client_for("wl.contact")
    typed = {"unit": "WL"} | hidden(client, complaint, "confirm_task")
    play("confirm_task", "yc.chen", complaint)
    assert client.post(url(complaint, "confirm_task"), typed).status_code == 302


def test_who_approves_an_excuse_approves_the_reasons_they_read(play, client_for):
    complaint, client = play.upto("delivered"), client_for("sc.leader")
    play.now.forward(minutes=40)
    complaint = play("propose_excuse", "kf.supervisor", complaint, reason="机房断电。")
    typed = {"deadlines": ["handoff#1"]} | hidden(client, complaint, "confirm_excuse")
    complaint = play("reject_excuse", "sc.leader", complaint)
    complaint = play("propose_excuse", "kf.supervisor", complaint, reason="接口人忘记了。")
    assert client.post(url(complaint, "confirm_excuse"), typed).status_code == 409


def test_a_wrong_state_is_refused_and_named(play, client_for):
    complaint = play.upto("delivered")
    client = client_for("kf.agent")
    before = writes()
    response = client.post(url(complaint, "dispatch"), {"unit": "YC"})
    assert response.status_code == 409
    assert "当前状态“待交办”不能“派单”。" in response.content.decode()
    assert response.context["can_run"] is False
    assert writes() == before


@pytest.mark.parametrize("verb", ["hand_off", "judge_complete", "dispatch", "accept"])
def test_a_wrong_role_is_refused_and_logged(play, client_for, verb):
    complaint = play.upto("delivered")
    client = client_for("sj.auditor")
    before = writes()
    response = client.post(url(complaint, verb), {})
    assert response.status_code == 403
    assert "待交办" in response.content.decode()
    assert list(AccessLog.objects.filter(action=verb).values_list("result", flat=True)) == ["forbidden"]
    assert writes() == before


def test_htmx_reloads_where_the_person_lost_the_right(play, client_for):
    response = client_for("sj.auditor").post(url(play.upto("delivered"), "hand_off"), {}, headers=HTMX)
    assert (response.status_code, response["HX-Refresh"]) == (403, "true")


@pytest.mark.parametrize(("username", "verb", "status"), [("sj.auditor", "hand_off", 403), ("kf.agent", "reply", 409)])
def test_looking_at_a_form_one_cannot_run_says_why(play, client_for, username, verb, status):
    response = client_for(username).get(url(play.upto("delivered"), verb))
    assert response.status_code == status
    assert response.context["form"] is None
    assert "待交办" in response.content.decode()


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("verb", ["refuse", "forward", "miss", "set_limits", "judge_incomplete"])
def test_a_word_that_is_no_verb_here_is_not_found(play, client_for, method, verb):
    client = client_for("kf.supervisor")
    assert getattr(client, method)(url(play.upto("delivered"), verb)).status_code == 404


@pytest.mark.parametrize("method", ["get", "post"])
def test_another_units_complaint_is_not_found(play, client_for, method):
    assert getattr(client_for("yc.contact"), method)(url(play.upto("delivered"), "hand_off")).status_code == 404


def test_a_chase_knows_its_round(play, client_for, now):
    complaint = play.upto("delivered")
    client = client_for("kf.agent")
    form = client.get(url(complaint, "chase")).context["form"]
    assert form["round"].value() == 1
    assert [field.name for field in form.visible_fields()] == ["message"]


def test_a_dispatch_after_a_return_suggests_the_unit_that_was_named(play, client_for):
    complaint = play("request_return", "wh.zhang", play.upto("handed_off"), suggested_unit="WL")
    complaint = play("rule_on_return", "kf.agent", complaint, accepted=True)
    assert client_for("kf.agent").get(url(complaint, "dispatch")).context["form"]["unit"].value() == "WL"
