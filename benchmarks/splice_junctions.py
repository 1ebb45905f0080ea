"""Makes kerasrnn/data/_splice_junctions/sequences.tsv.xz from the R package mlbench.

    apt-get download r-cran-mlbench
    dpkg-deb -x r-cran-mlbench_*.deb mlbench
    pip install rdata
    python benchmarks/splice_junctions.py mlbench/usr/lib/R/site-library/mlbench/data/DNA.rda

With `--check` it writes nothing and says whether the shipped file has the same content.
"""

import argparse
import lzma
import sys
import warnings
from pathlib import Path

from kerasrnn._files import atomic_file

SHIPPED = Path(__file__).parents[1] / "kerasrnn/data/_splice_junctions/sequences.tsv.xz"
LETTERS = {(1, 0, 0): "A", (0, 1, 0): "C", (0, 0, 1): "G", (0, 0, 0): "T"}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rda", type=Path)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    text = as_text(arguments.rda)
    if arguments.check:
        same = lzma.decompress(SHIPPED.read_bytes()) == text
        sys.exit(None if same else f"{SHIPPED} has other content than {arguments.rda}")
    with atomic_file(SHIPPED) as temporary:
        temporary.write_bytes(lzma.compress(text, preset=9 | lzma.PRESET_EXTREME))


def as_text(rda):
    """A line `sequence<TAB>label` each, in the order of the source."""
    import rdata

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it takes the encoding for ASCII, which it is
        table = rdata.read_rda(rda)["DNA"]
    flags = table[[f"V{number}" for number in range(1, 181)]].to_numpy().astype(int)
    lines = [
        "".join(LETTERS[tuple(triple)] for triple in row.reshape(60, 3)) + f"\t{label}\n"
        for row, label in zip(flags, table["Class"], strict=True)
    ]
    return "".join(lines).encode("ascii")


if __name__ == "__main__":
    main()
