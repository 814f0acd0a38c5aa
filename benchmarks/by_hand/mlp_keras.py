"""The MLP by hand in Keras on TensorFlow: `compile` and `fit`."""

import os
import sys
import time

import numpy as np

os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
from keras import layers


def main() -> None:
    """Train on the rows of the .npz file that is named; print the time."""
    with np.load(sys.argv[1]) as rows:
        features, label = rows["features"], rows["label"]
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((32,)),
            layers.Dense(128, activation="relu"),
            layers.Dense(64, activation="relu"),
            layers.Dense(10),
        ]
    )
    model.compile(
        optimizer=keras.optimizers.Adam(1e-3),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )

    start = time.perf_counter()
    history = model.fit(features, label, batch_size=256, epochs=3, verbose=0)
    seconds = time.perf_counter() - start
    for loss in history.history["loss"]:
        print(f"loss {loss:.4f}")
    print(f"training {seconds:.4f} s")


if __name__ == "__main__":
    main()
