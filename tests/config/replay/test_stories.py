"""Every story in tests/scenarios holds, under the rules that its title names."""

import re
from pathlib import Path

import pytest

from config.replay.player import play
from config.replay.reader import files_in, name_of, read

FOLDER = Path(__file__).parents[2] / "scenarios"
mark = pytest.mark

STORIES = [
    pytest.param("01-satisfied-and-archived", marks=[mark.rule("R18"), mark.rule("R19"), mark.rule("R24"),
                                                     mark.rule("R33"), mark.rule("R35"), mark.rule("R37")]),
    pytest.param("02-thirty-minutes", marks=[mark.rule("R19"), mark.rule("R20"), mark.rule("R21")]),
    pytest.param("03-duty-clock"),
    pytest.param("04-not-ours", marks=[mark.rule("R27"), mark.rule("R28")]),
    pytest.param("05-who-replies", marks=[mark.rule("R34"), mark.rule("R35")]),
    pytest.param("06-not-satisfied", marks=[mark.rule("R7")]),
    pytest.param("07-coordination", marks=[mark.rule("R29"), mark.rule("R30"), mark.rule("R31"), mark.rule("R32")]),
    pytest.param("08-self-inspection-limits", marks=[mark.rule("R40"), mark.rule("R42"), mark.rule("R43"),
                                                     mark.rule("R45")]),
    pytest.param("09-admitted-penalties", marks=[mark.rule("R44"), mark.rule("R47"), mark.rule("R50"), mark.rule("R51"),
                                                 mark.rule("R52")]),
    pytest.param("10-disputed-panel", marks=[mark.rule("R46"), mark.rule("R48")]),
    pytest.param("11-limits-keep-their-version", marks=[mark.rule("R6"), mark.rule("R15")]),
    pytest.param("12-calendar-missing"),
    pytest.param("15-panel-binds", marks=[mark.rule("R48")]),
    pytest.param("20-silent-ruling", marks=[mark.rule("R19"), mark.rule("R27"), mark.rule("R28")]),
    pytest.param("21-return-after-the-thirty-minutes", marks=[mark.rule("R19"), mark.rule("R27")]),
    pytest.param("22-lead-goes-with-the-return", marks=[mark.rule("R27"), mark.rule("R28")]),
    pytest.param("23-third-dispatch-is-a-ruling", marks=[mark.rule("R28")]),
    pytest.param("24-judged-incomplete", marks=[mark.rule("R24"), mark.rule("R25"), mark.rule("R33")]),
    pytest.param("25-network-limits", marks=[mark.rule("R6"), mark.rule("R24")]),
    pytest.param("26-handled-directly", marks=[mark.rule("R10"), mark.rule("R33")]),
    pytest.param("27-the-head-stands-in", marks=[mark.rule("R4"), mark.rule("R17"), mark.rule("R20")]),
    pytest.param("28-repeats", marks=[mark.rule("R12")]),
    pytest.param("29-no-repeats", marks=[mark.rule("R12"), mark.rule("R28")]),
    pytest.param("30-urgent-and-coordinated", marks=[mark.rule("R12"), mark.rule("R14")]),
    pytest.param("31-who-sees-what"),
    pytest.param("32-forwarded-and-corrected", marks=[mark.rule("R1"), mark.rule("R9"), mark.rule("R34")]),
    pytest.param("33-year-not-yet-published", marks=[mark.rule("R6"), mark.rule("R15")]),
    pytest.param("34-years-of-the-file", marks=[mark.rule("R6"), mark.rule("R7"), mark.rule("R15")]),
    pytest.param("35-a-quiet-week", marks=[mark.rule("R19"), mark.rule("R24")]),
    pytest.param("36-the-leader-takes-over", marks=[mark.rule("R3"), mark.rule("R4"), mark.rule("R20"),
                                                     mark.rule("R21")]),
    pytest.param("37-ranking", marks=[mark.rule("R53")]),
    pytest.param("38-chased", marks=[mark.rule("R7"), mark.rule("R13")]),
    pytest.param("39-the-end-of-the-day", marks=[mark.rule("R19"), mark.rule("R27")]),
    pytest.param("41-objected-and-written-anew", marks=[mark.rule("R30"), mark.rule("R31")]),
    pytest.param("42-concluded-in-time-or-not", marks=[mark.rule("R30")]),
    pytest.param("43-cooperation-missed", marks=[mark.rule("R32")]),
    pytest.param("44-closed-with-tasks-open", marks=[mark.rule("R30"), mark.rule("R32")]),
    pytest.param("45-returned-with-a-coordination", marks=[mark.rule("R29"), mark.rule("R30")]),
    pytest.param("46-one-table-at-a-time", marks=[mark.rule("R29")]),
    pytest.param("47-the-invited-see-their-own", marks=[mark.rule("R29"), mark.rule("R31")]),
    pytest.param("48-more-time", marks=[mark.rule("R24")]),
    pytest.param("49-called-off-and-carried-on", marks=[mark.rule("R3"), mark.rule("R29"), mark.rule("R32")]),
    pytest.param("50-recalled", marks=[mark.rule("R11"), mark.rule("R28")]),
    pytest.param("51-recalled-too-late-for-the-lead", marks=[mark.rule("R19")]),
    pytest.param("52-corrected", marks=[mark.rule("R6"), mark.rule("R8"), mark.rule("R12")]),
    pytest.param("53-network-after-all", marks=[mark.rule("R6")]),
    pytest.param("54-tier-moves-the-reply", marks=[mark.rule("R34"), mark.rule("R35")]),
    pytest.param("55-registered-twice", marks=[mark.rule("R7")]),
    pytest.param("56-withdrawn", marks=[mark.rule("R7"), mark.rule("R53")]),
    pytest.param("57-unreachable", marks=[mark.rule("R7"), mark.rule("R34"), mark.rule("R37")]),
    pytest.param("58-the-handler-is-away", marks=[mark.rule("R3"), mark.rule("R4"), mark.rule("R24")]),
    pytest.param("59-the-leader-is-away", marks=[mark.rule("R20"), mark.rule("R21")]),
    pytest.param("60-the-forwarder-is-gone", marks=[mark.rule("R34")]),
    pytest.param("61-told-by-telephone", marks=[mark.rule("R19")]),
    pytest.param("62-excused", marks=[mark.rule("R38"), mark.rule("R53")]),
    pytest.param("70-leads-taken-up", marks=[mark.rule("R38"), mark.rule("R39")]),
    pytest.param("71-lead-of-the-invited", marks=[mark.rule("R32"), mark.rule("R38")]),
    pytest.param("72-case-stands-lead-goes", marks=[mark.rule("R27"), mark.rule("R38")]),
    pytest.param("73-declined", marks=[mark.rule("R42")]),
    pytest.param("74-the-sheet", marks=[mark.rule("R38"), mark.rule("R39"), mark.rule("R40")]),
    pytest.param("75-route-two", marks=[mark.rule("R41"), mark.rule("R42")]),
    pytest.param("76-notice-in-two-working-days", marks=[mark.rule("R42")]),
    pytest.param("77-the-day-ends-at-half-past-five", marks=[mark.rule("R42"), mark.rule("R43"), mark.rule("R45")]),
    pytest.param("78-report-in-five-working-days", marks=[mark.rule("R43"), mark.rule("R45"), mark.rule("R46")]),
    pytest.param("79-deemed-to-the-end", marks=[mark.rule("R45"), mark.rule("R50"), mark.rule("R51"),
                                                mark.rule("R52")]),
    pytest.param("80-who-may-report", marks=[mark.rule("R43"), mark.rule("R44"), mark.rule("R46")]),
    pytest.param("81-panel-finds-a-violation", marks=[mark.rule("R48"), mark.rule("R49"), mark.rule("R50"),
                                                      mark.rule("R51"), mark.rule("R52")]),
    pytest.param("82-cleared", marks=[mark.rule("R46"), mark.rule("R48")]),
    pytest.param("83-only-the-stamped-pay", marks=[mark.rule("R32"), mark.rule("R50"), mark.rule("R51")]),
    pytest.param("84-last-handed-over", marks=[mark.rule("R3"), mark.rule("R4"), mark.rule("R47"), mark.rule("R50")]),
    pytest.param("85-returned-between", marks=[mark.rule("R3"), mark.rule("R28"), mark.rule("R50")]),
    pytest.param("86-stamped-then-changed", marks=[mark.rule("R3"), mark.rule("R4"), mark.rule("R50"),
                                                   mark.rule("R51")]),
    pytest.param("87-persons-named", marks=[mark.rule("R44"), mark.rule("R47"), mark.rule("R50")]),
    pytest.param("88-one-person-two-grounds", marks=[mark.rule("R4"), mark.rule("R50"), mark.rule("R51")]),
    pytest.param("89-any-person-of-the-unit", marks=[mark.rule("R41"), mark.rule("R50"), mark.rule("R51")]),
    pytest.param("90-contact-at-fault", marks=[mark.rule("R19"), mark.rule("R22")]),
    pytest.param("91-contact-not-at-fault", marks=[mark.rule("R17"), mark.rule("R22")]),
    pytest.param("92-nobody-judged-without-a-calendar", marks=[mark.rule("R42"), mark.rule("R43"), mark.rule("R45")]),
    pytest.param("93-who-sees-a-case", marks=[mark.rule("R22"), mark.rule("R40"), mark.rule("R41")]),
    pytest.param("94-penalties-in-ten-working-days", marks=[mark.rule("R47"), mark.rule("R49"), mark.rule("R50")]),
    pytest.param("95-ranking-confirmed", marks=[mark.rule("R53")]),
    pytest.param("125-late-member-replaced", marks=[mark.rule("R48"), mark.rule("R49")]),
    pytest.param("126-who-sits-on-no-panel", marks=[mark.rule("R48")]),
    pytest.param("127-the-opener-leads-alone", marks=[mark.rule("R48")]),
    pytest.param("140-more-time-counts-once", marks=[mark.rule("R24"), mark.rule("R53")]),
    pytest.param("141-granted-time-missed", marks=[mark.rule("R24"), mark.rule("R38"), mark.rule("R53")]),
    pytest.param("150-silence-confirms", marks=[mark.rule("R30"), mark.rule("R31")]),
    pytest.param("151-confirmations-void", marks=[mark.rule("R30")]),
    pytest.param("152-ends-with-its-round", marks=[mark.rule("R30"), mark.rule("R32")]),
    pytest.param("153-every-limit-revised", marks=[mark.rule("R6"), mark.rule("R15")]),
    pytest.param("154-opinion-lapses", marks=[mark.rule("R22")]),
    pytest.param("155-hand-off-taken-up-once", marks=[mark.rule("R22"), mark.rule("R38")]),
    pytest.param("156-duty-hours-of-a-unit", marks=[mark.rule("R6"), mark.rule("R19"), mark.rule("R20")]),
    pytest.param("160-leaders-review", marks=[mark.rule("R18"), mark.rule("R24")]),
    pytest.param("161-review-ends-otherwise", marks=[mark.rule("R3"), mark.rule("R18"), mark.rule("R27")]),
    pytest.param("162-material-for-the-reply", marks=[mark.rule("R34"), mark.rule("R35"), mark.rule("R36")]),
    pytest.param("110-both-handlers-pay", marks=[mark.rule("R50"), mark.rule("R51")]),
    pytest.param("111-nobody-names-the-accuser", marks=[mark.rule("R32"), mark.rule("R44"), mark.rule("R47")]),
    pytest.param("112-in-one-form", marks=[mark.rule("R22"), mark.rule("R50"), mark.rule("R51")]),
    pytest.param("120-withdrawn-and-named-anew", marks=[mark.rule("R45"), mark.rule("R50"), mark.rule("R52")]),
    pytest.param("130-told-within-its-limits", marks=[mark.rule("R19"), mark.rule("R20")]),
    pytest.param("131-a-case-took-the-miss-up", marks=[mark.rule("R19"), mark.rule("R22")]),
    pytest.param("132-a-hand-over-is-taken-up-once", marks=[mark.rule("R22"), mark.rule("R38")]),
    pytest.param("133-held-by-the-leader", marks=[mark.rule("R20"), mark.rule("R21"), mark.rule("R38")]),
    pytest.param("170-marketing-coordinates",
                 marks=[mark.rule("R13"), mark.rule("R14"), mark.rule("R29"), mark.rule("R30")]),
    pytest.param("171-flags-set-later", marks=[mark.rule("R6"), mark.rule("R12"), mark.rule("R14")]),
    pytest.param("172-withdrawn-after-unsatisfied", marks=[mark.rule("R7"), mark.rule("R53")]),
    pytest.param("173-no-way-round", marks=[mark.rule("R7")]),
    pytest.param("174-a-slip-put-right", marks=[mark.rule("R7"), mark.rule("R37"), mark.rule("R53")]),
    pytest.param("180-what-is-said", marks=[mark.rule("R1"), mark.rule("R23"), mark.rule("R31")]),
    pytest.param("181-the-call-passes-on",
                 marks=[mark.rule("R3"), mark.rule("R23"), mark.rule("R27"), mark.rule("R28")]),
]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("story", STORIES)
def test_the_story_holds(story: str) -> None:
    scenario = read(FOLDER / f"{story}.yaml")
    result = play(scenario)
    assert (result.failures, result.steps) == ([], scenario.length)


def test_every_story_is_played_under_the_rules_its_title_names() -> None:
    marked = {param.values[0]: {each.args[0] for each in param.marks} for param in STORIES}
    titles = {name_of(path): read(path).title for path in files_in(FOLDER)}
    assert marked == {name: set(re.findall(r"\bR\d+\b", title)) for name, title in titles.items()}
