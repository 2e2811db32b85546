"""`make bench-scale`: how a large database's pages, acts and jobs compare with the least that Django or SQL can do.

`loading` grows a played database, `floor` is the bare application, `peer` django-helpdesk beside us. `operations`,
`acts` and `beside` say what is asked, `measuring` asks all in turns; `sweeping`, `exporting` and `disk` need no page.
Ratios of processor time hold on any machine; seconds don't.
"""
