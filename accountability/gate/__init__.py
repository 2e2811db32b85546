"""The only way a state changes: `perform` runs a verb as one act, the sweep judges what fell due, and both are written
as rows, ledger entries and notices together. Imports the models and the rooms below them.
"""
