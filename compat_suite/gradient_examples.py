"""Examples of tf.gradients and of the pages about graphs, in our own words, each with the value it must give.

An example is `use(tf)` run in a fresh default graph; it returns plain data. `covers` names the statement it checks.
Where the documentation prints a value it stands beside the example as `value`; every other value is recorded from
TF 1.15 in data/gradients.json.gz. Examples marked `beyond` do what TF 1.15 refuses: their value is mathematics.
Python 3.7 syntax: the recorder runs this package inside TF 1.15's interpreter.
"""

from compat_suite.examples import EXAMPLES, aggregation, carrying, companions, core_pages, results  # noqa: F401

__all__ = ["EXAMPLES"]
