"""Intake on one page, the number first; forwarded ones registered; complaints forwarded by whoever was handed one."""

from __future__ import annotations

import re
import sys
from typing import Any

import pytest

from accountability.files import attachments
from accountability.models import AccessLog, Category, LedgerEntry
from accountability.seed.categories import CATEGORIES, WORDS
from complaints.dossier.customer import customer_of
from complaints.fields.number_region import place_of
from complaints.fields.unit_suggestion import category_named, suggest
from complaints.models import Complaint, State
from tests.factories import INTAKE

TYPED = INTAKE | {"channel": "call", "category": "资费与收费争议/套餐资费", "priority": "P3", "flags": []}


def fresh(client, url: str = "/complaints/new/") -> dict[str, str]:
    """The hidden fields of a page just opened."""
    form = client.get(url).context["form"]
    return {name: form[name].value() for name in ("_key", "_seen")}


def the_complaint() -> Any:
    return Complaint.objects.with_everything().get()


@pytest.fixture
def agent(client_for):
    return client_for("kf.agent")


# Register


def test_an_agent_registers(agent):
    answer = agent.post("/complaints/new/", TYPED | fresh(agent))
    complaint = the_complaint()
    assert answer.status_code == 302
    assert answer.url == f"/complaints/{complaint.matter.number}/"
    assert (complaint.state, complaint.category.path) == (State.REGISTERED, TYPED["category"])
    assert customer_of(complaint).phone == "13871234567"


def test_without_a_key_what_was_typed_still_stands(agent):
    agent.post("/complaints/new/", TYPED | {"channel": "leader", "tier": "vip"})
    assert (the_complaint().channel, the_complaint().tier) == ("leader", "vip")


def test_register_and_dispatch_are_two_acts(agent, cast):
    agent.post("/complaints/new/", TYPED | fresh(agent) | {"then": "dispatch", "unit": "WH", "reason": "归属地"})
    complaint = the_complaint()
    assert (complaint.state, complaint.latest_round.unit) == (State.DISPATCHED, cast.unit("WH"))
    assert list(LedgerEntry.objects.order_by("seq").values_list("verb", flat=True)) == ["register", "dispatch"]


def test_a_double_click_takes_effect_once(agent):
    typed = TYPED | fresh(agent) | {"then": "dispatch", "unit": "WH"}
    first, second = agent.post("/complaints/new/", typed), agent.post("/complaints/new/", typed)
    assert (second.status_code, second.url) == (302, first.url)
    assert LedgerEntry.objects.count() == 2
    assert the_complaint().round_count == 1


def test_without_a_unit_nothing_is_registered_and_the_field_says_so(agent):
    answer = agent.post("/complaints/new/", TYPED | fresh(agent) | {"then": "dispatch", "unit": ""})
    assert answer.status_code == 422
    assert set(answer.context["dispatch"].errors) == {"unit"}
    assert Complaint.objects.count() == 0


def test_without_a_unit_everything_else_that_is_missing_is_told_too(agent):
    typed = TYPED | fresh(agent) | {"then": "dispatch", "unit": "", "category": "", "phone": "1"}
    answer = agent.post("/complaints/new/", typed)
    assert set(answer.context["form"].errors) == {"category", "phone"}


def test_the_unit_is_not_demanded_of_who_only_registers(agent):
    page = agent.get("/complaints/new/")
    assert "required" not in str(page.context["dispatch"]["unit"])


def test_a_refused_dispatch_leaves_the_registration_and_says_why(agent, cast):
    cast.unit("ZD").head = None
    cast.unit("ZD").save()
    typed = TYPED | fresh(agent) | {"then": "dispatch", "unit": "ZD"}
    answer = agent.post("/complaints/new/", typed, follow=True)
    assert the_complaint().state == State.REGISTERED
    assert "派单未成功" in answer.content.decode()


