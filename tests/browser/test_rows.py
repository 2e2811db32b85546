"""How much of a list is on the screen: whole rows, where they begin, how tall the desk is."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Page, ViewportSize, expect

from accountability.tasks import sweep
from complaints.models import SavedView
from tests.browser.kept import Kept, kept_of
from tests.browser.office import Office, wait_until_settled
from tests.browser.test_every_page import look
from tests.factories import Play

pytestmark = pytest.mark.browser

LAPTOP: ViewportSize = {"width": 1366, "height": 768}
DESK: ViewportSize = {"width": 1440, "height": 900}
POCKET: ViewportSize = {"width": 390, "height": 844}

ROWS = """() => Array.from(document.querySelectorAll("[data-lines] .row"), (row) => row.getBoundingClientRect())
    .map((box) => ({top: box.top, bottom: box.bottom, height: box.height}))"""


def fill_the_queue(play: Play) -> list[str]:
    """More than a page, in several states, with much to say, flags and every kind of clock."""
    said = "从上周三开始手机信号时有时无，客厅和卧室都打不通电话，打过三次热线都说会处理，到现在没有人联系我。"
    made = []
    for place in range(28):
        state = ("registered", "delivered", "handed_off", "accepted", "answered", "replied")[place % 6]
        urgent: Any = {"priority": ("P1", "P2", "P3")[place % 3], "flags": ["major"] if place % 5 == 0 else []}
        made.append(str(play.upto(state, phone=f"138712300{place:02d}", content=said, region="武汉", **urgent)))
    play.now.forward(minutes=17)
    return made


queue = kept_of(fill_the_queue)


@pytest.fixture
def many(office: Office, queue: Kept, play: Play) -> list[str]:
    found: list[str] = queue.lay_out(play)
    return found


CUT_OFF = """() => Array.from(document.querySelectorAll(".queue--open [data-lines] .row"), (row) =>
    [".row__place", ".row__who"].map((part) => row.querySelector(part)).filter((part) => {
        const box = part.getBoundingClientRect();
        const side = row.querySelector(".row__side").getBoundingClientRect();
        return !box.width || part.scrollWidth > part.clientWidth || box.right > side.left;
    }).map((part) => part.className)).flat()"""


def whole_rows(page: Page) -> tuple[int, float]:
    """How many rows are whole on the screen, and the height of the tallest of them."""
    height = page.viewport_size["height"] if page.viewport_size else 0
    seen = [row for row in page.evaluate(ROWS) if row["top"] >= 0 and row["bottom"] <= height]
    return len(seen), max((row["height"] for row in seen), default=0)


@pytest.mark.parametrize("username", ["kf.agent", "wh.contact", "sc.officer"])
@pytest.mark.parametrize(("viewport", "least"), [(LAPTOP, 12), (DESK, 16)], ids=["laptop", "desk"])
def test_a_screen_of_the_queue(
    office: Office, many: list[str], username: str, viewport: ViewportSize, least: int
) -> None:
    SavedView.objects.create(employee=office.cast[username], name="急件", asked={"priority": "P1"})
    page = office.page(username, viewport=viewport)
    page.goto("/complaints/?state=all")
    count, height = whole_rows(page)
    page.locator(".row__title").first.click()
    page.locator("#beside [data-complaint]").wait_for()
    beside = whole_rows(page)
    assert (count >= least, height <= 42) == (True, True), (count, height)
    assert (beside[0] >= least, beside[1] <= 42) == (True, True), beside
    said = [page.locator(f"[data-lines] {part}").all_inner_texts() for part in (".row__place", ".row__who")]
    assert set(said[0]) == {"武汉"}
    assert {who.split()[-1] for who in said[1]} <= {"林晓雯", "陈静怡", "张伟民"}, said[1]
    assert (len(said[1]), page.evaluate(CUT_OFF)) == (len(page.evaluate(ROWS)), [])


@pytest.mark.parametrize("username", ["kf.agent", "wh.contact"])
def test_on_a_telephone_the_list_begins_in_the_upper_half(office: Office, many: list[str], username: str) -> None:
    page = office.page(username, viewport=POCKET)
    page.goto("/complaints/?state=all")
    top = page.evaluate(ROWS)[0]["top"]
    assert top <= POCKET["height"] / 2
    assert page.evaluate("document.documentElement.scrollWidth") == POCKET["width"]


def fill_the_desk(play: Play) -> None:
    """Every list of the centre is full, and much of it late."""
    now = play.now
    for round_, at in enumerate(("2026-11-19 09:00", "2026-11-23 16:00", "2026-11-24 08:40")):
        now.set(at)
        for place, state in enumerate(("forwarded", "registered", "return_requested", "answered", "returned",
                                       "completed", "replied", "replied")):  # fmt: skip
            for number in range(3):
                made = play.upto(state, phone=f"139{round_:02d}{number:02d}{place:04d}", at=at)
                if (state, place) == ("replied", 7):
                    play("record_satisfaction", "kf.agent", made, satisfied=False)
    now.set("2026-11-24 09:00")
    sweep()


desk = kept_of(fill_the_desk)


@pytest.fixture
def full(office: Office, desk: Kept, play: Play) -> None:
    desk.lay_out(play)


@pytest.mark.parametrize("username", ["kf.agent", "kf.supervisor", "wh.contact"])
def test_the_desk_is_at_most_two_screens(office: Office, full: None, username: str) -> None:
    page = office.page(username, viewport=LAPTOP)
    page.goto("/")
    height = page.evaluate("document.documentElement.scrollHeight")
    assert height <= 2 * LAPTOP["height"]


def test_anybody_can_read_a_full_list_and_a_full_desk(office: Office, full: None) -> None:
    page, wrong = office.page("kf.supervisor", viewport=LAPTOP), {}
    for address in ("/", "/complaints/?state=all&region=武汉", "/complaints/?person=无此人"):
        page.goto(address)
        wrong[address] = look(page)
        page.set_viewport_size(LAPTOP)
    page.goto("/complaints/?state=all")
    page.locator(".row__more > summary").first.click()
    wrong["clocks"] = look(page)
    assert {place: found for place, found in wrong.items() if found} == {}


def test_the_other_limits_of_a_line_open_by_key_and_stay_open(office: Office, many: list[str]) -> None:
    page = office.page("kf.agent", viewport=LAPTOP)
    page.clock.install()
    page.goto("/complaints/")
    more = page.locator(".row__more").first
    more.locator("summary").press("Enter")
    expect(more.get_by_role("group", name="其他时限").locator(".clock").first).to_be_visible()
    with page.expect_response(lambda answer: answer.request.headers.get("x-poll") == "1"):
        page.clock.fast_forward(31_000)
    wait_until_settled(page)
    expect(more.get_by_role("group", name="其他时限").locator(".clock").first).to_be_visible()


TALL = """() => Array.from(document.querySelectorAll(".pill:not(.pill--wide)"))
    .filter((pill) => pill.scrollWidth > pill.clientWidth || pill.clientHeight > 32).map((pill) => pill.textContent)"""


@pytest.mark.parametrize("count", ["12", "99+"])
def test_a_count_stands_beside_its_sign(office: Office, full: None, count: str) -> None:
    page = office.page("kf.supervisor", viewport={"width": 1280, "height": 800})
    page.goto("/")
    page.evaluate("(count) => document.querySelectorAll('.pill b').forEach((b) => { b.textContent = count; })", count)
    assert page.evaluate(TALL) == []


SIGNS = """(count) => Array.from(document.querySelectorAll(".row__more > summary"), (sign) => {
    sign.firstChild.data = `+${count} `;
    const text = document.createRange();
    text.selectNodeContents(sign.firstChild);
    const clock = sign.closest(".row__side").querySelector(".clock").getBoundingClientRect();
    return [text.getClientRects().length, clock.right < sign.getBoundingClientRect().left];
})"""


def test_the_number_of_other_limits_stands_on_one_line_beside_a_wide_clock(
    office: Office, many: list[str], play: Play
) -> None:
    """Two digits are as wide as one is in the fonts of other machines."""
    play.now.forward(days=13, hours=10)
    sweep()
    page = office.page("kf.agent", viewport={"width": 1280, "height": 800})
    page.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": "en", "url": office.address}])
    page.goto("/complaints/?state=all")
    signs = page.evaluate(SIGNS, 12)
    assert (len(signs) > 20, [sign for sign in signs if sign != [1, True]]) == (True, [])
