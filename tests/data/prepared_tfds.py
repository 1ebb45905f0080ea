"""Data sets on disk, as TFDS itself would leave them."""

import tensorflow as tf
import tensorflow_datasets as tfds


def prepare(data_dir, name, features, splits, version="1.0.0"):
    """Writes records and metadata of a data set; `name` may hold a config: `name/config`."""
    folder = data_dir / name / version
    folder.mkdir(parents=True)
    dataset = name.split("/")[0]
    infos = []
    for split, examples in splits.items():
        path = str(folder / f"{dataset}-{split}.tfrecord-00000-of-00001")
        with tf.io.TFRecordWriter(path) as records:
            for example in examples:
                records.write(features.serialize_example(features.encode_example(example)))
        infos.append(tfds.core.SplitInfo(name=split, shard_lengths=[len(examples)], num_bytes=0))
    tfds.folder_dataset.write_metadata(
        data_dir=str(folder),
        features=features,
        split_infos=infos,
        filename_template="{DATASET}-{SPLIT}.{FILEFORMAT}-{SHARD_X_OF_Y}",
        check_data=False,
    )
    return data_dir