def test_what_is_missing_is_told_at_the_field_and_everything_typed_is_kept(agent):
    typed = TYPED | fresh(agent) | {"category": "", "phone": "12", "unit": "YC", "reason": "在宜昌"}
    answer = agent.post("/complaints/new/", typed)
    form = answer.context["form"]
    assert answer.status_code == 422
    assert set(form.errors) == {"category", "phone"}
    assert (form["content"].value(), form["customer"].value()) == (TYPED["content"], TYPED["customer"])
    assert (answer.context["dispatch"]["unit"].value(), answer.context["dispatch"]["reason"].value()) == (
        "YC",
        "在宜昌",
    )
    assert Complaint.objects.count() == 0


@pytest.mark.rule("R9")
def test_a_forward_needs_its_forwarder(agent):
    answer = agent.post("/complaints/new/", TYPED | fresh(agent) | {"channel": "forward"})
    assert set(answer.context["form"].errors) == {"forwarded_by"}
    agent.post("/complaints/new/", TYPED | fresh(agent) | {"channel": "forward", "forwarded_by": "yc.chen"})
    assert the_complaint().forwarded_by.username == "yc.chen"


@pytest.mark.rule("R10")
@pytest.mark.parametrize("username", ["wh.contact", "sc.officer", "sj.auditor", "kf.head"])
@pytest.mark.parametrize("url", ["/complaints/new/", "/complaints/lookup/", "/complaints/suggest/"])
def test_only_the_centres_agents_take_complaints_in(client_for, username, url):
    assert client_for(username).post(url, TYPED).status_code == 403
    assert Complaint.objects.count() == 0
    assert AccessLog.objects.filter(result="forbidden").count() == 1


@pytest.mark.parametrize("url", ["/complaints/lookup/", "/complaints/suggest/"])
def test_looking_up_is_posted_only(agent, url):
    assert agent.get(url).status_code == 405


# The number


