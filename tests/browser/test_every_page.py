"""Every page, as the person who works with it sees it: readable for anybody, and nothing on it that isn't ours."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page

from accountability.files.attachments import take
from accountability.gate.sweeper import sweep
from accountability.models import Attachment
from accountability.models.timekeeping import mass_limits
from accountability.monitoring.reminders import remind
from assessment.models import Case, Sheet
from complaints.models import Complaint
from tests.accountability.signin.conftest import Door
from tests.browser.anybody import OTHER_THEMES, Anybody
from tests.browser.office import DESKTOP, PHONE, Office, go_to
from tests.crowds import crowd, the_event
from tests.factories import Cast, Now, Play
from tests.looking import deadline

pytestmark = pytest.mark.browser

STATES = (
    "forwarded", "registered", "handling", "delivered", "reported", "handed_off", "accepted", "return_requested",
    "answered", "completed", "replied", "archived",
)  # fmt: skip

AT_THE_TABLE = ("convened", "recorded", "confirmed", "concluded")


@pytest.fixture
def of(play: Play, now: Now, cast: Cast) -> dict[str, Complaint]:
    """A complaint in each state; 33 hours later, swept, so that limits run, are warned of, missed and chased.

    The call by telephone was written down last: whom it names sees it for 24 hours (R19).
    """
    made = {state: play.upto(state, phone=f"1387123{place:04d}") for place, state in enumerate(STATES)}
    made |= {state: play.upto(state, phone=f"1387124{place:04d}") for place, state in enumerate(AT_THE_TABLE)}
    call = take("来电.txt", "请尽快核对账单。".encode(), by=cast["kf.agent"], at=now.at, kind="intake")
    made["with a file"] = play("register", "kf.agent", phone="13871250003", files=[call])
    made["more time"] = play("request_extension", "wh.zhang", play.upto("accepted", phone="13871250000"))
    made["urged"] = play.upto("accepted", phone="13871250002", priority="P1")
    made["late"] = play.upto("delivered", phone="13871230000")
    now.forward(hours=33)
    made["told"] = play("record_told", "wh.contact", play.upto("delivered", phone="13871250001"), happened=now.at)
    made["fresh"] = play.upto("delivered", phone="13871239999", tier="vip", flags=["major", "cross_province"])
    crowd(play, mass_limits()["warn_count"], every=1, region="荆州")
    sweep(now.at)
    remind(now.at)
    play(
        "issue_sheet", "kf.agent", Case(), unit="WH", complaints=[str(made["urged"])], person="wh.zhang",
        description="超时未办。", evidence="处理时限已过。",
    )  # fmt: skip
    play("set_template", "kf.supervisor", name="核查", use="answer", text="{number} 已核查。", reason="常用")
    play("set_aside_lead", "kf.supervisor", made["late"], leads=["handoff#1"], reason="已说明。")
    return {state: play.again(complaint) for state, complaint in made.items()}


def pages(of: dict[str, Complaint]) -> list[tuple[str, str]]:
    """Who looks at which address."""
    number = {state: complaint.matter.number for state, complaint in of.items()}
    handling = deadline(of["accepted"], "handling", 1)
    urged = deadline(of["urged"], "handling", 1)
    mass, many = the_event().matter.number, f"?pick={number['registered']}&pick={number['late']}"
    return [
        ("", "/sign-in/"), ("", "/no-such-page/"),
        ("kf.agent", "/"), ("kf.agent", "/complaints/new/"), ("kf.agent", "/complaints/"),
        ("kf.agent", "/search/"), ("kf.agent", "/search/?q=扣费 退费"), ("kf.agent", "/search/?q=断"),
        ("kf.agent", f"/complaints/{number['return_requested']}/"),
        ("kf.agent", f"/complaints/{number['accepted']}/deadlines/{handling.pk}/"),
        ("wh.zhang", f"/complaints/{number['accepted']}/conformance/"),
        ("kf.agent", f"/complaints/{number['with a file']}/"),
        ("kf.agent", f"/complaints/{number['with a file']}/files/{Attachment.objects.get().token}/"),
        ("wh.contact", "/complaints/?state=all&overdue=on&order=due"), ("wh.contact", "/complaints/views/"),
        ("wh.contact", f"/complaints/?open={number['late']}"),
        ("wh.contact", "/"), ("wh.contact", f"/complaints/{number['answered']}/rounds/1/notice/"),
        ("wh.zhang", "/"), ("wh.zhang", f"/complaints/{number['accepted']}/"),
        ("wh.zhang", f"/complaints/{number['accepted']}/answer/"),
        ("wh.zhang", f"/complaints/{number['accepted']}/accept/"),
        ("wh.zhang", "/inbox/"), ("wh.zhang", "/units/"), ("wh.zhang", "/calendar/2027/"),
        ("sc.leader", "/privacy/"), ("wh.zhang", "/privacy/"), ("wh.zhang", "/penalties/own/"),
        ("wh.zhang", "/preferences/"), ("wh.zhang", "/rules/"), ("sc.officer", "/rules/?q=R5"),
        ("wh.head", "/rules/readings/"), ("sc.officer", "/organisation/publish_rules/?rule=R5"),
        ("wh.head", "/"), ("yc.chen", "/complaints/forward/"), ("yc.chen", f"/complaints/{number['forwarded']}/"),
        ("sc.officer", "/"), ("sc.officer", f"/complaints/{number['archived']}/"), ("sc.officer", "/units/WH/"),
        ("sc.officer", "/calendar/2026/"), ("sc.officer", "/limits/"), ("sc.officer", "/alarms/"),
        ("sc.officer", "/admin/"), ("sc.officer", "/admin/accountability/deadline/"),
        ("sc.officer", f"/admin/accountability/deadline/{handling.pk}/change/"),
        ("sc.officer", "/admin/accountability/timelimits/"),
        ("sc.officer", "/admin/accountability/timelimits/1/change/"),
        ("sc.officer", "/admin/accountability/timelimits/begin/set_limits/"),
        ("sc.officer", "/admin/accountability/timelimits/begin/set_policy/"),
        ("sc.officer", "/admin/accountability/timelimits/begin/set_duty_hours/"),
        ("sc.officer", "/admin/accountability/calendaryear/begin/publish_calendar/?year=2026"),
        ("sc.officer", "/admin/accountability/category/add/"),
        ("kf.agent", "/templates/"), ("kf.supervisor", "/templates/"), ("kf.supervisor", "/templates/set_template/"),
        ("kf.supervisor", "/"), ("wh.leader", "/"), ("yc.contact", "/"), ("sj.auditor", "/"),
        ("kf.agent", "/mass/"), ("kf.agent", f"/mass/{mass}/"), ("sc.officer", f"/mass/{mass}/"),
        ("kf.agent", f"/mass/{mass}/confirm_mass/"),
        ("kf.agent", f"/complaints/bulk/dispatch/{many}"), ("kf.agent", f"/complaints/bulk/chase/{many}"),
        ("wh.contact", f"/complaints/bulk/reassign/?pick={number['accepted']}"),
        ("wh.contact", "/complaints/bulk/hand_off/?list=hand_off&all=on"),
        ("wh.contact", f"/complaints/{number['fresh']}/?list=hand_off"),
        ("kf.agent", f"/complaints/notices/{many}"), ("wh.head", "/alarms/"),
        ("wh.zhang", f"/complaints/{number['convened']}/"),
        ("wh.zhang", f"/complaints/{number['convened']}/record_tasks/"),
        ("wh.zhang", f"/complaints/{number['accepted']}/convene/"),
        ("wh.zhang", f"/complaints/{number['confirmed']}/"), ("yc.contact", f"/complaints/{number['recorded']}/"),
        ("yc.contact", f"/complaints/{number['concluded']}/"),
        ("wh.zhang", f"/complaints/{number['concluded']}/coordinations/1/minutes/"),
        ("kf.agent", f"/complaints/{number['more time']}/"), ("kf.agent", f"/complaints/{number['more time']}/extend/"),
        ("wh.zhang", f"/complaints/{number['told']}/"), ("wh.contact", f"/complaints/{number['late']}/record_told/"),
        ("wh.zhang", f"/complaints/{number['urged']}/deadlines/{urged.pk}/urging/"),
        ("sc.officer", f"/complaints/{number['urged']}/deadlines/{urged.pk}/"),
        ("sc.officer", f"/complaints/{number['urged']}/propose_excuse/"),
        ("kf.agent", f"/complaints/{number['accepted']}/correct/"),
        ("kf.agent", f"/complaints/{number['accepted']}/mark_duplicate/"),
        ("wh.head", "/units/WH/roster/"), ("sc.officer", "/import/organisation/"),
        ("sc.officer", "/dashboard/"), ("sc.officer", "/dashboard/?table=units"), ("wh.head", "/dashboard/?risk=all"),
        ("sj.auditor", "/dashboard/?to=x"),
        ("kf.agent", "/leads/"), ("kf.supervisor", "/leads/?aside=1"), ("sc.officer", "/sheets/"),
        ("kf.agent", f"/sheets/new/?complaint={number['accepted']}"),
        ("", "/activate/"), ("sj.security", "/security/sign-in/"), ("sj.auditor", "/security/sign-in/"),
        ("wh.zhang", "/security/mine/"), ("wh.zhang", "/security/calendar/"), ("wh.zhang", "/sign-in/device/"),
        ("sj.auditadmin", "/record/"),
        ("sj.system", "/operations/"), ("sj.system", "/inbox/"), ("sj.auditadmin", "/access-log/"),
        ("sj.auditadmin", "/access-log/?action=reveal&day=2020-01-01"), ("sj.auditor", "/access-log/"),
        ("sj.security", "/accounts/"), ("sj.security", "/accounts/?q=zz"), ("sj.security", "/accounts/sj.auditor/"),
        ("sj.security", "/accounts/sj.plain/"), ("sj.security", "/organisation/appoint_administrator/"),
        ("sc.officer", f"/sheets/{Sheet.objects.get().number}/"), ("kf.supervisor", f"/complaints/{number['late']}/"),
    ]  # fmt: skip


DARK = {"dark": OTHER_THEMES["dark"]}

PEOPLE = """工号,姓名,单位代码,分管领导,在职状态
wh.new,钱小红,WH,wh.leader,
wh.zhang,张伟民,WH,wh.leader,
wh.li,李思琪,WH,,离职
zz.bad,无单位,ZZ,,
"""


def look(page: Page, anybody: Anybody | None = None) -> dict[str, Any]:
    """What is wrong with the page that is open: by all rules in light, by its colours in dark, by its width. Of a walk
    (`anybody`) it asks what no page of the walk was asked before.
    """
    anybody = anybody or Anybody()
    anybody.begin(page)
    found: dict[str, Any] = {"light": anybody.structure(page, sizes=False)} | anybody.colours(page, DARK)
    page.set_viewport_size(PHONE)
    found["too wide"] = page.evaluate("document.documentElement.scrollWidth") - PHONE["width"]
    page.set_viewport_size(DESKTOP)
    return {name: wrong for name, wrong in found.items() if wrong}


def looks(office: Office, *places: tuple[str, str]) -> dict[Any, Any]:
    """What is wrong with each, by all rules, on a telephone and at 320 pixels."""
    wrong: dict[Any, Any] = {}
    for person, place in places:
        page = office.page(person)
        answer = go_to(page, place)
        found = look(page) | ({} if answer and answer.status == 200 else {"status": answer and answer.status})
        page.set_viewport_size({"width": 320, "height": 640})
        if page.evaluate("document.documentElement.scrollWidth") > 320:
            found["wider than 320"] = True
        wrong |= {(person, place): found} if found else {}
        page.close()
    return wrong


@pytest.mark.slow
def test_anybody_can_read_every_page_in_light_and_dark_and_on_a_telephone(
    office: Office, of: dict[str, Complaint]
) -> None:
    anybody, wrong = Anybody(), dict[Any, Any]()
    people = {
        person: anybody.ready(office.page(person) if person else office.strangers_page())
        for person in dict.fromkeys(person for person, _address in pages(of))
    }
    answers: dict[Any, int] = {}
    for place in pages(of):
        person, address = place
        answer = go_to(people[person], address)
        answers[place] = answer.status if answer else 0
        found = look(people[person], anybody)
        wrong |= {place: found} if found else {}
    assert wrong == {}
    refused = {place: status for place, status in answers.items() if status != 200}
    assert list(refused.values()) == [404, 409]


def test_anybody_can_read_what_answers_a_form(office: Office, of: dict[str, Complaint]) -> None:
    """Pages that follow a POST, and a form that the page fetches when it is opened."""
    found: dict[str, Any] = {}
    page = office.page("kf.agent")
    page.goto(f"/complaints/{of['accepted'].matter.number}/")
    page.locator("summary", has_text="其他操作").click()
    page.locator("summary", has_text="更正登记").click()
    page.get_by_label("归属地市").wait_for()
    found["opened"] = look(page)
    page.goto(f"/complaints/bulk/chase/?pick={of['registered'].matter.number}&pick={of['handed_off'].matter.number}")
    page.get_by_label("催办内容").fill("请尽快办理。")
    page.get_by_role("button", name="催办", exact=True).click()
    page.get_by_role("heading", name="批量催办结果").wait_for()
    found["bulk"] = look(page)
    page = office.page("sc.officer")
    page.goto("/import/organisation/")
    people = FilePayload(name="people.csv", mimeType="text/csv", buffer=PEOPLE.encode())
    page.get_by_label("文件").set_input_files(people)
    page.get_by_role("button", name="比对").click()
    page.get_by_role("heading", name="核对差异").wait_for()
    found["differences"] = look(page)
    page.get_by_role("button", name="确认导入").click()
    page.get_by_role("heading", name="导入结果").wait_for()
    found["imported"] = look(page)
    assert {place: wrong for place, wrong in found.items() if wrong} == {}


def test_anybody_can_give_a_program_a_token(office: Office, cast: Cast, now: Now) -> None:
    """The list with the form, what was typed wrongly, the secret, a new one of it, and the page of the interface."""
    door, page = Door(cast, now), office.page("wh.zhang")
    found: dict[str, Any] = {}
    page.goto("/security/mine/")
    page.get_by_role("link", name="接口令牌").click()
    page.get_by_text("须先绑定动态口令").wait_for()
    found["without a device"] = look(page)
    door.bound("wh.zhang")
    page.reload()
    page.get_by_label("用途").fill("热线系统")
    page.get_by_role("button", name="签发").click()
    page.locator(".field--error").first.wait_for()
    found["refused"] = look(page)
    page.get_by_label("读取").check()
    page.get_by_label("网络地址范围").fill("10.20.0.0/16\n2001:db8:1234:5678:9abc:def0::/96")
    page.get_by_label("动态口令").fill(door.code("wh.zhang"))
    page.get_by_role("button", name="签发").click()
    page.get_by_role("heading", name="令牌密钥").wait_for()
    found["secret"] = look(page)
    page.get_by_role("link", name="已保存，继续").click()
    page.get_by_role("link", name="更换密钥").wait_for()
    found["one token"] = look(page)
    page.get_by_role("link", name="更换密钥").click()
    page.get_by_label("旧密钥").wait_for()
    found["renewal"] = look(page)
    page.get_by_role("link", name="取消").click()
    page.get_by_role("link", name="接口说明").click()
    page.get_by_role("heading", name="接口说明").wait_for()
    found["interface"] = look(page)
    assert {place: wrong for place, wrong in found.items() if wrong} == {}
