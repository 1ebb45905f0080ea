"""From pieces of music to tokens, and back."""

import numpy as np

from kerasrnn.data._conll import DataError
from kerasrnn.data._piece import HIGHEST, HOLD, REST, Piece, mend_holds
from kerasrnn.data._token_encoder import END, UNKNOWN, TokenEncoder

_WORDS = {REST: "REST", HOLD: "HOLD"}


class MusicEncoder(TokenEncoder):
    """Turns pieces into tokens, one a voice and step, and tokens into pieces.

    A piece is read step by step (a sixteenth note each), and in each step the voices from the
    first, the highest, to the last: `S A T B S A T B …` of a chorale, then `<EOS>`. A token is a
    pitch (`"67"`) where a note starts, `HOLD` where it is held on, `REST` where a voice is silent.
    The melody of a step comes first, so a model that is given the first voice at each step
    writes the others to it.

    A pitch that is no symbol becomes `<UNK>`. The unit is a note: the bits a note are the bits of
    all tokens of a piece, with those that are held, silent or `<EOS>`, over the notes that start.

    Args:
        symbols: strings `"REST"`, `"HOLD"`, and whole numbers from 0 to 127.
        voices: how many a piece has.
        transpositions: most semitones that `augment` moves a piece, up or down.

    Raises:
        ValueError: a symbol is another or occurs twice, or a number is not possible.

    Example:
        >>> from kerasrnn.data import MusicEncoder, Piece
        >>> piece = Piece([[67, 60], [-1, -1], [65, -2]])
        >>> encoder = MusicEncoder.build([piece], voices=2, transpositions=0)
        >>> encoder.symbols
        ('REST', 'HOLD', '60', '61', '62', '63', '64', '65', '66', '67')
        >>> numbers = encoder.encode(piece)
        >>> numbers.tolist()
        [12, 5, 4, 4, 10, 3, 2]
        >>> encoder.decode(numbers) == piece, encoder.count_units(piece)
        (True, 3)
    """

    kind = "music"
    unit = "note"
    counts_ends = False
    kept = ("voices", "transpositions")

    def __init__(self, symbols, voices=4, transpositions=5):
        super().__init__(symbols)
        _require_whole("voices", voices, 1)
        _require_whole("transpositions", transpositions, 0)
        self.voices = voices
        self.transpositions = transpositions
        self._cells = self._cells_by_number()
        self._numbers_by_cell = np.full(HIGHEST + 1 - REST, UNKNOWN, "int32")
        for number in range(END + 1, len(self)):
            self._numbers_by_cell[self._cells[number] - REST] = number
        pitches = self._cells[self._cells >= 0]
        self._range = (int(pitches.min()), int(pitches.max())) if pitches.size else None

    @classmethod
    def build(cls, examples, voices=4, transpositions=5):
        """The encoder of training pieces.

        Its pitches are all from the lowest that occurs to the highest, and `transpositions` more
        at both ends, as far as MIDI has them: a transposed piece has no unknown token.

        Args:
            examples: sequence of `Piece`.
            voices, transpositions: as those of the class.

        Returns:
            A `MusicEncoder`.

        Raises:
            DataError: no piece has a note, or one has another number of voices.
        """
        lowest, highest = HIGHEST, 0
        for piece in examples:
            _check_voices(piece, voices)
            pitches = piece.voices[piece.voices >= 0]
            if pitches.size:
                lowest, highest = min(lowest, pitches.min()), max(highest, pitches.max())
        if lowest > highest:
            raise DataError("There is no note in the training pieces. Give pieces that have some.")
        first, last = max(0, lowest - transpositions), min(HIGHEST, highest + transpositions)
        return cls((*_WORDS.values(), *map(str, range(first, last + 1))), voices, transpositions)

    def encode(self, example):
        """The numbers of a piece's tokens, int32 `(steps * voices + 1,)`; the last is `<EOS>`.

        Raises:
            DataError: `example` is no `Piece`, or has another number of voices.
        """
        _check_voices(example, self.voices)
        cells = self._numbers_by_cell[example.voices.astype(int) - REST]
        return np.append(cells.ravel(), np.int32(END))

    def encode_prompt(self, piece):
        """The numbers of a beginning that a model is to go on with, int32 `(steps * voices,)`.

        Args:
            piece: a `Piece`, or `""` for none.

        Raises:
            DataError: it is no `Piece`, has another number of voices, or a pitch that the model
                has never read.
        """
        if isinstance(piece, str) and not piece:
            return np.zeros(0, "int32")
        numbers = self.encode(piece)[:-1]
        if UNKNOWN in numbers:
            raise DataError(
                f"The beginning has pitches that the model never read; it knows {self._range[0]} "
                f"to {self._range[1]}. Transpose it."
            )
        return numbers

    def decode(self, numbers):
        """The piece that numbers of tokens stand for, whatever a model gave.

        The first `<EOS>` ends it. A last step that lacks voices holds their notes on. `<PAD>`,
        `<UNK>` and numbers of no token are read as `HOLD`, and a `HOLD` that has no note to hold
        as `REST`.
        """
        numbers = np.asarray(numbers, int).ravel()
        ends = np.flatnonzero(numbers == END)
        numbers = numbers[: ends[0]] if ends.size else numbers
        cells = np.full(-(-len(numbers) // self.voices) * self.voices, HOLD)
        known = (numbers > END) & (numbers < len(self))
        cells[: len(numbers)][known] = self._cells[numbers[known]]
        return Piece(mend_holds(cells.reshape(-1, self.voices)))

    def count_units(self, example):
        """How many notes start in a piece, in all voices."""
        return example.count_notes()

    def augment(self, example, rng):
        """The piece moved by a random number of semitones, such that it has no unknown pitch.

        All moves by at most `transpositions` semitones that keep the pitches within the encoder's
        are equally likely; no move is one of them. A piece for which there is none stays as it is.

        Args:
            example: a `Piece`.
            rng: a NumPy `Generator`.

        Returns:
            A `Piece`.
        """
        moves = self.moves(example)
        if not moves:
            return example
        return example.transpose(int(rng.integers(moves.start, moves.stop)))

    def moves(self, example):
        """The `range` of semitones that `augment` may move a piece by."""
        pitches = example.voices[example.voices >= 0]
        if not pitches.size or self._range is None:
            return range(0)
        lowest = max(-self.transpositions, self._range[0] - int(pitches.min()))
        highest = min(self.transpositions, self._range[1] - int(pitches.max()))
        return range(lowest, highest + 1)

    def _cells_by_number(self):
        """The cell that each number stands for; HOLD for the reserved ones."""
        words = {word: cell for cell, word in _WORDS.items()}
        words |= {str(pitch): pitch for pitch in range(HIGHEST + 1)}
        unknown = [symbol for symbol in self.symbols if symbol not in words]
        if unknown:
            raise ValueError(
                f"Symbols of music are REST, HOLD and the pitches 0 to {HIGHEST}; received "
                f"{unknown[0]!r}."
            )
        return np.array([HOLD] * (END + 1) + [words[symbol] for symbol in self.symbols])


def _check_voices(piece, voices):
    if not isinstance(piece, Piece):
        raise DataError(
            f"Music is a Piece; received {type(piece).__name__}: {piece!r:.60}. Read a file by "
            "`read_music`."
        )
    found = piece.voices.shape[1]
    if found != voices:
        called = f" {piece.name!r}" if piece.name else ""
        mend = "take its melody()" if voices == 1 else f"choose pieces of {voices}"
        raise DataError(
            f"The piece{called} has {found} voices, and {voices} are read: {mend}, or build the "
            f"encoder with voices={found}."
        )


def _require_whole(name, value, least):
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ValueError(f"`{name}` must be a whole number, {least} or more; received {value!r}.")
