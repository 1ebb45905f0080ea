import pytest

from kerasrnn.data import _music_sound
from kerasrnn.data._conll import DataError
from kerasrnn.data._music_sound import write_wav
from tests.data.music import TUNE

pytest.importorskip("music21")

# Each writes its name, its arguments and the beginning of the MIDI file where sound would be.
TIMIDITY = '#!/bin/sh\nout="$3"\n{ echo "timidity $1"; head -c 4 "$4"; } > "$out"\n'
FLUIDSYNTH = (
    '#!/bin/sh\nfor last; do font="$midi"; midi="$last"; done\n'
    'while [ "$1" != "-F" ]; do shift; done\n'
    '{ echo "fluidsynth $font"; head -c 4 "$midi"; } > "$2"\n'
)


@pytest.fixture
def programs(tmp_path, monkeypatch):
    """Function that installs a program of the test's own; no other synthesiser is found."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for tool in ("sh", "head"):
        (folder / tool).symlink_to(f"/bin/{tool}" if tool == "sh" else "/usr/bin/head")
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(_music_sound, "_SOUNDFONTS", (str(tmp_path / "system.sf2"),))

    def install(name, script):
        (folder / name).write_text(script)
        (folder / name).chmod(0o755)

    return install


def test_timidity_makes_the_sound_where_it_is_alone(tmp_path, programs):
    programs("timidity", TIMIDITY)
    write_wav(TUNE, tmp_path / "a.wav")
    assert (tmp_path / "a.wav").read_bytes() == b"timidity -Ow\nMThd"


def test_fluidsynth_makes_it_with_a_soundfont_of_the_system(tmp_path, programs):
    programs("timidity", TIMIDITY)
    programs("fluidsynth", FLUIDSYNTH)
    (tmp_path / "system.sf2").write_text("")
    write_wav(TUNE, str(tmp_path / "a.wav"))
    assert (tmp_path / "a.wav").read_text() == f"fluidsynth {tmp_path / 'system.sf2'}\nMThd"


def test_fluidsynth_makes_it_with_a_soundfont_that_is_named(tmp_path, programs):
    programs("fluidsynth", FLUIDSYNTH)
    (tmp_path / "own.sf2").write_text("")
    write_wav(TUNE, tmp_path / "a.wav", tmp_path / "own.sf2")
    assert (tmp_path / "a.wav").read_text() == f"fluidsynth {tmp_path / 'own.sf2'}\nMThd"


def test_without_a_soundfont_timidity_is_asked_instead(tmp_path, programs):
    programs("timidity", TIMIDITY)
    programs("fluidsynth", FLUIDSYNTH)
    write_wav(TUNE, tmp_path / "a.wav")
    assert (tmp_path / "a.wav").read_text().startswith("timidity")


def test_where_no_synthesiser_is_it_is_said_what_to_install(tmp_path, programs):
    with pytest.raises(DataError, match=r"none is installed.*apt-get install timidity"):
        write_wav(TUNE, tmp_path / "a.wav")


def test_where_no_soundfont_is_it_is_said_what_to_install(tmp_path, programs):
    programs("fluidsynth", FLUIDSYNTH)
    with pytest.raises(DataError, match="no soundfont is found"):
        write_wav(TUNE, tmp_path / "a.wav")
    with pytest.raises(DataError, match="own.sf2: no such soundfont"):
        write_wav(TUNE, tmp_path / "a.wav", tmp_path / "own.sf2")


def test_a_soundfont_is_not_ignored_where_timidity_is_alone(tmp_path, programs):
    programs("timidity", TIMIDITY)
    (tmp_path / "own.sf2").write_text("")
    with pytest.raises(DataError, match="A soundfont is for fluidsynth"):
        write_wav(TUNE, tmp_path / "a.wav", tmp_path / "own.sf2")


@pytest.mark.parametrize(
    ("script", "said"),
    [("#!/bin/sh\necho broken >&2\nexit 3\n", "broken"), ("#!/bin/sh\n", "nothing")],
)
def test_a_synthesiser_that_fails_leaves_the_older_file(tmp_path, programs, script, said):
    programs("timidity", script)
    (tmp_path / "a.wav").write_text("older")
    with pytest.raises(DataError, match=f"timidity made no sound of the piece; it said: {said}"):
        write_wav(TUNE, tmp_path / "a.wav")
    assert (tmp_path / "a.wav").read_text() == "older"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.wav", "bin"]
