"""Web workers serve without the dictionary of pinyin, 52 MB of memory each: pages read the column beside the name."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.config.test_keys import BASE_DIR
from tests.migrated import Migrated

STAGED = """
from pathlib import Path
import django
django.setup()
from accountability.deadlines import clock
from accountability.models import Region, Unit
from config.replay.reader import Scenario
from config.replay.stage import set_stage, standing_cast
this = clock.read().year
set_stage(Scenario(Path(), "tests", standing_cast(), {"calendar": {this: {}, this + 1: {}}}))
Region.objects.create(name="宜昌", unit=Unit.objects.get(code="YC"))
"""

ASKED = """
import re, sys
import django
django.setup()
from django.core.exceptions import ValidationError
from django.test import Client
from accountability.deadlines import clock
from accountability.models import Employee
from accountability.signin import passwords, sessions
from complaints.models import Complaint
from tests.walking import addresses, filled

asked = {}

def ask(client, address, typed=None, **headers):
    answer = client.get(address) if typed is None else client.post(address, typed, headers=headers)
    asked[address] = answer.status_code
    return answer.content.decode() if not answer.streaming else ""

def signed_in(who):
    client = Client(headers={"host": "localhost"})
    client.force_login(Employee.objects.get(username=who), backend="accountability.signin.backend.Backend")
    session = client.session
    session[sessions.VERIFIED] = True
    session.save()
    return client

agent = signed_in("kf.agent")
page = ask(agent, "/complaints/new/")
typed = dict(re.findall(r'name="(_key|_seen)" value="([^"]*)"', page)) | {
    "channel": "call", "tier": "none", "priority": "P3", "customer": "王建国", "phone": "13871234567", "region": "宜昌",
    "category": "资费与收费争议/套餐资费", "content": "话费多扣", "wanted": "退费",
}
for address in ("/complaints/suggest/", "/complaints/lookup/"):
    ask(agent, address, typed, **{"HX-Request": "true"})
ask(agent, "/complaints/new/", typed | {"then": "dispatch", "unit": "YC", "reason": "归属地"})
number = Complaint.objects.get().matter.number
everywhere = [one for one in addresses() if not one.takes and not one.positional]
for who in ("kf.agent", "yc.contact", "sc.officer"):
    client = signed_in(who)
    places = [place for one in everywhere if one.name not in ("admin:None", "admin:logout", "sign_out")
              for place in filled(one, {})]
    for place in [f"/complaints/{number}/", f"/complaints/{number}/hand_off/", "/search/?q=宜昌", *places]:
        ask(client, place)
try:
    passwords.check("yichangfengongsi2026", Employee.objects.get(username="yc.contact"), clock.read())
except ValidationError as problem:
    print(problem.messages)
print([keys for keys in ("yc yichang", "ycfgs yichangfengongsi", "tf tuifei") if f'{keys}"' in page])
print(len([address for address, status in asked.items() if status == 200]) > 50, max(asked.values()) < 500)
print(sorted({"pypinyin", "phonenumbers.geodata"} & set(sys.modules)))
"""


def said(script: str, folder: Path) -> str:
    """What a fresh process prints that runs this with the database in the folder."""
    known = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    given = known | {"DEVELOPMENT": "1", "VAR_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=BASE_DIR, env=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    print(done.stderr)
    return done.stdout


@pytest.fixture
def staged(migrated: Migrated, tmp_path: Path) -> Path:
    """The folder of a database with the standing cast, written by a process of its own.

    The process reads the real clock. Its calendars reach a year on, so that it is ready on every day of a year (S44).
    """
    migrated.lay_out(tmp_path)
    said(STAGED, tmp_path)
    return tmp_path


def test_a_web_process_serves_without_the_dictionaries(staged: Path) -> None:
    """The intake with its boxes, the suggestions, the hand-over, the search, every list, and the check of a password by
    the pinyin of one's name: all from what stands in the database.
    """
    refused, found, all_answered, loaded = said(ASKED, staged).splitlines()
    assert refused.startswith("['密码太容易猜到")
    assert found == "['yc yichang', 'ycfgs yichangfengongsi', 'tf tuifei']"
    assert (all_answered, loaded) == ("True True", "[]")
