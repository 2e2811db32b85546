"""A day's work of hundreds of people, compressed: a script says who does what when, threads do it against the served
system, and a model that knows nothing of the product's code says what must have come of it.
"""
