"""The only way to change state: `perform` runs a verb as one act, the sweep judges what fell due, and each writes its
rows, ledger entries and notices together. Imports the models and the rooms below them.
"""
