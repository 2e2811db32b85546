"""Verbs of cases from the pages: one effect, a clean refusal, and nothing typed or handed in lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accountability.gate.sweeper import sweep
from accountability.models import AccessLog, Attachment
from assessment.models import Case
from tests.accountability.files.made_files import pdf
from tests.assessment.adjudicating import do, errors, post
from tests.assessment.docket import penalties
from tests.assessment.office import ADMITTED, Stage, form_of, page_of
from tests.factories import Now
from tests.looking import verbs_of, writes

ClientFor = Callable[[str], Client]
HTMX = {"HX-Request": "true"}

DISPUTED: dict[str, Any] = {
    "conclusion": "disputed", "facts": "已当面交办。", "statement": "登记晚于交办。", "signer": "wh.head",
}  # fmt: skip


def typed_report(**others: Any) -> dict[str, Any]:
    """As the browser sends it."""
    persons = {"persons_likely": others.pop("persons", [])}
    return {**DISPUTED, **persons, **others}


def hidden(client: Client, case: Case, verb: str) -> dict[str, Any]:
    """The hidden fields that the page sent along."""
    form = client.get(form_of(case, verb)).context["form"]
    return {name: form[name].value() for name in ("_key", "_seen")}


def proof(name: str = "交办记录.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, pdf(), content_type="application/pdf")


@pytest.mark.rule("R46")
def test_an_objection_is_filed_with_its_evidence(stage: Stage, client_for: ClientFor) -> None:
    case, client = stage.notified(), client_for("wh.head")
    typed = typed_report(evidence=[proof()]) | hidden(client, case, "file_report")
    answers = [client.post(form_of(case, "file_report"), typed | {"evidence": [proof()]}) for _click in range(2)]
    assert [(answer.status_code, answer.url) for answer in answers] == [(302, page_of(case))] * 2  # type: ignore[attr-defined]
    assert stage.again(case).state == "disputed"
    assert verbs_of(case).count("file_report") == 1
    assert [file.name for file in Attachment.objects.filter(matter=case.matter)] == ["交办记录.pdf"]


@pytest.mark.rule("R44")
def test_an_admission_names_a_person(stage: Stage, client_for: ClientFor) -> None:
    case, client = stage.notified(), client_for("wh.head")
    typed = typed_report(conclusion="admitted") | hidden(client, case, "file_report")
    response = client.post(form_of(case, "file_report"), typed)
    assert response.status_code == 422
    assert response.context["form"].errors == {"persons": ["承认违反的，应明确具体责任人，至少一名。"]}
    typed = {**typed, "persons_likely": ["wh.zhang"]}
    assert client.post(form_of(case, "file_report"), typed).status_code == 302
    assert stage.again(case).state == "admitted"


def test_a_refusal_keeps_what_was_typed_and_handed_in(stage: Stage, client_for: ClientFor) -> None:
    case, client = stage.notified(), client_for("wh.contact")
    typed = typed_report(statement="", evidence=[proof()]) | hidden(client, case, "file_report")
    response = client.post(form_of(case, "file_report"), typed)
    text = response.content.decode()
    assert response.status_code == 422
    assert [said for said in ("已当面交办。", "交办记录.pdf", "有异议的，应在报告中说明。") if said not in text] == []
    (token,) = re.findall(r'name="evidence" value="([^"]+)"', text)
    form = response.context["form"]
    again = typed_report(evidence=[token]) | {name: form[name].value() for name in ("_key", "_seen")}
    assert client.post(form_of(case, "file_report"), again).status_code == 302
    assert stage.again(case).waiting_report is not None


def test_a_bad_file_is_told_and_the_rest_stays(stage: Stage, client_for: ClientFor) -> None:
    case, client = stage.notified(), client_for("wh.contact")
    bad = SimpleUploadedFile("凭证.pdf", b"MZ\x90\x00not a pdf", content_type="application/pdf")
    response = client.post(form_of(case, "file_report"), typed_report(evidence=[proof(), bad]))
    text = response.content.decode()
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["evidence"]
    assert [said for said in ("已当面交办。", "交办记录.pdf") if said not in text] == []
    assert stage.again(case).waiting_report is None


def test_htmx_gets_the_form_back_alone_ready_for_files(stage: Stage, client_for: ClientFor) -> None:
    case = stage.notified()
    response = client_for("wh.contact").post(form_of(case, "file_report"), typed_report(), headers=HTMX)
    text = response.content.decode().strip()
    assert response.status_code == 422
    assert text.startswith("<form")
    assert 'enctype="multipart/form-data"' in text


def test_a_report_filed_anew_begins_from_the_one_that_waits(stage: Stage, client_for: ClientFor) -> None:
    form = client_for("wh.deputy").get(form_of(stage.waiting(), "file_report")).context["form"]
    known = {name: form[name].value() for name in ("conclusion", "facts", "persons", "signer")}
    assert known == ADMITTED
    assert "取代" in str(form.preface)


def test_the_signer_reads_the_whole_report_above_the_button(stage: Stage, client_for: ClientFor) -> None:
    case, client = stage.waiting(), client_for("wh.head")
    text = client.get(form_of(case, "sign_report")).content.decode()
    zhang = stage.play.cast["wh.zhang"].name
    assert [said for said in ("接单后未及时交办，属实。", "承认违反", zhang) if said not in text] == []
    assert text.index("接单后未及时交办，属实。") < text.index("签发自查报告</button>")
    assert client.post(form_of(case, "sign_report"), hidden(client, case, "sign_report")).status_code == 302
    assert stage.again(case).state == "admitted"


def test_who_signs_signs_the_report_they_read(stage: Stage, client_for: ClientFor) -> None:
    case, client = stage.waiting(), client_for("wh.head")
    typed = hidden(client, case, "sign_report")
    stage.do("file_report", "wh.contact", case, **ADMITTED | {"facts": "另一种说法。"})
    response = client.post(form_of(case, "sign_report"), typed)
    assert response.status_code == 409
    assert "另一种说法。" in response.content.decode()
    form = response.context["form"]
    retried = {name: form[name].value() for name in ("_key", "_seen")}
    assert client.post(form_of(case, "sign_report"), retried).status_code == 302


def test_a_stale_tab_is_told_the_present_state_and_keeps_what_was_typed(stage: Stage, client_for: ClientFor) -> None:
    case, client = stage.admitted(), client_for("wh.head")
    typed = {"person": "wh.zhang", "ground": "handler", "months": "2", "reason": "首次。"}
    typed |= hidden(client, case, "penalise")
    stage.do("penalise", "sc.officer", case, person="wh.leader", ground="leader", months=1, reason="督促不力。")
    response = client.post(form_of(case, "penalise"), typed)
    text = response.content.decode()
    assert response.status_code == 409
    assert [said for said in ("页面已过时", "单位承认违反", "首次。") if said not in text] == []


@pytest.mark.rule("R50")
def test_from_those_who_owe_a_click_leads_to_a_form_filled_in(stage: Stage, client_for: ClientFor) -> None:
    """In the form itself no name is a link, which would lose what was typed."""
    case, client = stage.admitted(), client_for("wh.head")
    response = client.get(page_of(case))
    assert [owed.person.username for owed in response.context["owing"]] == ["wh.zhang", "wh.leader", "wh.head"]
    text = response.content.decode()
    assert "?person=" not in client.get(form_of(case, "penalise")).content.decode()
    links = re.findall(r'href="(/cases/[^"]+\?[^"]+)"', text)
    form = client.get(links[0].replace("&amp;", "&")).context["form"]
    assert (form["person"].value(), form["ground"].value()) == ("wh.zhang", "handler")


def test_where_anybody_can_owe_the_ground_alone_is_filled_in(stage: Stage, client_for: ClientFor) -> None:
    """No round: one person of the unit is the handler (R50)."""
    case, client = without_a_round(stage), client_for("wh.head")
    text = client.get(page_of(case)).content.decode()
    link = re.findall(r'href="(/cases/[^"]+\?[^"]+)"', text)[0]
    form = client.get(link.replace("&amp;", "&")).context["form"]
    assert (form["person"].value(), form["ground"].value()) == (None, "handler")


def without_a_round(stage: Stage) -> Case:
    case = stage.do("open_case", "sc.officer", None, unit="WH", source="leader", description="领导批示。")
    case = stage.do("notify_unit", "sc.officer", case)
    stage.play.now.set("2026-12-03 09:00")
    sweep(stage.play.now.at)
    return stage.again(case)


@pytest.mark.rule("R50")
@pytest.mark.rule("R51")
def test_all_who_owe_are_recorded_in_one_form(stage: Stage, client_for: ClientFor) -> None:
    """By the head of their own people, each with months and reason; what is left blank is told by name."""
    case, client = stage.admitted(), client_for("wh.head")
    text = client.get(form_of(case, "penalise_all")).content.decode()
    names = list(dict.fromkeys(re.findall(r'name="(penalties-[^"]+)"', text)))
    people = ("wh.zhang", "wh.leader")
    assert names == [f"penalties-{person}-{part}" for person in people for part in ("reason", "months")]
    typed = {"penalties-wh.zhang-months": "2", "penalties-wh.zhang-reason": "首次。", "penalties-wh.leader-months": "1"}
    before = writes()
    response = client.post(form_of(case, "penalise_all"), typed | hidden(client, case, "penalise_all"))
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["penalties"])
    said = response.content.decode()
    assert ("刘建勋：请写明情节与理由。" in said, "首次。" in said, writes() == before) == (True, True, True)
    assert re.search(r'value="2"\s+checked', said)
    typed["penalties-wh.leader-reason"] = "督促不力。"
    response = client.post(form_of(case, "penalise_all"), typed | hidden(client, case, "penalise_all"))
    assert response.status_code == 302
    assert penalties(case) == [("wh.zhang", ["handler"], 2), ("wh.leader", ["leader"], 1)]
    page = client.get(page_of(case)).content.decode()
    assert [
        told for told in ("一并记录处理", "首次。", "督促不力。", "张伟民（首问责任人）2个月") if told not in page
    ] == []
    assert "首次。" not in client_for("kf.agent").get(page_of(case)).content.decode()


@pytest.mark.rule("R50")
def test_one_of_several_is_chosen_in_the_form(stage: Stage, client_for: ClientFor) -> None:
    case, client = without_a_round(stage), client_for("sc.officer")
    place = do(case, "penalise_all")
    text = client.get(place).content.decode()
    assert list(dict.fromkeys(re.findall(r'name="(penalties-[^"]+)-months"', text))) == [
        "penalties-one-handler", "penalties-one-leader", "penalties-wh.head",
    ]  # fmt: skip
    typed = {"penalties-one-handler-person": "wh.zhang", "penalties-one-leader-person": "wh.leader"}
    for line in ("one-handler", "one-leader", "wh.head"):
        typed |= {f"penalties-{line}-months": "1", f"penalties-{line}-reason": "情节较轻。"}
    wrong = typed | {"penalties-one-leader-person": "wh.head"}
    response = post(client, place, **wrong)
    assert (response.status_code, list(errors(response))) == (422, ["penalties"])
    response = post(client, place, **typed)
    assert response.status_code == 302
    assert penalties(case) == [
        ("wh.zhang", ["handler"], 1), ("wh.leader", ["leader"], 1), ("wh.head", ["unit_head"], 1),
    ]  # fmt: skip


@pytest.mark.parametrize("months", ["0", "4", "1.5", "-1", "", "三"])
def test_months_out_of_range_are_told_at_their_field(stage: Stage, client_for: ClientFor, months: str) -> None:
    case, client = stage.admitted(), client_for("wh.head")
    typed = {"person": "wh.zhang", "ground": "handler", "months": months, "reason": "首次。"}
    before = writes()
    response = client.post(form_of(case, "penalise"), typed)
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["months"])
    assert "首次。" in response.content.decode()
    assert writes() == before


def test_a_slip_is_filed(stage: Stage, client_for: ClientFor) -> None:
    case, client = stage.closed(), client_for("wh.contact")
    typed = {"person": "wh.zhang", "executed_on": "2026-11-24", "voucher": "RL-1"}
    assert client.post(form_of(case, "file_slip"), typed | hidden(client, case, "file_slip")).status_code == 302
    assert [p.voucher for p in stage.again(case).penalty_rows if p.slip_at] == ["RL-1"]


@pytest.mark.parametrize(
    ("position", "username", "verb", "status"),
    [
        ("notified", "kf.agent", "file_report", 403),
        ("notified", "wh.contact", "sign_report", 403),
        ("admitted", "wh.contact", "penalise", 403),
        ("notified", "wh.head", "penalise", 409),
        ("closed", "wh.head", "file_report", 409),
        ("fault", "wh.contact", "file_opinion", 403),
    ],
)
def test_looking_at_a_form_one_cannot_run_says_why(
    stage: Stage, client_for: ClientFor, position: str, username: str, verb: str, status: int
) -> None:
    response = client_for(username).get(form_of(getattr(stage, position)(), verb))
    assert (response.status_code, response.context["form"]) == (status, None)


def test_a_wrong_role_is_refused_and_logged(stage: Stage, client_for: ClientFor) -> None:
    case, client = stage.notified(), client_for("kf.agent")
    before = writes()
    assert client.post(form_of(case, "file_report"), ADMITTED).status_code == 403
    assert list(AccessLog.objects.filter(action="file_report").values_list("result", flat=True)) == ["forbidden"]
    assert writes() == before


@pytest.mark.parametrize("verb", ["close_case", "notify_unit", "issue_sheet", "open_fault", "deem", "nonsense"])
def test_what_has_no_form_here_is_not_found(stage: Stage, client_for: ClientFor, verb: str) -> None:
    case = stage.notified()
    assert client_for("wh.head").get(form_of(case, verb)).status_code == 404
    assert client_for("wh.head").post(form_of(case, verb)).status_code == 404


# The interface contact's fault


@pytest.mark.rule("R22")
def test_a_fault_is_opened_from_the_round(stage: Stage, client_for: ClientFor, now: Now) -> None:
    complaint, client = stage.play.upto("handed_off"), client_for("kf.agent")
    text = client.get(f"/complaints/{complaint.matter.number}/").content.decode()
    (link,) = re.findall(r'href="(/cases/open_fault/[^"]+)"', text)
    form = client.get(link).context["form"]
    name = f"{complaint.matter.number}#1"
    assert form["round"].value() == name
    typed = {"round": name, "description": "接单后一小时才交办。", "_key": form["_key"].value()}
    answers = [client.post("/cases/open_fault/", typed) for _click in range(2)]
    case = Case.objects.get()
    assert [(answer.status_code, answer.url) for answer in answers] == [(302, page_of(case))] * 2  # type: ignore[attr-defined]


def test_a_bad_round_is_told_and_nothing_is_lost(stage: Stage, client_for: ClientFor) -> None:
    typed = {"round": "TS20200101000001#1", "description": "一小时才交办。"}
    response = client_for("kf.agent").post("/cases/open_fault/", typed)
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["round"])
    assert "一小时才交办。" in response.content.decode()


@pytest.mark.parametrize("username", ["wh.contact", "wh.head", "kf.head", "sj.auditor"])
def test_nobody_else_opens_a_fault_or_is_shown_the_way(stage: Stage, client_for: ClientFor, username: str) -> None:
    complaint, client = stage.play.upto("handed_off"), client_for(username)
    assert "open_fault" not in client.get(f"/complaints/{complaint.matter.number}/").content.decode()
    assert client.get("/cases/open_fault/").status_code == 403
    assert client.post("/cases/open_fault/").status_code == 403
