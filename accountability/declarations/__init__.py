"""What an app declares: kinds of notice, alarm and limit, places of the navigation, steps of the tours.

Each app declares its own in its room of this name and registers them when the program starts; the code of this app
asks the registries and knows no name of another app. Imports `permissions` and nothing else of this app.
"""
