"""The organisation from a file: shown, confirmed and done on the page, and by the command."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from accountability.deadlines.limits import read_instant
from accountability.gate.perform import perform
from accountability.gate.subjects import Organisation
from accountability.models import Employee, LedgerEntry
from accountability.views import imports
from tests.accountability.organisation.test_importing import PEOPLE, workbook
from tests.factories import Cast, Now, Play
from tests.looking import writes
from tests.test_translations import chinese_on

# The page


def upload(client: Client, text: str | bytes, **data: str) -> Any:
    content = text.encode() if isinstance(text, str) else text
    return client.post(reverse("import_organisation"), {"file": SimpleUploadedFile("组织.csv", content), **data})


def token_of(page: Any) -> str:
    found = re.search(r'name="token"\s+value="([^"]+)"', page.content.decode())
    assert found is not None
    return found[1]


def confirm(client: Client, token: str) -> Any:
    return client.post(reverse("confirm_import"), {"token": token})


def test_the_page_names_the_column_of_english_names(client_for: Callable[[str], Client]) -> None:
    page = client_for("sc.officer").get("/import/organisation/")
    assert [column.name for kind in page.context["kinds"] for column in kind.columns if column.name == "name_en"]
    optional = page.content.decode().partition('data-label="可选的列"')[2].partition("</td>")[0]
    assert '<code class="nowrap">英文名称</code>' in optional


def test_looked_at_nothing_changes_and_confirmed_it_is_done_once(client_for: Callable[[str], Client]) -> None:
    client = client_for("sc.officer")
    before = writes()
    page = upload(client, PEOPLE + "wh.new,新来的,WH,wh.leader,\nwh.li,,WH,,\n")
    body = page.content.decode()
    assert (page.status_code, writes() == before) == (200, True)
    assert ("新来的" in body, "未填写：姓名。" in body, "第 3 行" in body) == (True, True, True)

    done = confirm(client, token_of(page))
    assert (done.status_code, "已执行 1 项" in done.content.decode()) == (200, True)
    assert Employee.objects.get(username="wh.new").supervisor.username == "wh.leader"  # type: ignore[union-attr]
    length = Organisation.standing().matter.ledger_length
    again = confirm(client, token_of(page))
    assert (again.status_code, again.headers["location"]) == (302, reverse("units"))
    assert Organisation.standing().matter.ledger_length == length


def test_what_changed_in_between_is_shown_anew(client_for: Callable[[str], Client], play: Play) -> None:
    client = client_for("sc.officer")
    page = upload(client, PEOPLE + "wh.li,改名,WH,,\nwh.wang,王改名,WH,,\n")
    play("update_employee", "sc.officer2", employee="wh.li", name="改名")
    answer = confirm(client, token_of(page))
    assert (answer.status_code, Employee.objects.get(username="wh.wang").name) == (409, "王小川")
    assert "核对之后组织数据已有变化" in answer.content.decode()
    assert confirm(client, token_of(answer)).status_code == 200
    assert Employee.objects.get(username="wh.wang").name == "王改名"


def test_an_import_that_broke_off_shows_what_is_left(
    client_for: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not that it was done: half of the leavers would keep their access."""
    client = client_for("sc.officer")
    done: list[Any] = []

    def dying(*args: Any, **facts: Any) -> Any:
        if done:
            raise SystemExit
        return done.append(perform(*args, **facts))

    token = token_of(upload(client, PEOPLE + "wh.li,李建国,WH,,离职\nwh.wang,王小川,WH,,离职\n"))
    monkeypatch.setattr("accountability.organisation.importing.apply.perform", dying)
    with pytest.raises(SystemExit):
        confirm(client, token)
    monkeypatch.setattr("accountability.organisation.importing.apply.perform", perform)
    left = confirm(client, token)
    body = left.content.decode()
    assert (left.status_code, "有 1 人离职" in body, "wh.wang" in body, "wh.li " in body) == (409, True, True, False)
    assert confirm(client, token_of(left)).status_code == 200
    assert Employee.objects.filter(username__in=["wh.li", "wh.wang"], is_active=True).count() == 0
    assert confirm(client, token).headers["location"] == reverse("units")


