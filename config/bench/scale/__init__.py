"""`make bench-scale`: how the pages and acts of a large database compare with a bare page of Django's.

`loading` grows a played database, `floor` is the bare application, `operations` says what is asked, `measuring` asks
both in turns and writes the table. Ratios of processor time hold on any machine; seconds don't.
"""
