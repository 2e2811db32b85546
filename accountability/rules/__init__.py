"""The rules on hand (R55): the notice itself, the rules R1 to R55 derived from it, and what it leaves to others.

`notice.txt` is the notice's own text and stays Chinese; `catalogue.py` states each rule in a sentence that can be
checked; `flow.py` is the flow chart; `left_open.py` has the values that the notice leaves to other documents.
"""
