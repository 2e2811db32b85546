"""What the sweep does to complaints automatically: the chase ladder, the detection of mass events.
Imports the models.
"""
