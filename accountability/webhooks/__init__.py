"""Webhooks: events of the ledger told to other systems, by the Standard Webhooks convention and in the envelope of
CloudEvents. Ordered with the act, sent by a worker of their own, never to addresses inside the network that no operator
has named. Imports the gate, notices and the rooms below them.
"""
