"""A table in Markdown."""


def markdown_table(heads, rows):
    """Cells as Markdown."""
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    lines += [f"| {' | '.join(map(str, row))} |" for row in rows]
    return "\n".join(" ".join(line.split()) for line in lines)
