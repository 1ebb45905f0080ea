"""The task of models of music."""

import json
from pathlib import Path

import numpy as np

from kerasrnn._counted import counted
from kerasrnn.data import (
    DataError,
    MusicEncoder,
    Piece,
    chorales,
    draw_piece,
    read_music,
    write_midi,
    write_musicxml,
    write_wav,
)
from kerasrnn.data._hold_out import hold_out
from kerasrnn.data._labelled import Labelled
from kerasrnn.training._recipe_entries import RecipeError
from kerasrnn.training._windowed import Windowed

_SUFFIXES = (".mid", ".midi", ".musicxml", ".mxl", ".xml")
_STEPS = 32  # of each piece that a trained model keeps: two bars
# By the ending of a file that `kerasrnn generate --output` names.
_WRITERS = {
    ".mid": write_midi,
    ".midi": write_midi,
    ".musicxml": write_musicxml,
    ".xml": write_musicxml,
    ".wav": write_wav,
    ".png": draw_piece,
    ".svg": draw_piece,
}


class _Music(Windowed):
    name = "music_generation"
    item = "piece"
    unit_name = "note"
    example = "--output chorale.mid"
    samples = "samples.jsonl"
    vocabulary = MusicEncoder
    decided_by = ("music21",)
    offline = staticmethod(chorales)
    begins_anew = True  # as generation does: whose turn it is must be clear from the first note
    most_tokens = 512
    writers = _WRITERS
    answer = "music"

    def require_consistent(self, recipe):
        """The voices that are read are those that the vocabulary has."""
        super().require_consistent(recipe)
        known = recipe.vocabulary.get("voices", 4)
        if recipe.data["source"] == "offline":
            entry, value = "data.voices", recipe.data.get("voices", "all")
            read = {"all": 4, "melody": 1}.get(value, known)
        else:
            entry, read = "files.voices", recipe.files.get("voices", 4)
            value = read
        if read != known:
            raise RecipeError(
                f"{entry} = {value!r} gives pieces of {read} voices, and vocabulary.voices is "
                f"{known}. Set vocabulary.voices to {read}, or change {entry}."
            )

    def from_tfds(self, name, seed, files, report):
        raise DataError(f"Music is not read from TFDS; received {name!r}. Give MIDI files.")

    def read(self, path, files, report, vocabulary=None):
        """The pieces of a file, or of all MIDI and MusicXML files of a folder."""
        path = Path(path)
        voices = vocabulary.voices if vocabulary else int(files.get("voices", 4))
        if not path.is_dir():
            return (read_music(path, voices),)
        found, broken = [], []
        for file in sorted(path.rglob("*")):
            if file.suffix.lower() in _SUFFIXES:
                try:
                    found.append(read_music(file, voices))
                except DataError as error:
                    broken.append(str(error))
        if not found:
            why = f" The first error is: {broken[0]}" if broken else ""
            raise DataError(f"{path}: no MIDI or MusicXML file in it that can be read.{why}")
        if broken:
            report(f"{path}: left out {counted(len(broken), 'file')}; the first: {broken[0]}")
        return tuple(found)

    def hold_out(self, examples, parts, seed):
        rows = [Labelled(piece.voices, "", str(n)) for n, piece in enumerate(examples)]
        found = hold_out(rows, parts, seed=seed)
        return tuple(tuple(examples[int(row.part)] for row in part) for part in found)

    def parts_of(self, example):
        shape = ",".join(map(str, example.voices.shape))
        return f"{example.name}\t{shape}\t".encode() + example.voices.astype("<i2").tobytes()

    def length(self, examples, recipe):
        return sum(piece.voices.size for piece in examples)

    def streams(self, vocabulary, examples, rng):
        """Each piece in a key that is drawn anew in each epoch."""
        return [vocabulary.encode(vocabulary.augment(piece, rng)) for piece in examples]

    def ngram_streams(self, vocabulary, examples):
        """Each piece in as many keys as the model may see it in."""
        return [
            vocabulary.encode(piece.transpose(semitones))
            for piece in examples
            for semitones in vocabulary.moves(piece) or (0,)
        ]

    def choose_samples(self, examples):
        """The beginning of each piece: enough to compare exports on."""
        chosen = super().choose_samples(examples)
        return tuple(Piece(piece.voices[:_STEPS], piece.name, piece.key) for piece in chosen)

    def sample_line(self, example):
        content = {"name": example.name, "key": example.key, "voices": example.voices.tolist()}
        return json.dumps(content, ensure_ascii=False)

    def sample_of_line(self, line):
        content = json.loads(line)
        return Piece(np.array(content["voices"], "int16"), content["name"], content["key"])

    def prompt_of(self, argument, vocabulary):
        if not argument:
            return ""
        piece, voices = read_music(argument, vocabulary.voices), vocabulary.voices
        # A model of four voices has hardly read rests in all of a voice.
        sounding = int((piece.voices >= 0).any(axis=0).sum())
        if sounding < voices:
            raise DataError(
                f"{argument} has notes of {counted(sounding, 'voice')}, and the model reads "
                f"{voices}. Give a file with notes for each of the {voices}, or train a model "
                f"on such files: --set files.voices={sounding} --set vocabulary.voices={sounding}."
            )
        return piece


MUSIC = _Music()
