"""What bodies outside the company hand over (R9): the telecom authority, 12345, 12315 and headquarters. Each case has
their number, a day by which the centre must answer, and the letter that goes back. The verbs of the intake above take
a case up; importing this package registers its own verbs.
"""

from importlib import import_module
from pkgutil import iter_modules

for module in iter_modules(__path__):
    import_module(f"{__name__}.{module.name}")
