"""The customer's own word: the text messages to them, the keys in those messages, and what the pages behind them show.

Imports models, permissions and the app below; the verbs and the views import it.
"""
