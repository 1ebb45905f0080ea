import sys

import numpy as np
import pytest

from kerasrnn.data import DataError, Labelled, read_video, read_videos

av = pytest.importorskip("av")

GREY = np.linspace(20, 230, 30).astype(int)  # how bright each frame of a video is


def write(path, count=30, size=(48, 32), codec="mpeg4", paint=None):
    """Writes a video whose frames are ever brighter, or painted by `paint(array, number)`."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=10)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.bit_rate = 2_000_000
        for number in range(count):
            pixels = np.full((size[1], size[0], 3), GREY[number], "uint8")
            if paint:
                paint(pixels, number)
            for packet in stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
    return path


def brightness(clip):
    return clip.reshape(len(clip), -1).mean(1)


@pytest.fixture
def folder(tmp_path):
    """Two classes of two videos each."""
    for label, suffix in (("still", "mp4"), ("brighter", "avi")):
        (tmp_path / label).mkdir()
        for name, count in (("b", 8), ("a", 5)):
            write(tmp_path / label / f"{name}.{suffix}", count)
    return tmp_path


@pytest.mark.parametrize("suffix", ["mp4", "avi", "mkv", "mov"])
def test_frames_are_taken_evenly_from_the_first_to_the_last(tmp_path, suffix):
    clip = read_video(write(tmp_path / f"a.{suffix}"), frames=4, size=16, channels=1)
    assert clip.shape == (4, 16, 16, 1)
    assert clip.dtype == np.uint8
    np.testing.assert_allclose(brightness(clip), GREY[[0, 10, 19, 29]], atol=6)


def test_a_stream_whose_container_does_not_know_its_length_is_read_to_its_end(tmp_path):
    path = write(tmp_path / "a.mkv", 30)
    with av.open(str(path)) as container:
        assert container.streams.video[0].frames == 0
    found = brightness(read_video(path, frames=2, size=8, channels=1))
    np.testing.assert_allclose(found, GREY[[0, 29]], atol=6)


def test_a_video_of_fewer_frames_repeats_some_in_order(tmp_path):
    found = brightness(read_video(write(tmp_path / "a.mp4", 3), frames=6, size=8, channels=1))
    np.testing.assert_allclose(found, GREY[[0, 0, 1, 1, 2, 2]], atol=6)


def test_a_video_of_one_frame_is_read(tmp_path):
    assert read_video(write(tmp_path / "a.avi", 1), frames=3, size=8).shape == (3, 8, 8, 3)


@pytest.mark.parametrize("size", [(96, 32), (32, 96), (100, 34)])
def test_the_middle_square_of_a_picture_is_kept(tmp_path, size):
    def red_ends(pixels, number):
        pixels[:] = (0, 0, 255)
        side, long = min(size), np.argmax(pixels.shape[:2])
        edge = (max(size) - side) // 2 - 4
        np.moveaxis(pixels, long, 0)[:edge] = (255, 0, 0)
        np.moveaxis(pixels, long, 0)[-edge:] = (255, 0, 0)

    clip = read_video(write(tmp_path / "a.mp4", 2, size, paint=red_ends), frames=2, size=24)
    assert clip.shape == (2, 24, 24, 3)
    inside = clip[:, 3:-3, 3:-3]
    assert inside[..., 2].min() > 180
    assert inside[..., 0].max() < 80


def test_colours_are_red_green_blue(tmp_path):
    def paint(pixels, number):
        pixels[:] = (200, 100, 30)

    clip = read_video(write(tmp_path / "a.avi", 2, paint=paint), frames=1, size=8)
    np.testing.assert_allclose(clip.reshape(-1, 3).mean(0), (200, 100, 30), atol=8)


def test_grey_pixels_reach_from_black_to_white(tmp_path):
    def paint(pixels, number):
        pixels[:] = 255 * number

    clip = read_video(write(tmp_path / "a.mp4", 2, paint=paint), frames=2, size=8, channels=1)
    np.testing.assert_allclose(brightness(clip), (0, 255), atol=4)


def test_an_animated_gif_is_read(tmp_path):
    path = tmp_path / "a.gif"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("gif", rate=10)
        stream.width, stream.height, stream.pix_fmt = 16, 16, "rgb8"
        for number in range(4):
            pixels = np.full((16, 16, 3), 80 * number, "uint8")
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format="rgb8")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    found = brightness(read_video(path, frames=4, size=8))
    assert np.all(np.diff(found) > 40)


def broken(folder):
    """Files that are no videos, and what is said of each."""
    (folder / "text.mp4").write_text("Not a video at all.\n" * 50)
    (folder / "empty.avi").write_bytes(b"")
    whole = write(folder / "whole.mp4").read_bytes()
    (folder / "cut.mp4").write_bytes(whole[: len(whole) // 2])  # what is where is told at the end
    (folder / "whole.mp4").unlink()
    return ("text.mp4", "empty.avi", "cut.mp4")


def test_what_is_no_video_is_refused_with_its_path(tmp_path):
    for name in broken(tmp_path):
        with pytest.raises(DataError, match=f"{name}: not a video that can be read: ."):
            read_video(tmp_path / name)


def test_a_sound_file_has_no_frame(tmp_path):
    path = tmp_path / "sound.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), "int16"), "s16", "mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    with pytest.raises(DataError, match=r"sound.mkv: no frame in it"):
        read_video(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(DataError, match="none.mp4: no such file"):
        read_video(tmp_path / "none.mp4")
    with pytest.raises(DataError, match="is a folder"):
        read_video(tmp_path)


@pytest.mark.parametrize(
    ("argument", "value"), [("frames", 0), ("size", 0), ("channels", 2), ("channels", 4)]
)
def test_sizes_that_are_not_possible_are_refused_by_name(tmp_path, argument, value):
    for read in (read_video, read_videos):
        with pytest.raises(ValueError, match=f"`{argument}` must be .*received {value}"):
            read(tmp_path, **{argument: value})


def test_sub_folders_are_the_classes(folder):
    clips = read_videos(folder, frames=3, size=16)
    assert [clip.label for clip in clips] == ["brighter", "brighter", "still", "still"]
    assert all(isinstance(clip, Labelled) for clip in clips)
    assert {clip.content.shape for clip in clips} == {(3, 16, 16, 3)}
    expected = read_video(folder / "brighter" / "a.avi", 3, 16)
    np.testing.assert_array_equal(clips[0].content, expected)


def test_broken_files_are_reported_counted_and_left_out(folder):
    names = broken(folder / "still")
    lines = []
    assert len(read_videos(folder, 2, 8, report=lines.append)) == 4
    assert len(lines) == 4
    for name in names:
        (line,) = (line for line in lines if name in line)
        assert line.startswith(f"left out: {folder / 'still' / name}: not a video")
    assert lines[-1] == f"{folder}: left out 3 of 7 video files."


def test_reports_go_to_the_standard_error_by_default(folder, capsys):
    (folder / "still" / "empty.mp4").touch()
    read_videos(folder, 2, 8)
    captured = capsys.readouterr()
    assert "empty.mp4" in captured.err
    assert captured.out == ""


def test_nothing_is_reported_where_all_files_are_read(folder):
    lines = []
    read_videos(folder, 2, 8, report=lines.append)
    assert lines == []


def test_other_files_and_hidden_ones_are_not_looked_at(folder):
    for name in (".a.mp4", "notes.txt", "frame.png"):
        (folder / "still" / name).write_text("something else")
    (folder / "still" / "deeper").mkdir()
    (folder / ".hidden").mkdir()
    (folder / "README.md").write_text("about the data")
    lines = []
    assert len(read_videos(folder, 2, 8, report=lines.append)) == 4
    assert lines == []


def test_endings_may_be_in_capitals(folder):
    (folder / "still" / "a.mp4").rename(folder / "still" / "A.MP4")
    assert len(read_videos(folder, 2, 8)) == 4


def test_a_folder_without_classes_is_refused(tmp_path):
    with pytest.raises(DataError, match="no sub-folder"):
        read_videos(tmp_path)
    with pytest.raises(DataError, match="none: no such folder"):
        read_videos(tmp_path / "none")


def test_one_class_alone_is_refused(tmp_path):
    (tmp_path / "still").mkdir()
    write(tmp_path / "still" / "a.mp4", 2)
    with pytest.raises(DataError, match="one class alone, 'still'"):
        read_videos(tmp_path)


def test_a_class_without_a_video_file_is_refused(folder):
    (folder / "turning").mkdir()
    with pytest.raises(DataError, match="turning: no video file in it"):
        read_videos(folder)


def test_a_class_of_broken_files_alone_is_refused(folder):
    (folder / "turning").mkdir()
    names = broken(folder / "turning")
    lines = []
    with pytest.raises(DataError, match=r"turning: none of its 3 video files can be read"):
        read_videos(folder, 2, 8, report=lines.append)
    assert len(lines) == len(names)


def test_without_pyav_what_to_install_is_said(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    for read in (read_video, read_videos):
        with pytest.raises(ImportError, match=r"pip install 'kerasrnn\[video\]'"):
            read(folder)


def test_a_text_that_passes_for_a_film_of_another_kind_is_refused(tmp_path):
    path = tmp_path / "fake.mp4"
    path.write_text("I am a text\n" * 20)  # FFmpeg takes it for a karaoke disc's
    with pytest.raises(DataError, match=r"fake\.mp4: not a video"):
        read_video(path)
