"""How people sign in: passwords, the company's account or its directory, second factor, lockout, sessions, activation,
and closing unused sign-ins. Imports the audit and the rooms below it.
"""
