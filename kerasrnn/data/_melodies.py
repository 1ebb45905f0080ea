"""Which pieces are of one melody, in whatever key and rhythm."""

from collections import defaultdict

import numpy as np

from kerasrnn.data._piece import HOLD, REST, STEPS_A_QUARTER

# Chosen on the 334 chorales of music21's corpus that its list of Riemenschneider's numbers gives
# titles: shorter runs join most chorales to one group, longer ones tear one melody's settings
# apart.
_BEGINNING = 7  # intervals at the beginning that make two melodies one
_RUN = 14  # intervals anywhere


def melody_groups(melodies):
    """Lists of the numbers of those melodies that are one, by the first number.

    Two are one where their pitches begin with the same intervals, or share a long run of them
    anywhere; repeated notes count once. Intervals are taken both of all notes and of those that
    sound at each quarter note, which leaves most passing notes aside.

    Args:
        melodies: sequence of `Piece`; their first voices are looked at.
    """
    parents = list(range(len(melodies)))
    first = {}
    for number, melody in enumerate(melodies):
        for mark in _marks(melody):
            other = first.setdefault(mark, number)
            a, b = sorted((_root(parents, number), _root(parents, other)))
            parents[b] = a
    groups = defaultdict(list)
    for number in range(len(melodies)):
        groups[_root(parents, number)].append(number)
    return list(groups.values())


def shape_of(piece):
    """The piece's array, moved such that its first note is 60: equal in all keys."""
    voices = piece.voices.astype(int)
    pitches = voices[voices >= 0]
    return np.where(voices >= 0, voices + 60 - (pitches[0] if pitches.size else 0), voices)


def _root(parents, number):
    while parents[number] != number:
        number = parents[number]
    return number


def _marks(melody):
    """What a melody shares with others of its kind, a set."""
    voice = melody.voices[:, 0]
    all_notes = _intervals(voice[voice >= 0])
    marks = {("beginning", all_notes[:_BEGINNING])}
    for intervals in (all_notes, _intervals(_sounding(voice)[::STEPS_A_QUARTER])):
        if len(intervals) >= _BEGINNING:  # fewer may be equal by chance
            marks.add(("beginning", intervals[:_BEGINNING]))
        runs = range(len(intervals) - _RUN + 1)
        marks.update(("run", intervals[start : start + _RUN]) for start in runs)
    return marks


def _intervals(pitches):
    """Semitones from note to note, repeated ones and rests aside."""
    steps = np.diff(pitches[pitches >= 0])
    return tuple(steps[steps != 0].tolist())


def _sounding(voice):
    """The pitch that sounds in each step; REST in silence."""
    pitches, now = np.array(voice), REST
    for step, cell in enumerate(voice):
        now = now if cell == HOLD else cell
        pitches[step] = now
    return pitches
