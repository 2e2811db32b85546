"""The confined program that judges a file (`inspection` starts it). It imports Python's library only, and every check
is linear: no expression with an unbounded repetition goes over a file's bytes.
"""
