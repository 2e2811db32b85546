"""The demo: an invented organisation and its last sixty days, written as steps of scenarios that the replay's player
plays. Texts, desks and cases are data in `texts/`. It may import the apps and `config.replay`.
"""
