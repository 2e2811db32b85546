import pytest
from tests.factories import WAY
@pytest.mark.parametrize("state", WAY)
@pytest.mark.parametrize("who", ["kf.agent","wh.contact","wh.zhang","yc.chen","sj.auditor","kf.supervisor"])
def test_smoke(play, client_for, state, who):
    c = play.upto(state)
    r = client_for(who).get(f"/complaints/{c.matter.number}/")
    print(state, who, r.status_code, len(r.content))
