"""Charts, drawn on the server as SVG text: `bars`, `lines`.

Pure functions of plain data. The result works in a page (colours by the classes of `charts.css`) and in a paper without
a stylesheet (black on white by presentation attributes). In both, series differ by hatch, dash and marker, and every
value is also shown as a number.
"""

from assessment.charts.horizontal import bars
from assessment.charts.series import Series
from assessment.charts.trend import lines

__all__ = ["Series", "bars", "lines"]
