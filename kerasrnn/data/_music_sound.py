"""Pieces of music as sound, by a synthesiser that is installed."""

import shutil
import subprocess
import tempfile
from pathlib import Path

from kerasrnn._files import atomic_file
from kerasrnn.data._conll import DataError
from kerasrnn.data._music_files import write_midi

_SOUNDFONTS = (
    "/usr/share/sounds/sf2/default-GM.sf2",
    "/usr/share/sounds/sf2/FluidR3_GM.sf2",
    "/usr/share/sounds/sf2/TimGM6mb.sf2",
    "/usr/share/soundfonts/default.sf2",
    "/usr/share/soundfonts/FluidR3_GM.sf2",
)
_INSTALL = (
    "Install fluidsynth and a soundfont, or timidity: `apt-get install fluidsynth "
    "fluid-soundfont-gm`, `apt-get install timidity`, or `brew install fluid-synth`. A MIDI file "
    "(`write_midi`) plays without them in most players."
)


def write_wav(piece, path, soundfont=None):
    """Writes a piece as sound, by the program fluidsynth or else timidity.

    The file is replaced whole.

    Args:
        piece: a `Piece`.
        path: the file, such as `chorale.wav`.
        soundfont: the `.sf2` file that fluidsynth takes its instruments from; `None` looks for
            those that systems install.

    Raises:
        DataError: neither program is installed, there is no soundfont, the program fails, or the
            piece has no note.
        ImportError: music21 is not installed.

    Example:
        >>> from kerasrnn.data import Piece, write_wav
        >>> write_wav(Piece([[67, 60], [-1, -1]]), "chord.wav")  # doctest: +SKIP
    """
    path = Path(path)
    synthesise = _synthesiser(soundfont)
    with tempfile.TemporaryDirectory() as folder, atomic_file(path) as temporary:
        midi = Path(folder, "piece.mid")
        write_midi(piece, midi)
        command = synthesise(str(midi), str(temporary))
        result = subprocess.run(command, capture_output=True, text=True, errors="replace")
        if result.returncode or not temporary.stat().st_size:
            said = (result.stderr or result.stdout).strip()[-500:] or "nothing"
            raise DataError(
                f"{path}: {Path(command[0]).name} made no sound of the piece; it said: {said}"
            )


def _synthesiser(soundfont):
    """Function from the names of a MIDI and a WAV file to a command."""
    if soundfont is not None and not Path(soundfont).is_file():
        raise DataError(f"{soundfont}: no such soundfont. Name an .sf2 file.")
    fluidsynth, timidity = shutil.which("fluidsynth"), shutil.which("timidity")
    font = soundfont or next((font for font in _SOUNDFONTS if Path(font).is_file()), None)
    if fluidsynth and font:
        return lambda midi, wav: [
            *(fluidsynth, "-n", "-i", "-q", "-r", "44100", "-T", "wav", "-F", wav),
            *(str(font), midi),
        ]
    if timidity and soundfont is None:
        return lambda midi, wav: [timidity, "-Ow", "-o", wav, midi]
    if fluidsynth:
        raise DataError(
            "fluidsynth is installed, but no soundfont is found. Name one, `soundfont=...`, or "
            "install it: `apt-get install fluid-soundfont-gm`."
        )
    if timidity:
        raise DataError(f"A soundfont is for fluidsynth, which is not installed. {_INSTALL}")
    raise DataError(f"Sound needs a synthesiser, and none is installed. {_INSTALL}")
