"""The rules in the hand (R55): the notice itself, the rules R1 to R55 read out of it, and what it leaves to others.

`notice.txt` is the notice's own text and stays Chinese; `statements.py` says each rule in a sentence that can be
checked; `flow.py` is the flow chart; `left_open.py` are the values that the notice leaves to other documents.
"""