def look_up(client, **typed) -> str:
    answer = client.post("/complaints/lookup/", typed, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_number_tells_its_earlier_complaints_masked(agent, play):
    earlier, other = play.upto("archived"), play.upto("registered", phone="13900000001")
    found = look_up(agent, phone="138-7123 4567")
    assert earlier.matter.number in found
    assert other.matter.number not in found
    assert "王**" in found
    assert "王建国" not in found


def test_a_repeat_is_told_before_it_is_registered(agent, play):
    earlier = play.upto("archived", category="资费与收费争议/套餐资费")
    warning = f"与 {earlier.matter.number} 同号码"
    assert warning in look_up(agent, phone="13871234567", category="资费与收费争议")
    assert warning not in look_up(agent, phone="13871234567", category="营销宣传")
    assert warning not in look_up(agent, phone="13871234567")


def test_one_that_goes_on_is_told_before_the_same_is_registered_twice(agent, play):
    assert "还在办理" not in look_up(agent, phone="13871234567")
    ended = play.upto("archived")
    assert "还在办理" not in look_up(agent, phone="13871234567")
    forwarded = play.upto("forwarded")
    assert f"该号码的 {forwarded.matter.number} 还在办理" in look_up(agent, phone="13871234567")
    play.upto("registered", phone="13900000001")
    newest = play.upto("delivered", category="营销宣传")
    found = look_up(agent, phone="13871234567")
    assert (f"该号码的 {newest.matter.number} 还在办理" in found, ended.matter.number in found) == (True, True)


def test_an_unknown_number_has_no_history(agent):
    assert "该号码此前没有投诉" in look_up(agent, phone="13871234567")
    assert "填写号码后" in look_up(agent, phone="")


def test_without_a_script_the_look_up_shows_the_page_with_everything_typed(agent, play):
    earlier = play.upto("registered")
    typed = TYPED | fresh(agent)
    answer = agent.post("/complaints/lookup/", typed)
    assert answer.status_code == 200
    assert answer.context["form"]["content"].value() == TYPED["content"]
    assert answer.context["form"]["_key"].value() == typed["_key"]
    assert earlier.matter.number in answer.content.decode()


def test_from_the_desk_a_number_opens_a_page_that_can_be_sent(agent):
    form = agent.post("/complaints/lookup/", {"phone": "13871234567"}).context["form"]
    assert (form["phone"].value(), form["channel"].value(), form["tier"].value()) == ("13871234567", "call", "none")
    sent = TYPED | {name: form[name].value() for name in ("_key", "_seen")}
    assert agent.post("/complaints/new/", sent).status_code == 302


def test_a_look_up_is_logged_without_the_number(agent):
    look_up(agent, phone="13871234567")
    row = AccessLog.objects.get(action="look_up")
    assert (str(row.actor and row.actor.username), row.result, row.detail) == ("kf.agent", "ok", "")


@pytest.mark.parametrize("sent", [("/complaints/suggest/", {}), ("/complaints/new/", {"then": "dispatch"})])
def test_whatever_button_shows_what_is_known_of_a_number_it_is_logged(agent, play, sent):
    known = play.upto("registered", phone="13871234567").matter.number
    url, pressed = sent
    assert known in agent.post(url, {"phone": "13871234567"} | pressed).content.decode()
    assert AccessLog.objects.filter(action="look_up", actor__username="kf.agent").count() == 1
    agent.post("/complaints/suggest/", {"phone": "13871234567"}, headers={"HX-Request": "true"})
    assert AccessLog.objects.filter(action="look_up").count() == 1, "the part tells nothing of the number"


# What the number suggests


def known_of(client, **typed) -> Any:
    """The values of the form that the look-up of a number shows without a script."""
    form = client.post("/complaints/lookup/", typed).context["form"]
    return {name: form[name].value() for name in ("customer", "region", "tier", "priority")}


def test_the_region_of_a_number_is_suggested_into_a_blank_field_only(agent):
    assert known_of(agent, phone="13871234567")["region"] == "武汉"
    assert known_of(agent, phone="0717 634 5678")["region"] == "宜昌"
    assert known_of(agent, phone="13871234567", region="宜昌")["region"] == "宜昌"
    assert "号码归属：武汉" in look_up(agent, phone="13871234567")


@pytest.mark.parametrize("phone", ["13912345678", "19912345678", "400 810 0000", "+852 2123 4567"])
def test_a_number_from_elsewhere_or_from_nowhere_suggests_no_region(agent, phone):
    assert known_of(agent, phone=phone)["region"] == ""


@pytest.mark.parametrize(
    ("number", "place"),
    [
        ("01012345678", "北京市"), ("13800000000", "北京市"), ("0271234567", "湖北省武汉市"),
        ("13807201234", "湖北省宜昌市"),
        ("07281234567", "湖北省仙桃市"), ("19912345678", ""), ("85221234567", ""),
    ],
)  # fmt: skip
def test_one_table_tells_where_a_number_was_given_out(number, place):
    assert place_of(number) == place
    assert "phonenumbers.geodata" not in sys.modules, "that would load the tables of every country"


def test_a_repeated_number_brings_its_region_and_tier_once(agent, play):
    play.upto("archived", region="宜昌", tier="vip")
    assert known_of(agent, phone="13871234567") == {
        "customer": None, "region": "宜昌", "tier": "vip", "priority": "P3",
    }  # fmt: skip
    changed = known_of(agent, phone="13871234567", tier="none", region="武汉", filled="13871234567")
    assert (changed["region"], changed["tier"]) == ("武汉", "none")
    part = look_up(agent, phone="13871234567")
    assert ('data-region="宜昌" data-tier="vip"' in part, "该号码此前登记的归属地市：宜昌" in part) == (True, True)


def test_the_name_is_filled_in_on_demand_only_and_the_look_is_logged(agent, play):
    play.upto("registered")
    part = look_up(agent, phone="13871234567")
    assert ("王建国" in part, "填入姓名 王**" in part) == (False, True)
    assert not AccessLog.objects.filter(action="reveal").exists()
    assert known_of(agent, phone="13871234567", fill="customer")["customer"] == "王建国"
    row = AccessLog.objects.get(action="reveal")
    assert (row.actor and row.actor.username, row.result, row.matter) == ("kf.agent", "ok", the_complaint().matter)
    assert known_of(agent, phone="13871234567", fill="customer", customer="李四")["customer"] == "李四"


@pytest.mark.parametrize("state", ["archived", "delivered"])
def test_no_name_is_filled_in_that_the_agent_may_not_see_at_once(agent, play, state):
    play.upto(state)
    assert "填入姓名" not in look_up(agent, phone="13871234567")
    assert "王建国" not in look_up(agent, phone="13871234567", fill="customer")
    assert not AccessLog.objects.filter(action="reveal").exists()


@pytest.mark.parametrize(("phone", "words"), [("123", "没有这样的号码"), ("火星", "号码只能有"), ("10086", "服务号码")])
def test_what_can_be_no_number_is_told_at_the_field(agent, phone, words):
    assert words in look_up(agent, phone=phone)
    answer = agent.post("/complaints/lookup/", {"phone": phone})
    assert answer.status_code == 422
    assert words in answer.context["form"].errors["phone"][0]
    assert not AccessLog.objects.filter(action="look_up").exists()


@pytest.mark.parametrize("page", ["/", "/complaints/new/", "/complaints/forward/"])
def test_a_box_for_a_number_takes_only_what_can_be_one(agent, page):
    found = re.search(r'<input(?=[^>]*name="phone")[^>]*pattern="([^"]+)"', agent.get(page).content.decode())
    assert found is not None
    taken = [text for text in ("138 7123-4567", "+(86) 27", "火星", "123") if re.fullmatch(found[1], text)]
    assert taken == ["138 7123-4567", "+(86) 27"]


# The category


def test_each_category_carries_what_it_is_found_by(agent):
    page = agent.get("/complaints/new/").content.decode()
    found_by = 'data-find="zfysfzy zifeiyushoufeizhengyi tf tuifei" data-words="退钱'
    assert f'<option value="资费与收费争议/退费" {found_by}' in page
    assert '<option value="网络质量/VoLTE" data-find="wlzl wangluozhiliang volte volte"' in page
    assert '<option value="电子渠道" data-find="dzqd dianziqudao">' in page


@pytest.mark.parametrize("page", ["/complaints/new/", "/complaints/forward/"])
def test_a_region_is_chosen_from_the_list_by_pinyin_too(agent, page):
    assert '<option value="宜昌" data-find="yc yichang">宜昌</option>' in agent.get(page).content.decode()
    assert set(agent.post(page, TYPED | {"region": "火星"}).context["form"].errors) >= {"region"}


def test_a_unit_carries_the_pinyin_of_its_name(agent):
    assert '<option value="YC" data-find="ycfgs yichangfengongsi">' in agent.get("/complaints/new/").content.decode()


@pytest.mark.django_db
def test_the_seeded_catalogue_is_found_by_what_customers_say():
    """Every seeded leaf by some word, at least eighty in all; the commonest lead where one expects."""
    assert set(WORDS) == {f"{head}/{leaf}" for head, leaves in CATEGORIES.items() for leaf, _unit in leaves}
    assert len({word for words in WORDS.values() for word in words.split()}) >= 80
    leads = {word: {path for path, words in WORDS.items() if word in words.split()} for word in COMMON}
    assert leads == {word: set(paths) for word, paths in COMMON.items()}
    seeded = {one.path: one.words for one in Category.objects.exclude(parent=None).select_related("parent")}
    assert seeded == WORDS


COMMON = {
    "乱扣费": ["资费与收费争议/增值业务扣费"], "断网": ["网络质量/宽带故障"], "套餐": ["资费与收费争议/套餐资费"],
    "信号差": ["网络质量/室内弱覆盖", "网络质量/室外弱覆盖"], "5G": ["网络质量/数据慢"], "提速": ["业务办理/套餐变更"],
    "宽带慢": ["网络质量/宽带故障"], "转网": ["业务办理/携号转网"], "骚扰": ["信息安全/骚扰电话"],
    "积分兑换": ["电子渠道/积分"], "发票": ["资费与收费争议/账单不符"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("state", "typed", "first"),
    [(None, {}, "phone"), (None, {"phone": "13871234567"}, "customer"), ("forwarded", {}, "category")],
)
def test_the_hands_begin_at_the_first_blank(agent, play, state, typed, first):
    place = f"/complaints/{play.upto(state).matter.number}/register/" if state else "/complaints/new/"
    answer = agent.post("/complaints/lookup/", typed) if typed else agent.get(place)
    form = answer.context["form"]
    assert [name for name in form.fields if "autofocus" in form.fields[name].widget.attrs] == [first]


# The unit


@pytest.mark.parametrize(
    ("category", "region", "code", "words"),
    [
        ("资费与收费争议/套餐资费", "武汉", "WH", "武汉归"),
        ("资费与收费争议/套餐资费", "武汉市", "WH", "武汉归"),
        ("资费与收费争议/套餐资费", "", "", "请填写归属地市"),
        ("资费与收费争议/套餐资费", "长沙", "", "没有登记“长沙”"),
        ("网络质量/掉话", "武汉", "WL", "通常由"),
        ("信息安全/垃圾短信", "武汉", "", "不存在"),
        ("", "武汉", "", "选择投诉类别后"),
    ],
)
def test_a_unit_is_suggested_with_its_reason(cast, category, region, code, words):
    found = suggest(category_named(category), region)
    assert found.code == code
    assert words in found.reason


def test_the_suggestion_is_put_into_the_form(agent):
    answer = agent.post("/complaints/suggest/", TYPED, headers={"HX-Request": "true"})
    assert answer.context["dispatch"]["unit"].value() == "WH"
    assert "<html" not in answer.content.decode()


def test_a_unit_chosen_by_hand_stays(agent):
    chosen = TYPED | {"unit": "YC", "suggested": "WL"}
    assert agent.post("/complaints/suggest/", chosen).context["dispatch"]["unit"].value() == "YC"
    followed = TYPED | {"unit": "WL", "suggested": "WL"}
    assert agent.post("/complaints/suggest/", followed).context["dispatch"]["unit"].value() == "WH"


# A forwarded one


@pytest.fixture
def forwarded(play):
    return play.upto("forwarded", content="营业厅 13871234567 无人接听")


def correction(agent, complaint, **typed) -> dict[str, str]:
    url = f"/complaints/{complaint.matter.number}/register/"
    return fresh(agent, url) | {"category": "业务办理", "priority": "P2", "tier": "none", "region": "武汉"} | typed


def test_a_forwarded_complaint_is_shown_masked_with_its_forwarder(agent, forwarded, cast):
    page = agent.get(f"/complaints/{forwarded.matter.number}/register/").content.decode()
    assert "营业厅 138****4567 无人接听" in page
    assert "13871234567" not in page
    assert cast.yc_chen.name in page


def test_what_is_left_blank_stays_as_the_forwarder_wrote_it(agent, forwarded, play):
    typed = correction(agent, forwarded, customer="李四", phone="", content="")
    assert agent.post(f"/complaints/{forwarded.matter.number}/register/", typed).status_code == 302
    complaint = play.again(forwarded)
    customer = customer_of(complaint)
    assert (customer.name, customer.phone) == ("李四", "13871234567")
    assert customer.content == "营业厅 13871234567 无人接听"
    assert (complaint.state, complaint.forwarded_by.username) == (State.REGISTERED, "yc.chen")


def test_the_number_of_a_forwarded_complaint_is_looked_up_without_being_typed(agent, play, forwarded):
    earlier = play.upto("registered")
    page = agent.get(f"/complaints/{forwarded.matter.number}/register/").content.decode()
    assert earlier.matter.number in page
    found = look_up(agent, forwarded=forwarded.matter.number, phone="", category="资费与收费争议", _key="k", _seen="")
    assert f"与 {earlier.matter.number} 同号码" in found


def test_one_that_a_colleague_registered_meanwhile_is_refused_with_its_state(agent, play, forwarded):
    typed = correction(agent, forwarded, content="更正后的内容")
    play("register", "kf.agent2", forwarded)
    answer = agent.post(f"/complaints/{forwarded.matter.number}/register/", typed)
    assert answer.status_code == 409
    assert "已登记，待派单" in answer.content.decode()
    assert answer.context["form"]["content"].value() == "更正后的内容"
    assert play.again(forwarded).agent.username == "kf.agent2"


def test_what_the_customer_added_before_the_registration_is_read_by_the_agent_who_registers(agent, play, forwarded):
    """Masked, with its files; what came while the form was open is read before it is registered."""
    url = f"/complaints/{forwarded.matter.number}/register/"
    typed = correction(agent, forwarded)
    file = attachments.take("通话.txt", "记录".encode(), by=play.cast["yc.chen"], at=play.now.at, kind="supplement")
    play("supplement", "yc.chen", forwarded, content="王建国说先别打13871234567。", files=[file])
    answer = agent.post(url, typed)
    assert (answer.status_code, answer.context["form"].refusal.code) == (409, "stale")
    for page in (answer, agent.get(url)):
        shown = page.content.decode()
        assert ("客户补充" in shown, "王**说先别打138****4567。" in shown, "通话.txt" in shown) == (True, True, True)
        assert "13871234567" not in shown
    hidden = {name: answer.context["form"][name].value() for name in ("_key", "_seen")}
    assert agent.post(url, typed | hidden).status_code == 302
    assert play.again(forwarded).state == State.REGISTERED


def test_one_that_is_registered_is_shown_as_it_is(agent, play, forwarded):
    play("register", "kf.agent2", forwarded)
    answer = agent.get(f"/complaints/{forwarded.matter.number}/register/")
    assert (answer.status_code, answer.url) == (302, f"/complaints/{forwarded.matter.number}/")


def test_one_that_does_not_exist_is_not_found(agent):
    assert agent.get("/complaints/TS20261124999999/register/").status_code == 404


# Forward


@pytest.mark.rule("R1")
@pytest.mark.parametrize("username", ["sj.plain", "sj.auditor", "wh.zhang", "kf.agent", "sc.leader"])
def test_anybody_forwards_and_then_sees_it(client_for, username):
    client = client_for(username)
    answer = client.post("/complaints/forward/", INTAKE | fresh(client, "/complaints/forward/"))
    complaint = the_complaint()
    assert (complaint.state, complaint.forwarded_by.username) == (State.FORWARDED, username)
    assert answer.url == f"/complaints/{complaint.matter.number}/"
    assert client.get(answer.url).status_code == 200


def test_a_forward_refused_keeps_what_was_typed(client_for):
    client = client_for("sj.plain")
    answer = client.post("/complaints/forward/", INTAKE | fresh(client, "/complaints/forward/") | {"phone": "x"})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"phone"}
    assert answer.context["form"]["content"].value() == INTAKE["content"]
    assert Complaint.objects.count() == 0


def test_forwarding_twice_with_one_click_is_one_complaint(client_for):
    client = client_for("sj.plain")
    typed = INTAKE | fresh(client, "/complaints/forward/")
    first, second = client.post("/complaints/forward/", typed), client.post("/complaints/forward/", typed)
    assert first.url == second.url
    assert Complaint.objects.count() == 1
