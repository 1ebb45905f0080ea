"""Video files: one file, or a folder with a sub-folder of files a class."""

import sys
from pathlib import Path

import numpy as np

from kerasrnn.data._conll import DataError
from kerasrnn.data._evenly import evenly
from kerasrnn.data._labelled import Labelled

_SUFFIXES = (".avi", ".gif", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".ogv", ".webm",
             ".wmv")  # fmt: skip
_FORMATS = {1: "gray", 3: "rgb24"}  # by channels

_CONTAINERS = {
    *("mp4", "mov", "3gp", "avi", "matroska", "webm", "flv", "asf", "mpeg", "mpegts", "mpegvideo"),
    *("ogg", "gif", "apng", "m4v", "h264", "hevc", "ivf", "yuv4mpegpipe", "mxf", "nut", "dv"),
}


def read_videos(folder, frames=16, size=64, channels=3, report=None):
    """Reads the clips in the sub-folders of a folder, which are the classes.

    Files are told by their endings (.mp4, .avi, .mov, .mkv, .webm, .gif and the like), in any
    letters; others, those in deeper folders, and hidden ones (`.name`) are not looked at. A file
    that cannot be read is reported and left out.

    Args:
        folder: a folder with a sub-folder for each class, named like it.
        frames, size, channels: of each clip; see `read_video`.
        report: function that is told of each file left out, and last how many there were, a line
            of text each; `None` prints them to the standard error.

    Returns:
        A tuple of `Labelled`, by class and file name, whose contents are uint8 arrays `(frames,
        size, size, channels)`.

    Raises:
        DataError: the folder is missing or has fewer than two classes, or no file of a class can
            be read.
        ImportError: PyAV is not installed.
        ValueError: `frames`, `size` or `channels` is not possible.

    Example:
        >>> from kerasrnn.data import read_videos
        >>> clips = read_videos("clips", frames=16)  # doctest: +SKIP
        >>> clips[0].label, clips[0].content.shape  # doctest: +SKIP
        ('clapping', (16, 64, 64, 3))
    """
    _require_sizes(frames, size, channels)
    _import_av()
    report = report or _to_standard_error
    examples, left_out = [], 0
    for label, files in _classes(Path(folder)).items():
        readable = 0
        for file in files:
            try:
                clip = read_video(file, frames, size, channels)
            except DataError as error:
                report(f"left out: {error}")
                left_out += 1
            else:
                examples.append(Labelled(clip, label))
                readable += 1
        if not readable:
            raise DataError(
                f"{Path(folder, label)}: none of its {len(files)} video files can be read, so the "
                f"class {label!r} has no example. Convert the files, or take the folder away."
            )
    if left_out:
        report(f"{folder}: left out {left_out} of {left_out + len(examples)} video files.")
    return tuple(examples)


def read_video(path, frames=16, size=64, channels=3):
    """Reads one video file as a clip of so many frames.

    The frames are taken evenly from the first to the last, which are counted: containers often do
    not know how many they hold. A video of fewer frames repeats some, in order. Of each picture
    the middle square is kept, resized (bilinear). A mark that players should turn the picture, as
    telephones set it, is not heeded.

    Args:
        path: the file; its content tells its format.
        frames: frames of the clip.
        size: pixels of a side.
        channels: 1 for grey, 3 for red, green and blue.

    Returns:
        A uint8 array `(frames, size, size, channels)`.

    Raises:
        DataError: the file is missing, is no video, breaks off, or has no frame.
        ImportError: PyAV is not installed.
        ValueError: `frames`, `size` or `channels` is not possible.

    Example:
        >>> from kerasrnn.data import read_video
        >>> read_video("clip.mp4", frames=12, size=32, channels=1).shape  # doctest: +SKIP
        (12, 32, 32, 1)
    """
    _require_sizes(frames, size, channels)
    av = _import_av()
    path = Path(path)
    if not path.is_file():
        what = "is a folder; name a file in it" if path.is_dir() else "no such file; check the path"
        raise DataError(f"{path}: {what}.")
    try:
        count = sum(1 for _ in _decoded(av, path))
        chosen = evenly(count, frames)
        pictures = {
            number: _square(picture, size, channels)
            for number, picture in enumerate(_decoded(av, path))
            if number in chosen
        }
    except av.FFmpegError as error:
        raise DataError(
            f"{path}: not a video that can be read: {error.strerror}. Convert it to mp4, or check "
            "that it was copied whole."
        ) from error
    if not count:
        raise DataError(f"{path}: no frame in it. Check that it is a video and was copied whole.")
    return np.stack([pictures[number] for number in chosen])


def _decoded(av, path):
    """The frames of the first video stream, one after the other."""
    with av.open(str(path)) as container:
        # FFmpeg takes many a text for a teleprinter's or a karaoke disc's film, a picture for one
        # of a single frame.
        if not _CONTAINERS & set(container.format.name.split(",")):
            raise DataError(f"{path}: not a video, but {container.format.long_name}. Take it away.")
        if container.streams.video:
            yield from container.decode(video=0)


def _square(picture, size, channels):
    """The middle square of a frame, resized to `(size, size, channels)`."""
    scale = size / min(picture.width, picture.height)
    width, height = (max(size, round(scale * side)) for side in (picture.width, picture.height))
    resized = picture.reformat(
        width=width, height=height, format=_FORMATS[channels], interpolation="BILINEAR"
    )
    left, top = (width - size) // 2, (height - size) // 2
    pixels = resized.to_ndarray().reshape(height, width, channels)
    return pixels[top : top + size, left : left + size]


def _classes(folder):
    """Dictionary from the names of sub-folders with video files to the files."""
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "no such folder"
        raise DataError(f"{folder}: {what}. Name a folder with a sub-folder of videos a class.")
    classes = {
        part.name: [file for file in sorted(part.iterdir()) if _is_video(file)]
        for part in sorted(folder.iterdir())
        if part.is_dir() and not part.name.startswith(".")
    }
    empty = [label for label, files in classes.items() if not files]
    if empty:
        raise DataError(
            f"{folder / empty[0]}: no video file in it ({', '.join(_SUFFIXES)}). Put the class's "
            "videos there, or take the folder away."
        )
    if len(classes) < 2:
        found = f"one class alone, {next(iter(classes))!r}" if classes else "no sub-folder"
        raise DataError(
            f"{folder}: {found}. Put the videos of each class in a sub-folder of its name; a "
            "classifier needs two classes at least."
        )
    return classes


def _is_video(file):
    name = file.name
    return file.suffix.lower() in _SUFFIXES and not name.startswith(".") and file.is_file()


def _require_sizes(frames, size, channels):
    for name, value in {"frames": frames, "size": size}.items():
        if value < 1:
            raise ValueError(f"`{name}` must be 1 or more; received {value}.")
    if channels not in _FORMATS:
        raise ValueError(f"`channels` must be 1 (grey) or 3 (colours); received {channels}.")


def _import_av():
    try:
        import av
    except ImportError as error:
        raise ImportError(
            "Reading video files needs PyAV: pip install 'kerasrnn[video]'."
        ) from error
    return av


def _to_standard_error(line):
    print(line, file=sys.stderr)
