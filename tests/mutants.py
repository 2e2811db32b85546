"""`make mutants`: whether the tests find faults. A mutant is the product without one control; its tests must fail.

The tree is copied to a temporary folder, changed there, and the named tests run in it. A mutant that survives, or whose
text is not found exactly once, ends the run with 1.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.company_mutants import OF_COMPANY_ACCOUNTS
from tests.file_mutants import OF_FILES
from tests.identity_mutants import OF_IDENTITY
from tests.record_mutants import OF_THE_RECORD
from tests.replica_mutants import OF_THE_REPLICA

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Mutant:
    """`old` stands once in the file; `tests` are what must find that it was replaced by `new`."""

    what: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


GATE = "tests/accountability/gate/test_perform.py"
HANDOVER = "tests/complaints/actions/test_handover.py"
CANARY = "tests/test_canary.py"
ACCESS = "tests/test_access_matrix.py"
NEWEST = "tests/complaints/lists/test_newest.py"
HOLDING = "tests/accountability/gate/test_holding.py"
RELEASING = "tests/accountability/monitoring/test_releasing.py"
WITHHELD = "tests/accountability/notices/test_withheld.py"
TWO_PEOPLE = "tests/accountability/organisation/test_guarded_changes.py"
LIMITS = "tests/config/test_limits.py"
LOCKOUT = "tests/accountability/signin/test_lockout.py"
SESSIONS = "tests/accountability/signin/test_sessions.py"
PASSWORDS = "tests/accountability/signin/test_passwords.py"
REFUSED = "tests/accountability/audit/test_refused_access.py"
KEYS = "tests/config/test_keys.py"
PRODUCTION = "tests/config/test_production.py"
ANY_REQUEST = "tests/config/test_any_request.py"
RECONCILED = "tests/accountability/audit/test_reconciliation.py"
EXPORTS = "tests/assessment/exports/test_exports.py"
SAFEGUARDS = "tests/accountability/gate/test_safeguards.py"
ISOLATION = "tests/accountability/gate/test_isolation.py"
IN_TIME = "tests/complaints/actions/test_in_time.py"
CLOCK = "tests/accountability/notices/test_wrong_clock.py"
LINE = "tests/accountability/webhooks/test_line.py"
EVENTS = "tests/accountability/webhooks/test_events.py"
WEBHOOKS = "tests/accountability/webhooks/test_pages.py"
TOKENS = "tests/config/api/test_tokens.py"
ACTS = "tests/config/api/test_acts.py"
PROBLEMS = "tests/config/api/test_problems.py"
READS = "tests/config/api/test_reads.py"

MUTANTS = (
    Mutant("the gate asks for no permission", "accountability/gate/verbs.py",
           "        if not self.permits(subject, actor):", "        if False:", (GATE, HANDOVER)),
    Mutant("the gate asks for no state", "accountability/gate/verbs.py",
           'return "" if self.fits_state(subject) else "state"', 'return ""', (GATE, HANDOVER)),
    Mutant("a stale page goes through", "accountability/gate/perform.py",
           "= call.seen is not None and call.seen !=", "= False and call.seen !=",
           ("tests/complaints/actions/test_stale.py", GATE)),
    Mutant("a matter that changed under the lock goes through", "accountability/gate/perform.py",
           "if is_outdated or call.ledger_head not in (None, act.matter.ledger_head)", "if is_outdated", (ACTS,)),
    Mutant("an ETag of something else will do", "config/api/acts.py",
           "if known.tag not in [", "if False and known.tag not in [", (ACTS,)),
    Mutant("a key is good for another request", "accountability/signin/tokens.py",
           "return known if known.content in contents else None", "return known", (ACTS,)),
    Mutant("a key is never forgotten", "accountability/signin/tokens.py",
           '"gate_key": secrets.token_hex(32)', '"gate_key": keys[0]', (ACTS,)),
    Mutant("a key is new under another SECRET_KEY", "config/api/acts.py",
           "return known.gate_key", 'return tokens.digests(said, purpose="key")[0]', (ACTS,)),
    Mutant("a program does what only an operator may", "config/api/kinds.py",
           "is_for_people = entry.shell_only or entry.by_customer or", "is_for_people =", (ACTS,)),
    Mutant("a program approves in a person's name", "config/api/kinds.py",
           " or entry.in_session\n", "\n", (ACTS,)),
    Mutant("a program approves what it can't read", "config/api/kinds.py",
           " and (self.is_read or entry.seen is None)", "", (ACTS,)),
    Mutant("a program judges what it hasn't read", "config/api/acts.py",
           "if entry.seen is None:", "if True:", (ACTS,)),
    Mutant("an ETag leaves out what one puts one's name to", "config/api/versions.py",
           "body, shown]", "body]", (ACTS,)),
    Mutant("a token grows with its person", "accountability/signin/tokens.py",
           " or has_outgrown(given, actor)", "", (TOKENS,)),
    Mutant("a token survives a move and a return", "accountability/actions/people.py",
           "    tokens.end_all(person.pk)\n", "", (TOKENS,)),
    Mutant("a token for complaints changes the organisation", "config/api/kinds.py",
           ', scope="organise")', ")", (TOKENS,)),
    Mutant("a token is good for all addresses", "accountability/signin/tokens.py",
           "if not found.prefixlen:", "if False:", (TOKENS,)),
    Mutant("a token's reads aren't its own", "accountability/audit/access_log.py",
           "if actor is not None and actor.came_by:", "if False:", (READS,)),
    Mutant("a good token is a stranger's", "config/limits.py",
           ' or hasattr(request, "presented")', "", ("tests/config/api/test_limits.py",)),
    Mutant("a bad cookie or token is nobody's", "config/limits.py",
           "    elif _says_who(request):", "    elif False:", (LIMITS, "tests/config/api/test_limits.py")),
    Mutant("a token does what nobody said", "config/api/framework.py",
           "if scope not in token.scopes:", "if False:", (TOKENS,)),
    *(Mutant(*each) for each in (*OF_COMPANY_ACCOUNTS, *OF_FILES, *OF_IDENTITY, *OF_THE_RECORD, *OF_THE_REPLICA)),
    Mutant("a token is good from anywhere", "accountability/signin/tokens.py",
           'return "" if is_within(address, token.networks) else "address"', 'return ""', (TOKENS,)),
    Mutant("a token never expires", "accountability/signin/tokens.py",
           "if token.expires_at < at:", "if False:", (TOKENS,)),
    Mutant("a token outlives its person's move", "accountability/signin/tokens.py",
           " or actor.unit_id != given.unit_id or", " or", (TOKENS,)),
    Mutant("a token outlives a new password", "accountability/signin/sessions.py",
           " + tokens.end_all(employee_id)", "", (TOKENS,)),
    Mutant("a token is issued without a device", "accountability/views/tokens.py",
           'if not is_right_code(request, found, form.cleaned_data["code"]):', "if False:", (TOKENS,)),
    Mutant("a token opens pages", "config/headers.py", "request.path_info.startswith(PREFIX)", "True", (TOKENS,)),
    Mutant("another site acts through a browser", "config/api/framework.py",
           "            super().enforce_csrf(request)", "            pass", (PROBLEMS,)),
    Mutant("an ETag tells what its reader may not know", "config/api/versions.py",
           "tag_of(request, body, shown)", "tag_of(request, body, [subject.matter.ledger_head])", (READS,)),
    Mutant("a refusal tells the state to whoever asks", "config/api/acts.py",
           "if subject.tells_present(self.asked.actor) else {}", "", (PROBLEMS,)),
    Mutant("a second click acts again", "accountability/gate/perform.py",
           "first.key: first for first in known}", "first.key: first for first in ()}", (GATE,)),
    Mutant("a miss is dated when it is noticed", "accountability/gate/sweeper.py",
           "deadline.missed_at = deadline.due_at", "deadline.missed_at = act.at",
           ("tests/accountability/gate/test_sweeper.py", HANDOVER)),
    Mutant("the instant itself is late", "accountability/gate/act.py",
           "(at := d.comes_at) and at < before]", "(at := d.comes_at) and at <= before]",
           ("tests/accountability/gate/test_sweeper.py", HANDOVER)),
    Mutant("thirty-one minutes", "complaints/declarations/limits.py", 'default="30m"', 'default="31m"', (HANDOVER,)),
    Mutant("the starting day counts", "accountability/deadlines/limits.py",
           "day, counted = day_of(start), 0\n        while", "day, counted = day_of(start) - _DAY, 0\n        while",
           ("tests/accountability/deadlines/test_limits.py",)),
    Mutant("entries aren't chained", "accountability/gate/changes.py",
           "entry.hmac = matter.ledger_head = entry_hmac(entry, matter.ledger_head)",
           'entry.hmac = matter.ledger_head = entry_hmac(entry, "")', ("tests/accountability/gate/test_chain.py",)),
    Mutant("a cut off end is not missed", "accountability/audit/chains.py",
           "if (place, previous) != (matter.ledger_length, matter.ledger_head):", "if False:",
           ("tests/accountability/gate/test_chain.py",)),
    Mutant("a code works twice", "accountability/signin/second_factor.py",
           "filter(pk=found.pk, last_step__lt=step)", "filter(pk=found.pk)",
           ("tests/accountability/signin/test_second_factor.py",)),
    Mutant("four months", "assessment/models/penalties.py", "LEAST_MONTHS, MOST_MONTHS = 1, 3",
           "LEAST_MONTHS, MOST_MONTHS = 1, 4", ("tests/assessment/actions/test_penalties.py",)),
    Mutant("a unit is told what the record says of everybody's round", "complaints/conformance/clauses.py",
           "story.entries, story.knows_all)", "story.entries, True)",
           ("tests/complaints/conformance/test_clauses.py",)),
    Mutant("a step that can't be there isn't named", "complaints/conformance/replay.py",
           "steps[0], strays=True)", "steps[0])", ("tests/complaints/conformance/test_flow.py",)),
    Mutant("the event log says who", "config/event_log/reading.py",
           'digest("event_log", str(pk))[:16]', "str(pk)", ("tests/config/event_log/test_event_log.py",)),
    Mutant("a granted extension counts its round twice", "accountability/models/timekeeping.py",
           "return self.filter(is_latest=True)", "return self.all()",
           ("tests/config/replay/test_stories.py", "tests/assessment/figures")),
    Mutant("two are barred", "assessment/models/standings.py", "PLACES_BARRED = 3", "PLACES_BARRED = 2",
           ("tests/assessment/actions/test_ranking.py", "tests/config/replay/test_stories.py")),
    Mutant("a cell may be a formula", "accountability/spreadsheets/cells.py",
           "return FORMULA.match(text) is not None", "return False",
           ("tests/accountability/spreadsheets/test_cells.py",)),
    Mutant("any file is taken", "accountability/files/inspection.py", "    if extension not in EXTENSIONS:",
           "    if False:", ("tests/accountability/files/test_inspection.py", "tests/test_nasty.py")),
    Mutant("a judge has no limits", "accountability/confined/limits.py",
           "    confine(int(cpu), int(memory), int(wall))", "    pass", ("tests/accountability/files/test_judge.py",)),
    Mutant("a judge may take any time", "accountability/confined/running.py", "timeout=limits.wall, env={}",
           "timeout=60, env={}", ("tests/accountability/files/test_judge.py",)),
    Mutant("a package may unpack to anything", "accountability/files/judging/packages.py",
           "demand(allowance.unpacked >= 0 and lists", "demand(lists", ("tests/test_nasty.py",)),
    Mutant("a long text is masked whole", "accountability/security/masking.py",
           "return mask(value) if len(value) <= most else mask(value[:most])[:-EDGE]", "return mask(value)[:most]",
           ("tests/complaints/views/test_files.py", "tests/config/test_logs.py")),
    Mutant("a cell may hide where it leads", "accountability/files/judging/texts.py",
           "            demand(not links(bare), Reason.LINKS)\n", "", ("tests/test_nasty.py",)),
    Mutant("the search finds opinions before all are in", "assessment/models/panels.py",
           'return Q(Exists(waits), entry__verb="give_opinion") & ~Q(entry__actor_id=actor.pk)', "return Q(pk__in=[])",
           ("tests/assessment/cases/test_panel_secrecy.py",)),
    Mutant("the centre reads what a unit notes for itself", "complaints/dossier/notes.py",
           'return bool(entry.facts["shared"] if actor.reads_every_complaint else entry.part)', "return True",
           ("tests/complaints/conversation/test_additions.py",)),
    Mutant("the search finds what a unit notes for itself", "complaints/dossier/notes.py",
           "return ~Q(entry__verb=NOTED) | Q(entry__facts__shared=True) | _own(actor)", "return Q()",
           ("tests/complaints/conversation/test_additions.py",)),
    Mutant("an agent calls for another", "complaints/permissions.py",
           "    return complaint.call_back_by_id == actor.pk", "    return actor.is_agent",
           ("tests/complaints/conversation/test_call_backs.py",)),
    Mutant("anybody of the office judges", "assessment/permissions.py",
           "    return _marketing(case, actor) or case.unit_id in actor.heads", "    return True",
           ("tests/assessment/actions/test_penalties.py",)),
    Mutant("a text is markup", "templates/accountability/notices/inbox.html", "{% block content %}",
           "{% block content %}{{ request.path|safe }}", ("tests/test_escaping.py",)),
    Mutant("anybody reads the leads", "assessment/views/leads.py",
           "    if not LEADS.may_read(actor):", "    if False:",
           (f"{ACCESS}::test_every_role_is_answered_as_declared",)),
    Mutant("reading writes", "accountability/views/inbox.py", '"unread" in request.GET\n    first',
           '"unread" in request.GET\n    told_to(actor).update(read_at=request.at)\n    first',
           (f"{ACCESS}::test_reading_changes_nothing",)),
    Mutant("a coordination is everybody's", "complaints/models/coordination.py",
           "return self.filter(any_of(ways_of_invited(actor)) | Exists(seen))", "return self", (CANARY,)),
    Mutant("numbers of mobiles stay", "accountability/security/masking.py", "    value = MOBILE.sub(",
           "    MOBILE.sub(", (CANARY, "tests/accountability/security/test_masking.py")),
    Mutant("a place opens its complaints", "complaints/models/visibility.py",
           "return self.filter(any_of(own_ways(actor)) |",
           'return self.filter(Q(region="武汉") | any_of(own_ways(actor)) |', (CANARY,)),
    Mutant("a way is missing where pages are found", "complaints/models/visibility.py",
           '"rounds": ways_to_rounds(actor),', '"rounds": ways_to_rounds(actor)[:-1],', (NEWEST,)),
    Mutant("a page counts a complaint as often as its rounds", "complaints/models/visibility.py",
           "self.filter(where).distinct()", "self.filter(where)", (NEWEST,)),
    Mutant("an unknown number is an error page", "assessment/views/circulars.py",
           "found = known.filter(pk=pk).first()", "found = known.get(pk=pk)", (CANARY,)),
    Mutant("a hidden case is the unit's to see", "assessment/models/cases.py",
           "told = Q(source=Source.FAULT) | ~Q(state__in=HIDDEN_FROM_UNIT)", "told = ~Q(pk=None)",
           ("tests/test_secrecy.py", "tests/assessment/documents/test_secrecy.py")),
    Mutant("a page tells its session", "templates/accountability/notices/inbox.html", "{% block content %}",
           "{% block content %}{{ request.session.session_key }}", ("tests/test_lessons_of_access.py",)),
    Mutant("a word isn't translated", "templates/accountability/notices/inbox.html", "{% block content %}",
           "{% block content %}未译的", ("tests/test_translations.py",)),
    Mutant("a row isn't marked in the ledger", "accountability/gate/changes.py",
           "        mark_rows(act.entries[-1], rows)", "        pass", (RECONCILED,)),
    Mutant("marks aren't chained", "accountability/gate/changes.py", "entry.key, entry.marks,", "entry.key,",
           ("tests/accountability/audit/test_ledger_export.py",)),
    Mutant("two texts can be swapped", "accountability/security/encryption.py",
           'f"{matter_id}:{kind}:{row}"', 'f"{matter_id}:{kind}"',
           (f"{RECONCILED}::test_texts_swapped_within_a_matter_moved_emptied_or_deleted_are_named",
            "tests/accountability/security/test_encryption.py")),
    Mutant("sheets aren't marked", "accountability/gate/changes.py", "    if proof is None:",
           '    if proof is None or model.__name__ == "Sheet":',
           (f"{RECONCILED}::test_what_the_gate_wrote_holds",)),
    Mutant("what a text is found by isn't compared", "accountability/audit/reconciliation.py",
           "bool(settings.BLIND_INDEX_KEY_OLD) or all(", "True or all(",
           (f"{RECONCILED}::test_texts_swapped_within_a_matter_moved_emptied_or_deleted_are_named",)),
    Mutant("an office that no act gave holds", "accountability/audit/reconciliation.py",
           "if last is None or last.mark == GONE:",
           "if last is None:\n            continue\n        if last.mark == GONE:",
           (f"{RECONCILED}::test_a_forged_office_is_named_whatever_was_there_before",)),
    Mutant("a second factor that was removed by an act may come back", "accountability/audit/reconciliation.py",
           "if last is None or last.mark == GONE:",
           "if last is not None and last.mark == GONE:\n            continue\n        if last is None:",
           (f"{RECONCILED}::test_a_second_factor_that_was_reset_is_gone_by_an_act",)),
    Mutant("what a row says of its matter isn't compared", "accountability/audit/reconciliation.py",
           "return bool(column) and present", "return False and present",
           (f"{RECONCILED}::test_an_invitation_to_another_complaint_is_named",)),
    Mutant("a password is set without an entry", "accountability/signin/passwords.py",
           '_replace(person, password, at, policy)\n        record_change(person, "set_password", at, [person])',
           "_replace(person, password, at, policy)",
           (f"{RECONCILED}::test_passwords_and_second_factors_are_changed_by_their_acts_alone",)),
    Mutant("an earlier secret opens", "accountability/models/signing_in.py",
           "if hashlib.sha256(plain).hexdigest() != self.fingerprint:", "if False:",
           (f"{RECONCILED}::test_passwords_and_second_factors_are_changed_by_their_acts_alone",)),
    Mutant("papers' bytes aren't compared", "accountability/audit/kept_files.py",
           "hashlib.sha256(plain).hexdigest() == row.sha256", "True",
           ("tests/accountability/audit/test_kept_files.py",)),
    Mutant("a number passes as a code", "accountability/gate/fields.py",
           "if mask_text(value) != plain_digits(value):", "if False:",
           ("tests/accountability/gate/test_typed_texts.py",)),
    Mutant("any place is a region", "accountability/gate/lookups.py",
           "return next((each for each in spelt if each in self._regions), None)", "return name",
           ("tests/accountability/gate/test_fields.py",)),
    Mutant("a whole number is searched without a reason", "accountability/views/search.py",
           "if query.is_whole_number:", "if False:", ("tests/complaints/views/test_search.py",)),
    Mutant("all who may ask for exports take the rounds along", "assessment/permissions.py",
           '"rounds": leads_or_audits', '"rounds": may_look_beyond', (f"{EXPORTS}::test_who_may_ask_for_what",)),
    Mutant("one approves one's own export", "assessment/permissions.py",
           "return (actor.leads_marketing or centre) and export.requested_by_id != actor.pk",
           "return actor.leads_marketing or centre", (f"{EXPORTS}::test_nobody_decides_on_their_own",)),
    Mutant("a file breaks down single complaints", "assessment/dashboards/tables.py", "FEWEST = 3", "FEWEST = 1",
           ("tests/assessment/views/test_dashboard.py",)),
    Mutant("a draft reads what its asker may not see", "accountability/views/papers.py",
           "if matter is not None and sees and part < LARGEST_PART", "if matter is not None and part < LARGEST_PART",
           ("tests/assessment/documents/test_secrecy.py::test_a_hidden_case_costs_what_a_number_of_nothing_costs",)),
    Mutant("a row that can't be read stops the verifier", "accountability/audit/log_retention.py",
           "except UNREADABLE:", "except ZeroDivisionError:", ("tests/accountability/audit/test_verification.py",)),
    Mutant("a verification that stays away is no alarm", "accountability/audit/watch.py",
           "if is_verification_late(at):", "if False:", ("tests/accountability/views/test_record.py",)),
    Mutant("a log can be rewritten", "accountability/db/insert_only.py",
           "        for table in _present(connection, tables):\n            for statement in _create",
           "        for table in ():\n            for statement in _create",
           ("tests/accountability/db/test_insert_only.py",)),
    Mutant("nobody is asked why a customer isn't satisfied", "accountability/web/verb_forms.py",
           "            self.demand(*verb.demands(data))", "            pass",
           ("tests/complaints/actions/test_satisfaction.py",)),
    Mutant("the strip is one step ahead", "complaints/dossier/progress.py",
           "return names.index(awaited) if awaited in names else len(FLOW)",
           "return names.index(awaited) + 1 if awaited in names else len(FLOW)",
           ("tests/complaints/dossier/test_strip.py", "tests/complaints/views/test_complaint.py")),
    Mutant("markup is evaluated", "templates/base.html", '"allowEval": false', '"allowEval": true',
           ("tests/test_escaping.py",)),
    Mutant("what people typed is asked by htmx", "templates/base.html",
           "{% block htmx %}hx-disable{% endblock htmx %}", "{% block htmx %}{% endblock htmx %}",
           ("tests/test_markup.py",)),
    Mutant("a download runs as a page of ours", "accountability/views/files.py",
           '"Content-Security-Policy": "sandbox; default-src \'none\'",', "",
           ("tests/accountability/views/test_files.py",)),
    Mutant("other sites may embed an answer", "config/headers.py",
           '    "Cross-Origin-Resource-Policy": "same-origin",\n', "",
           ("tests/config/test_headers.py",)),
    Mutant("an answer may be stored", "config/headers.py", "            _keep_nowhere(response)", "            pass",
           ("tests/config/test_headers.py",)),
    Mutant("anybody downloads a file", "accountability/views/files.py",
           "content = _content(file) if may_read(file, request.actor) else None", "content = _content(file)",
           ("tests/accountability/views/test_files.py",)),
    Mutant("nobody notes who read a file", "accountability/views/files.py",
           '    access_log.note(request, "file", matter_id=file.matter_id, result=result, detail=str(file))\n', "",
           ("tests/accountability/views/test_files.py",)),
    Mutant("one person approves their own request", "assessment/permissions.py",
           "asked = case.approver_id == actor.pk and case.approval_by_id != actor.pk",
           "asked = True", ("tests/assessment/actions",)),
    Mutant("a session keeps its key at the second factor", "accountability/signin/sessions.py",
           "    request.session.cycle_key()\n", "", ("tests/accountability/signin/test_second_factor.py",
                                                     "tests/accountability/signin/test_sessions.py")),
    Mutant("who has moved stays signed in", "accountability/signin/sessions.py",
           " or session.get(UNIT) != person.unit_id", "", ("tests/accountability/signin/test_sessions.py",)),
    Mutant("a former password is taken", "accountability/signin/passwords.py",
           "return any(check_password(password, known) for known in (person.password, *former) if known)",
           "return False", ("tests/accountability/signin/test_passwords.py",)),
    Mutant("a password may be short", "accountability/signin/passwords.py",
           "if len(password) < policy.min_length:", "if False:",
           ("tests/accountability/signin/test_passwords.py", "tests/accountability/signin/test_policy.py")),
    Mutant("nobody is stopped from looking", "accountability/privacy/revealing.py",
           "stopped = action == BY_REASON and", "stopped = False and",
           ("tests/complaints/views/test_revealing.py",)),
    Mutant("a look isn't noted", "accountability/privacy/revealing.py",
           '        access_log.write(employee, action, at=at, result="refused" if stopped else "ok", **noted)\n', "",
           ("tests/complaints/views/test_revealing.py",)),
    Mutant("a file's content fits any file", "accountability/security/encryption.py",
           'return f"{part}:{token}".encode()', "return part.encode()",
           ("tests/accountability/security/test_encryption.py", "tests/accountability/files/test_attachments.py")),
    Mutant("data are kept a year longer", "accountability/privacy/retention.py",
           "months_before(at, 12 * years_in_force(at))", "months_before(at, 12 * years_in_force(at) + 12)",
           ("tests/assessment/cases/test_retention.py", "tests/accountability/privacy/test_policy.py")),
    Mutant("who requested a guarded change decides on it", "accountability/organisation/guarded_changes.py",
           "concerned = {change.requested_by_id, change.employee_id}", "concerned = {change.employee_id}",
           (TWO_PEOPLE,)),
    Mutant("an act is taken on a held matter", "accountability/gate/perform.py",
           "if window := act.held:\n", "if window := None:\n", (HOLDING,)),
    Mutant("the sweep judges what is held", "accountability/gate/sweeper.py", "if ruled is None and act.held:",
           "if False:", (HOLDING, "tests/accountability/gate/test_hold_edges.py")),
    Mutant("the mark of life loses its proof", "accountability/gate/holding.py",
           "            _begin_if_due(mark, at)\n            Hold.objects.undecided()",
           "            Hold.objects.undecided()", (HOLDING,)),
    Mutant("the sweep judges beyond the mark of life", "accountability/gate/holding.py",
           "return min(at, self.served_at)", "return at", (HOLDING,)),
    Mutant("who proposed a release approves it", "accountability/actions/holds.py",
           "hold.proposed_by_id == act.actor.pk", "act.actor.pk is None", (RELEASING,)),
    Mutant("an excused silence decides", "accountability/gate/sweeper.py",
           "if kind.moves_state or kind.ends_by_miss:", "if not kind:", (RELEASING,)),
    Mutant("what is from before an outage is sent", "accountability/notices/channels/queue.py",
           "    if withheld:\n        due = due.filter(notification__created_at__gte=withheld)\n", "", (WITHHELD,)),
    Mutant("an office is dated back", "accountability/organisation/guarded_changes.py",
           "refuse_unless(day >= day_of(act.at),", "refuse_unless(True,", (TWO_PEOPLE,)),
    Mutant("what was read on screen isn't sent", "accountability/notices/channels/queue.py",
           "return is_always_sent(row.notification.kind)", "return False", (TWO_PEOPLE,)),
    Mutant("the database holds a session's key", "accountability/signin/sessions.py",
           'return hashlib.sha256((key or "").encode()).hexdigest()[:LENGTH]', 'return key or ""', (SESSIONS,)),
    Mutant("a session is put away under its key", "accountability/signin/sessions.py",
           "row.session_key = digest(row.session_key)", "row.session_key = str(row.session_key)", (SESSIONS,)),
    Mutant("a request in any encoding is read", "config/headers.py",
           'return request.encoding is None or codecs.lookup(request.encoding).name == "utf-8"', "return True",
           (ANY_REQUEST,)),
    Mutant("an error without a page is nobody's answer", "config/headers.py",
           "            return server_error(request)", "            raise", (ANY_REQUEST,)),
    Mutant("a demo starts with a deployment's keys", "config/keys.py", "    if modes and given:", "    if False:",
           (KEYS,)),
    Mutant("a demo starts with a deployment's hosts", "config/keys.py",
           'for name in (*NAMES, "ALLOWED_HOSTS") if environ', "for name in NAMES if environ", (KEYS,)),
    Mutant("a deployment may talk without TLS", "config/production.py",
           "    for name, address in _addresses():\n", "    return\n    for name, address in _addresses():\n",
           (PRODUCTION,)),
    Mutant("a deployment asks no database who it is", "config/production.py", "    if is_far and database",
           "    if False and database", (PRODUCTION,)),
    Mutant("abcdef is a password's own part", "accountability/signin/passwords.py", "_without_runs(left)) if part}",
           "left) if part}", (PASSWORDS,)),
    Mutant("one's own name is a password", "accountability/signin/passwords.py",
           "sorted({*OF_THE_HOUSE, *WORN, *_names(user)}", "sorted({*OF_THE_HOUSE, *WORN}", (PASSWORDS,)),
    Mutant("the database's file is anybody's", "config/apps.py", "        os.chmod(file, 0o600)", "        pass",
           (PRODUCTION,)),
    Mutant("the database's file is the group's", "config/apps.py", "os.chmod(file, 0o600)", "os.chmod(file, 0o660)",
           (PRODUCTION,)),
    Mutant("an address that leads nowhere isn't counted", "config/limits.py",
           "    for counted in (by_address,", "    for counted in () if not name else (by_address,", (LIMITS,)),
    Mutant("a flood looks its session up", "config/limits.py", "in (by_address, by_account, by_files, by_number):",
           "in (by_account, by_address, by_files, by_number):", (LIMITS,)),
    Mutant("each address of a network counts alone", "accountability/security/client_ip.py",
           'f"{found.exploded[:19]}::/64"', "str(found)", (LIMITS, LOCKOUT)),
    Mutant("nobody waits between two tries", "accountability/signin/lockout.py",
           "return at - failures[-1] >= min(SHORTEST * 2**doublings, LONGEST)", "return True", (LOCKOUT,)),
    Mutant("a pause doesn't grow", "accountability/signin/lockout.py", "min(SHORTEST * 2**doublings, LONGEST)",
           "SHORTEST", (LOCKOUT,)),
    Mutant("many addresses try one account without end", "accountability/signin/lockout.py",
           'in (of_account.filter(browser=""), earlier.filter(**here))]', "in (earlier.filter(**here),)]", (LOCKOUT,)),
    Mutant("strangers use up a person's tries", "accountability/signin/lockout.py",
           'browser = browsers.of(request, person) if person else ""', 'browser = ""', (LOCKOUT,)),
    Mutant("a browser is known to anybody", "accountability/signin/browsers.py",
           'Signer(salt=f"browser of {person.pk}")', 'Signer(salt="browser")', (LOCKOUT,)),
    Mutant("a refused page leaves no row", "accountability/web/middleware.py",
           "response.status_code in refused_access.RESULTS and", "False and", (REFUSED,)),
    Mutant("a foreign object isn't named", "accountability/audit/refused_access.py",
           "result=RESULTS[status], matter_id=matter_id,", "result=RESULTS[status],", (REFUSED,)),
    Mutant("a run of refusals is no alarm", "accountability/audit/refused_access.py", ".filter(times__gt=most)",
           ".filter(times__lt=0)", (REFUSED,)),
    Mutant("what is typed into an address is kept", "accountability/audit/refused_access.py",
           'if REFERENCE.fullmatch(str(value)) else "?"', 'if value is not None else "?"', (REFUSED,)),
    Mutant("one that fails stops all the others", "accountability/gate/isolation.py",
           "        except Exception as error:", "        except ZeroDivisionError as error:", (ISOLATION,)),
    Mutant("what failed is tried again at once", "accountability/gate/isolation.py",
           "if not run.is_paused(item)]", "]", (ISOLATION,)),
    Mutant("an act in time finds its limit missed", "accountability/gate/act.py",
           "if d.missed_at and self.at <= d.missed_at and d.is_outstanding]", "if False]", (IN_TIME,)),
    Mutant("the sweep has no patience", "accountability/gate/sweeper.py",
           "return PATIENCE if grace else grace", "return grace", (IN_TIME,)),
    Mutant("somebody else's act overtakes a ruling in time", "accountability/gate/sweeper.py",
           "act.at if keeps else act.at - PATIENCE", "act.at", (IN_TIME,)),
    Mutant("a wrong clock judges", "accountability/notices/wrong_clock.py",
           "if abs(skew) <= clock.MOST_SKEW:", "if True:", (CLOCK,)),
    Mutant("a database that is away is a fault of ours", "config/views.py",
           "if is_of_the_database(sys.exception()):", "if False:", ("tests/config/test_later.py",)),
    Mutant("an act locks nothing", "accountability/db/sql.py",
           "connection.ops.for_update_sql(**free) if features.has_select_for_update else", '"" if free else',
           (SAFEGUARDS,)),
    Mutant("an act is half written", "accountability/gate/perform.py",
           "        with transaction.atomic():\n            outcomes = _perform",
           "        if True:\n            outcomes = _perform", (GATE,)),
    Mutant("the database takes a key twice", "accountability/models/matters.py",
           "condition=models.Q(key__isnull=False)\n", "condition=models.Q(key__isnull=True)\n", (SAFEGUARDS,)),
    Mutant("the sweep waits less than an act may", "accountability/gate/sweeper.py",
           "GRACE = timedelta(seconds=5)", "GRACE = timedelta(seconds=3)",
           ("tests/accountability/gate/test_sweeper.py",)),
    Mutant("events go into the network", "accountability/webhooks/line.py",
           "if not found or not all(map(is_open, found)):", "if not found:", (LINE,)),
    Mutant("a name is resolved again for the connection", "accountability/webhooks/line.py",
           "line.connect((str(address), port))", "line.connect((str(resolved(host, port)), port))", (LINE,)),
    Mutant("who adds an address enables it alone", "accountability/actions/webhooks.py",
           "endpoint.enabled_at is not None or endpoint.added_by_id != act.actor.pk", "True", (WEBHOOKS,)),
    Mutant("a unit's address is told of every complaint", "accountability/models/webhooks.py",
           "of_type and self.unit_id in (None, event.unit_id)", "of_type", (EVENTS,)),
    Mutant("an event tells facts that aren't declared", "accountability/declarations/events.py",
           "for name in self.tells if name in facts and _is_safe(facts[name])", "for name in facts", (EVENTS,)),
    Mutant("a frozen database is waited for", "config/silence.py",
           "begun + seconds", "begun + 60 * seconds", ("tests/config/test_silence.py",)),
)  # fmt: skip


def fits(mutant: Mutant, root: Path = ROOT) -> bool:
    """Whether the text to be replaced stands in the file exactly once."""
    return (root / mutant.file).read_text(encoding="utf-8").count(mutant.old) == 1


def survives(mutant: Mutant, root: Path) -> bool:
    """Whether all its tests pass in the tree that holds the mutant."""
    file = root / mutant.file
    sound = file.read_text(encoding="utf-8")
    file.write_text(sound.replace(mutant.old, mutant.new), encoding="utf-8")
    try:
        words = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *mutant.tests]
        done = subprocess.run(words, cwd=root, env=of_its_own(), capture_output=True, text=True, check=False)
    finally:
        file.write_text(sound, encoding="utf-8")
    return done.returncode != 1


def of_its_own() -> dict[str, str]:
    """The environment without what tells of this run: the mutant's tests find nothing that was made without it."""
    return {name: value for name, value in os.environ.items() if name != "MADE" and not name.startswith("PYTEST_XDIST")}


def tried(mutants: Iterable[Mutant]) -> Iterator[tuple[Mutant, bool]]:
    """Each mutant with whether it lives, or can't be made."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "tree")
        shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns(".venv", ".git", "var", "__pycache__"))
        for mutant in mutants:
            yield mutant, not fits(mutant, root) or survives(mutant, root)


def sample(size: int) -> list[Mutant]:
    """Some mutants, other ones whenever their files change."""

    def place(mutant: Mutant) -> bytes:
        return hashlib.sha256(mutant.what.encode() + (ROOT / mutant.file).read_bytes()).digest()

    return sorted(MUTANTS, key=place)[:size]


def main() -> int:
    wanted = [mutant for mutant in MUTANTS if all(word in mutant.what for word in sys.argv[1:])]
    alive = 0
    for mutant, lives in tried(wanted):
        alive += lives
        print("SURVIVES" if lives else "killed  ", mutant.what, flush=True)
    print(f"{len(wanted) - alive} killed, {alive} survived")
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main())
