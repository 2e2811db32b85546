"""How people get in: passwords, second factor, lockout, sessions, activation, and closing what nobody uses. Imports the
audit and the rooms below it.
"""
