"""The letters of DNA, IUPAC's codes for unsure ones among them, and what each stands for."""

BASES = "ACGT"
# Source: Nomenclature Committee of the IUB, "Nomenclature for incompletely specified bases in
# nucleic acid sequences", Nucleic Acids Research 13 (1985).
STANDS_FOR = {
    "N": "ACGT",
    **{base: base for base in BASES},
    "R": "AG",
    "Y": "CT",
    "S": "CG",
    "W": "AT",
    "K": "GT",
    "M": "AC",
    "B": "CGT",
    "D": "AGT",
    "H": "ACT",
    "V": "ACG",
}
# Row 0 is padding, row 1 the unknown letter N, as in a `Vocabulary`; then the other letters.
SHARES = (
    (0.0,) * len(BASES),
    *(tuple((base in meant) / len(meant) for base in BASES) for meant in STANDS_FOR.values()),
)
