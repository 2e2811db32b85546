"""What all pages share: the request and its paging, the form and the page of a verb, the navigation, the desk, the tour
and the middleware. Imports sign-in, documents and the rooms below them.
"""
