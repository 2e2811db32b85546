"""The record as an event log for process mining: XES (IEEE 1849-2016) and OCEL 2.0, written as they are read, with
neither texts nor names nor telephone numbers. It may import the apps.
"""
