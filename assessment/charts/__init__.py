"""Charts, drawn on the server as SVG text: `bars`, `lines`, `heat`.

Pure functions of plain data. What they give can stand in a page (colours by the classes of `charts.css`) and in a paper
without any stylesheet (black on white by presentation attributes); in both, two series differ by hatch, dash and
marker, and every value stands there as a number.
"""

from assessment.charts.grid import heat
from assessment.charts.horizontal import bars
from assessment.charts.series import Series
from assessment.charts.trend import lines

__all__ = ["Series", "bars", "heat", "lines"]
