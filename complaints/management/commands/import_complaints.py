"""`manage.py import_complaints FILE`: import complaints from another system, closed and open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from accountability.deadlines import clock
from accountability.deadlines.limits import show_instant
from accountability.models import Employee
from complaints.importing.mapping import Mapping, fields
from complaints.importing.problems import BadFile
from complaints.importing.running import Import, Report


class Command(BaseCommand):
    help = (
        "Import a CSV or XLSX file of complaints: good rows go in, bad ones into a file beside it with the reason. "
        "A second run adds nothing twice; nothing falls due in the past, and nobody is told."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--by", required=True, metavar="USERNAME", help="the agent or supervisor who answers for it"
        )
        parser.add_argument(
            "--map", required=True, metavar="NAME_OR_PAIRS",
            help=f"a saved mapping, or COLUMN=FIELD,... with the fields {', '.join(fields())}",
        )  # fmt: skip
        parser.add_argument("--save-map", metavar="NAME", help="save the mapping (with the options below) by this name")
        parser.add_argument("--source", metavar="NAME", help="whose ticket numbers these are (the mapping's name)")
        parser.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help="the same for every row")
        parser.add_argument(
            "--value", action="append", default=[], metavar="FIELD:WORD=VALUE", help="what a word of the file means"
        )
        parser.add_argument("--encoding", default="", help="found out unless given: UTF-8, GB18030; latin-1, ...")
        parser.add_argument(
            "--date-format", action="append", default=[], metavar="FORMAT",
            help="ymd, dmy, mdy, ydm or as strptime has it (%%d-%%b-%%y); several are tried in their order",
        )  # fmt: skip
        parser.add_argument("--sheet", default="", help="of a workbook; the first unless given")
        parser.add_argument("--rejects", type=Path, metavar="PATH", help="FILE.rejected.csv unless given")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            mapping = _mapping(options)
            if options["save_map"] is not None:
                Mapping.check_name(options["save_map"])
            order = Import(
                options["file"], mapping, source=_source(options), by=_employee(options["by"]), clock=clock.read,
                dry_run=options["dry_run"], sheet=options["sheet"], rejects_to=options["rejects"],
            )  # fmt: skip
            report = order.run()
            if options["save_map"] and not options["dry_run"]:
                mapping.save(options["save_map"])
        except BadFile as bad:
            raise CommandError(str(bad)) from bad
        for line in _lines(report, order):
            self.stdout.write(line)


def _mapping(options: dict[str, Any]) -> Mapping:
    """A saved mapping changed by this run's options, or a new one from the options alone."""
    written = options["map"]
    mapping = Mapping() if "=" in written else Mapping.saved(written)
    if "=" in written:
        mapping.read_pairs(written)
    for pair in options["set"]:
        mapping.set_fixed(pair)
    for text in options["value"]:
        mapping.set_word(text)
    mapping.encoding = options["encoding"] or mapping.encoding
    mapping.date_formats = options["date_format"] or mapping.date_formats
    return mapping


def _source(options: dict[str, Any]) -> str:
    named = options["source"] or options["save_map"] or ("" if "=" in options["map"] else options["map"])
    if not named:
        raise BadFile(_("请用 --source 说明编号来自哪个系统（同一来源的编号只导入一次）。"))
    return str(named)


def _employee(username: str) -> Employee:
    found = Employee.objects.filter(username=username, is_active=True).first()
    if found is None:
        raise BadFile(_("没有在职员工“%(name)s”。") % {"name": username})
    return found


def _lines(report: Report, order: Import) -> Iterator[str]:
    yield _("试运行，未写入任何内容。") if report.dry_run else _("导入完成。")
    if report.encoding:
        yield _("编码：%(encoding)s") % {"encoding": report.encoding}
    for name, said in report.readings.items():
        yield _("日期 %(name)s 按 %(order)s 读取") % {"name": name, "order": said or _("写法本身")}
    counts = {
        "read": report.read, "imported": report.imported, "closed": report.closed,
        "open": report.imported - report.closed, "already": report.already, "rejected": report.rejected,
    }  # fmt: skip
    told = _(
        "共 %(read)s 行：导入 %(imported)s（已办结 %(closed)s，未办结 %(open)s），已有 %(already)s，拒收 %(rejected)s"
    )
    yield told % counts
    if report.earliest and report.latest:
        span = {"from": show_instant(report.earliest), "to": show_instant(report.latest)}
        yield _("受理时间 %(from)s 至 %(to)s") % span
    yield from report.notes
    if report.unlisted:
        yield _("地市不在地区列表中的 %(count)s 行：地市留空，原文密存于来源备注") % {"count": report.unlisted}
    yield from _compared(report)
    yield from _rejected(report, order)


def _compared(report: Report) -> Iterator[str]:
    """The second date column, if it differs from the first."""
    found = report.comparison
    if found.is_clean:
        return
    agree = "、".join(f"{order} {count}" for order, count in found.agree.most_common())
    yield _("核对日期列：与受理日期一致的行（按写法）：%(agree)s；不一致 %(no)s 行，无法读取 %(unread)s 行") % {
        "agree": agree or "0", "no": found.contradict, "unread": found.unread,
    }  # fmt: skip
    swapped = found.agree["ydm"]
    if swapped:
        yield _("注意：其中 %(count)s 行日在月前（年日月），按通常的年月日会读成另一天。") % {"count": swapped}


def _rejected(report: Report, order: Import) -> Iterator[str]:
    if not report.rejected:
        return
    for sentence, count in report.reasons.most_common(10):
        yield _("拒收 %(count)s 行：%(sentence)s") % {"count": count, "sentence": sentence}
    for line, sentence in report.examples:
        yield _("第 %(line)s 行：%(sentence)s") % {"line": line, "sentence": sentence}
    if not report.dry_run:
        yield _("拒收的行写入 %(path)s，改正后可直接导入该文件。") % {"path": order.rejects_to or order.rejects_beside}
