"""The verbs for what is said about a complaint while it is handled: notes, what the customer adds, and a call promised
to the customer. None of them changes its state. Importing this package registers all of them.
"""

from importlib import import_module
from pkgutil import iter_modules

for module in iter_modules(__path__):
    import_module(f"{__name__}.{module.name}")
