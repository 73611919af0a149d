#!/usr/bin/env python3
# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Compares compiled digit classifiers with onnxruntime on held-back images.

    classify.py FOLDER

FOLDER holds the compiled mlp.so and cnn.so; digits.png is written into it.
"""
import pathlib
import sys
import time

import matplotlib
import numpy as np
import onnxruntime

import act_mlir

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402  (after the choice of a backend)

HERE = pathlib.Path(__file__).parent


def microseconds(run, count):
    """The best of many runs, in microseconds an image."""
    best = 1e9
    for _ in range(500):
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
    return best * 1e6 / count


def onnxruntime_session(path):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        path, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda images: session.run(None, {name: images})[0]


def picture(images, labels, classes, path):
    figure, axes = plt.subplots(2, 10, figsize=(10, 2.6))
    for axis, image, label, guess in zip(axes.flat, images, labels, classes):
        axis.imshow(image[0], cmap="gray_r")
        axis.set_title(str(guess), color="green" if guess == label else "red")
        axis.axis("off")
    figure.suptitle("Predictions of the compiled convolutional network")
    figure.savefig(path, dpi=120)


def main(folder):
    images = np.load(HERE / "images.npy")
    labels = np.load(HERE / "labels.npy")
    for name in ("mlp", "cnn"):
        ours = act_mlir.load(folder / f"{name}.so")
        theirs = onnxruntime_session(HERE / f"{name}.onnx")
        scores, expected = ours(images), theirs(images)
        classes = scores.argmax(1)
        print(f"{name}: accuracy {np.mean(classes == labels):.4f}, "
              f"onnxruntime {np.mean(expected.argmax(1) == labels):.4f}; "
              f"{np.sum(classes == expected.argmax(1))} of {len(labels)} "
              f"classes equal, largest difference "
              f"{np.abs(scores - expected).max():.2g}")
        for batch in (1, 64):
            some = np.ascontiguousarray(images[:batch])
            print(f"{name}: batch {batch}: "
                  f"{microseconds(lambda: ours(some), batch):.2f} us an image, "
                  f"onnxruntime "
                  f"{microseconds(lambda: theirs(some), batch):.2f} us")
    picture(images, labels, classes, folder / "digits.png")
    print(f"picture: {folder / 'digits.png'}")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
