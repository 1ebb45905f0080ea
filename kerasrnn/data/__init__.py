"""Data: readers, bundled data, vocabularies, batches. Knows no model."""

from kerasrnn.data._bag_of_words_encoder import BagOfWordsEncoder
from kerasrnn.data._batches import batches
from kerasrnn.data._bio import spans, to_bio
from kerasrnn.data._buckets import Buckets
from kerasrnn.data._chorales import chorales
from kerasrnn.data._clip_encoder import ClipEncoder
from kerasrnn.data._conll import DataError, read_conll, write_conll
from kerasrnn.data._dna_encoder import DnaEncoder
from kerasrnn.data._dna_files import read_fasta, read_sequences
from kerasrnn.data._document import Document
from kerasrnn.data._document_files import read_documents
from kerasrnn.data._labelled import Labelled
from kerasrnn.data._labelled_files import read_labelled, write_labelled
from kerasrnn.data._language_encoder import LanguageEncoder
from kerasrnn.data._moby_dick import moby_dick
from kerasrnn.data._music_encoder import MusicEncoder
from kerasrnn.data._music_files import read_music, write_midi, write_musicxml
from kerasrnn.data._music_pictures import draw_piece
from kerasrnn.data._music_sound import write_wav
from kerasrnn.data._name_encoder import NameEncoder
from kerasrnn.data._name_files import read_names
from kerasrnn.data._novelty import novelty
from kerasrnn.data._offline_names import offline_names
from kerasrnn.data._offline_ner import offline_ner
from kerasrnn.data._offline_sentiment import offline_sentiment
from kerasrnn.data._offline_topics import offline_topics
from kerasrnn.data._offline_video import offline_video
from kerasrnn.data._piece import Piece
from kerasrnn.data._sentence import Sentence, Splits
from kerasrnn.data._splice_junctions import offline_dna, splice_junctions
from kerasrnn.data._tagging_vocabulary import TaggingVocabulary
from kerasrnn.data._text import tokenize
from kerasrnn.data._text_encoder import TextEncoder
from kerasrnn.data._tfds import load_tfds
from kerasrnn.data._tfds_documents import load_tfds_documents
from kerasrnn.data._tfds_labelled import load_tfds_labelled
from kerasrnn.data._token_windows import TokenWindows, token_windows
from kerasrnn.data._vector_encoder import VectorEncoder
from kerasrnn.data._vector_files import read_vectors
from kerasrnn.data._video_files import read_video, read_videos
from kerasrnn.data._vocabulary import Vocabulary
from kerasrnn.data._word_vectors import embedding_matrix, read_word_vectors

__all__ = [
    "BagOfWordsEncoder",
    "Buckets",
    "ClipEncoder",
    "DataError",
    "DnaEncoder",
    "Document",
    "Labelled",
    "LanguageEncoder",
    "MusicEncoder",
    "NameEncoder",
    "Piece",
    "Sentence",
    "Splits",
    "TaggingVocabulary",
    "TextEncoder",
    "TokenWindows",
    "VectorEncoder",
    "Vocabulary",
    "batches",
    "chorales",
    "draw_piece",
    "embedding_matrix",
    "load_tfds",
    "load_tfds_documents",
    "load_tfds_labelled",
    "moby_dick",
    "novelty",
    "offline_dna",
    "offline_names",
    "offline_ner",
    "offline_sentiment",
    "offline_topics",
    "offline_video",
    "read_conll",
    "read_documents",
    "read_fasta",
    "read_labelled",
    "read_music",
    "read_names",
    "read_sequences",
    "read_vectors",
    "read_video",
    "read_videos",
    "read_word_vectors",
    "spans",
    "splice_junctions",
    "to_bio",
    "token_windows",
    "tokenize",
    "write_conll",
    "write_labelled",
    "write_midi",
    "write_musicxml",
    "write_wav",
]
