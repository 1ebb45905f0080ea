"""What MkDocs puts into the guides while it builds them.

`<!-- cell: NAME -->` becomes the equations of a cell beside its `step`. Both are read from the
cell's source, so that the guide cannot say anything else than the code.
"""

import inspect
import re
import textwrap

from docstrings import equations

from kerasrnn import cells

MARK = re.compile(r"^<!-- cell: (\w+) -->$", re.M)


def on_page_markdown(markdown, **kwargs):
    """Fills in the marks of one page."""
    return MARK.sub(lambda match: side_by_side(getattr(cells, match[1])), markdown)


def side_by_side(cell):
    """The equations of a cell class and the source of its `step`, in two columns."""
    step = textwrap.dedent(inspect.getsource(cell.step)).rstrip()
    return "\n\n".join(
        [
            '<div class="beside" markdown>',
            f"```text\n{equations(cell.__doc__)}\n```",
            f"```python\n{step}\n```",
            "</div>",
        ]
    )