def test_what_could_not_be_confirmed_is_refused_at_once(
    client_for: Callable[[str], Client], settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert imports.LONGEST_TOKEN + 10_000 < settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    monkeypatch.setattr(imports, "LONGEST_TOKEN", 100)
    page = upload(client_for("sc.officer"), PEOPLE + "wh.li,改名,WH,,\n")
    assert (page.status_code, "文件过大，请分成几个文件。" in page.content.decode()) == (422, True)


def test_a_token_is_for_its_reader_and_for_an_hour(client_for: Callable[[str], Client], now: Now) -> None:
    own, another = client_for("sc.officer"), client_for("sc.officer2")
    token = token_of(upload(own, PEOPLE + "wh.li,改名,WH,,\n"))
    before = writes()
    assert (confirm(another, token).status_code, confirm(own, token[:-1] + "x").status_code) == (422, 422)
    now.forward(hours=1, seconds=1)
    late = confirm(own, token)
    assert (late.status_code, "核对已过期，请重新选择文件。" in late.content.decode()) == (422, True)
    assert writes() == before


def test_a_bad_file_is_refused_at_its_field(client_for: Callable[[str], Client]) -> None:
    client = client_for("sc.officer")
    answers = [upload(client, text) for text in (b"\xff\xfe\x80", "", "甲,乙\n1,2\n")]
    assert [answer.status_code for answer in answers] == [422, 422, 422]
    assert ["field--error" in answer.content.decode() for answer in answers] == [True, True, True]


def test_the_complete_list_is_asked_for_by_its_box(client_for: Callable[[str], Client]) -> None:
    page = upload(client_for("sc.officer"), PEOPLE + "zd.head,潘宏图,ZD,,\n", complete="on").content.decode()
    assert ("有 1 人离职" in page, "zd.zhou" in page) == (True, True)


def test_what_was_typed_is_text_and_never_markup(client_for: Callable[[str], Client]) -> None:
    page = upload(client_for("sc.officer"), PEOPLE + "wh.new,<b>x</b>,WH,,\n").content.decode()
    assert ("<b>x</b>" in page, "&lt;b&gt;x&lt;/b&gt;" in page) == (False, True)


# The command


def run(capsys: pytest.CaptureFixture[str], *args: Any) -> str:
    call_command("import_organisation", *map(str, args))
    return capsys.readouterr().out


def test_the_command_shows_and_does(cast: Cast, now: Now, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "people.xlsx"
    file.write_bytes(workbook(员工=[["工号", "姓名", "单位"], ["wh.new", "新来", "WH"], ["wh.li", None, "WH"]]))
    before = writes()
    shown = run(capsys, file, "--by", "sc.officer", "--dry-run")
    assert shown.splitlines()[:2] == [
        "不能导入 员工 3 wh.li 未填写：姓名。", "新增 员工 2 wh.new · 新来 姓名 — → 新来; 单位 — → WH · 武汉分公司",
    ]  # fmt: skip
    assert writes() == before
    assert run(capsys, file, "--by", "sc.officer").splitlines()[-1] == "1 done, 0 refused"
    entry = LedgerEntry.objects.get(verb="admit")
    assert (entry.actor, entry.at) == (cast["sc.officer"], read_instant("2026-11-24 09:00"))


@pytest.mark.parametrize(
    ("by", "content", "sentence"),
    [("nobody", "", "There is no active employee nobody."), ("sc.officer", "甲\n1\n", "表头不是可识别的表")],
)
def test_the_command_says_what_is_wrong(
    cast: Cast, now: Now, tmp_path: Path, by: str, content: str, sentence: str
) -> None:
    file = tmp_path / "x.csv"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(CommandError) as caught:
        call_command("import_organisation", str(file), "--by", by)
    assert sentence in str(caught.value)


def test_the_pages_are_english_for_whoever_reads_english(client_for: Callable[[str], Client], play: Play) -> None:
    play.upto("accepted")
    client = client_for("sc.officer")
    client.cookies["django_language"] = "en"
    wrong = "wh.a,,WH,,\nwh.b,b,NIX,,\nwh.c,c,WH,,maybe\n"
    rows = PEOPLE + wrong + "wh.zhang,张,WH,,离职\nwh.leader,刘,WH,,离职\nwh.wang,王小川,WH,wh.head,\n"
    plan_page = upload(client, rows, complete="on")
    pages = [client.get(reverse("import_organisation")), plan_page, confirm(client, token_of(plan_page))]
    assert [page.status_code for page in pages] == [200, 200, 200]
    assert [[text for text in chinese_on(page) if text not in ("张", "刘")] for page in pages] == [[], [], []]
