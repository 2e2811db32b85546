"""People to choose from as buttons."""

from __future__ import annotations

from html.parser import HTMLParser

from complaints.fields.widgets import PeopleButtons, people_buttons
from complaints.lists.hands import Hand

HOSTILE = '"><script>alert(1)</script>'


class Read(HTMLParser):
    """The tags with their attributes, and the words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += [data.strip()] if data.strip() else []


HANDS = [Hand("wh.li", "李思琪", [("上次办此客户", "ok"), (HOSTILE, "warn")]), Hand(HOSTILE, HOSTILE, ())]


def test_each_person_is_a_button_with_what_is_told_of_them() -> None:
    read = Read(PeopleButtons(HANDS, required=True).render("to", "wh.li", {"id": "id_7_to"}))
    first, second = (attributes for tag, attributes in read.tags if tag == "input")
    assert first == {
        "type": "radio", "id": "id_7_to_0", "name": "to", "value": "wh.li", "required": None, "checked": None
    }  # fmt: skip
    assert second == {"type": "radio", "id": "id_7_to_1", "name": "to", "value": HOSTILE, "required": None}
    assert read.tags[0] == ("div", {"class": "people", "id": "id_7_to"})
    assert [each["class"] for tag, each in read.tags if tag == "span" and each] == ["badge tone-ok", "badge tone-warn"]
    assert read.words == ["李思琪", "上次办此客户", HOSTILE, HOSTILE]


def test_buttons_outside_of_their_form_name_it() -> None:
    read = Read(people_buttons("to-7", HANDS, "", owner="bulk-act"))
    assert [each for tag, each in read.tags if tag == "input"] == [
        {"type": "radio", "name": "to-7", "value": hand.username, "form": "bulk-act"} for hand in HANDS
    ]
