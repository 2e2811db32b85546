"""Registries for what each app declares: kinds of notice, alarm and limit, navigation places, steps of the tours; and
the address of a page by its name.

Each app has a room of this name and registers its declarations when the program starts. The code of this app only uses
the registries and knows no name of another app. Imports `permissions` and nothing else of this app.
"""
