"""Reading and writing TFLite files as objects of their schema."""

import flatbuffers
from ai_edge_litert import schema_py_generated as schema

IDENTIFIER = b"TFL3"
"""The schema's file_identifier, which stands at the fifth byte of every TFLite file."""
BUILTINS = {n: name for name, n in vars(schema.BuiltinOperator).items() if name[0].isupper()}
"""Names of the schema's operators by their numbers."""
_ALIGNMENT = 16  # of buffers' data, as the schema demands


class _Builder(flatbuffers.Builder):
    """Aligns vectors of bytes, which are buffers' data: flatbuffers' Python forgets to."""

    def StartVector(self, elemSize, numElems, alignment):
        return super().StartVector(elemSize, numElems, _ALIGNMENT if elemSize == 1 else alignment)


def unpacked(content):
    """The `ModelT` of a file's bytes."""
    return schema.ModelT.InitFromObj(schema.Model.GetRootAs(content, 0))


def packed(model):
    """The bytes of a `ModelT`."""
    builder = _Builder(1024)
    builder.Finish(model.Pack(builder), IDENTIFIER)
    return bytes(builder.Output())
