"""The list of files that travel in a TFLite file, in TensorFlow Lite's metadata format.

Source: metadata_schema.fbs of TensorFlow Lite's support library, version 1.
"""

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema

_NAME = "TFLITE_METADATA"
_IDENTIFIER = b"M001"
# Tables of the schema: how many fields they have, and the places of those that are written.
_MODEL_FIELDS, _MODEL_FILES, _MODEL_MIN_VERSION = 8, 6, 7
_FILE_FIELDS, _FILE_NAME = 5, 0
_MIN_VERSION = "1.0.0"  # of who reads it, from which on there are files


def list_files(model, names):
    """Adds the metadata that says which files travel with a `ModelT`; none for no names."""
    if not names:
        return
    buffer = schema.BufferT()
    buffer.data = np.frombuffer(_content(sorted(names)), np.uint8)
    entry = schema.MetadataT()
    entry.name, entry.buffer = _NAME, len(model.buffers)
    model.buffers.append(buffer)
    model.metadata = [*(model.metadata or ()), entry]


def _content(names):
    builder = flatbuffers.Builder(256)
    files = [_file(builder, name) for name in names]
    builder.StartVector(4, len(files), 4)
    for file in reversed(files):
        builder.PrependUOffsetTRelative(file)
    vector = builder.EndVector()
    version = builder.CreateString(_MIN_VERSION)
    builder.StartObject(_MODEL_FIELDS)
    builder.PrependUOffsetTRelativeSlot(_MODEL_FILES, vector, 0)
    builder.PrependUOffsetTRelativeSlot(_MODEL_MIN_VERSION, version, 0)
    builder.Finish(builder.EndObject(), _IDENTIFIER)
    return bytes(builder.Output())


def _file(builder, name):
    text = builder.CreateString(name)
    builder.StartObject(_FILE_FIELDS)
    builder.PrependUOffsetTRelativeSlot(_FILE_NAME, text, 0)
    return builder.EndObject()
