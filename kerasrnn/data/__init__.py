"""Data: readers, bundled data, vocabularies, batches. Knows no model."""

from kerasrnn.data._batches import batches
from kerasrnn.data._bio import spans, to_bio
from kerasrnn.data._buckets import Buckets
from kerasrnn.data._conll import DataError, read_conll, write_conll
from kerasrnn.data._dna_encoder import DnaEncoder
from kerasrnn.data._dna_files import read_fasta
from kerasrnn.data._labelled import Labelled
from kerasrnn.data._offline_ner import offline_ner
from kerasrnn.data._sentence import Sentence, Splits
from kerasrnn.data._splice_junctions import offline_dna, splice_junctions
from kerasrnn.data._tagging_vocabulary import TaggingVocabulary
from kerasrnn.data._text import tokenize
from kerasrnn.data._tfds import load_tfds
from kerasrnn.data._vocabulary import Vocabulary

__all__ = [
    "Buckets",
    "DataError",
    "DnaEncoder",
    "Labelled",
    "Sentence",
    "Splits",
    "TaggingVocabulary",
    "Vocabulary",
    "batches",
    "load_tfds",
    "offline_dna",
    "offline_ner",
    "read_conll",
    "read_fasta",
    "spans",
    "splice_junctions",
    "to_bio",
    "tokenize",
    "write_conll",
]
