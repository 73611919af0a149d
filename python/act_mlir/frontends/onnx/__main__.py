# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The command `act-import-onnx`."""

import argparse
import pathlib
import sys

from ..weights import replacing, write_weights
from .importer import ImportFailure, import_model


def main(arguments=None) -> int:
    parser = argparse.ArgumentParser(
        prog="act-import-onnx", description="Writes an ONNX model as MLIR.")
    parser.add_argument("model", help="the .onnx file")
    parser.add_argument("-o", dest="output", default="-", metavar="FILE",
                        help="where the MLIR text goes (default: standard output)")
    parser.add_argument("--weights", metavar="FILE",
                        help="the manifest of the weights, FILE.json; data go to a "
                        ".bin file beside it (default: beside the output)")
    parser.add_argument("--inline-weights", action="store_true",
                        help="all data in the text: for small models and tests")
    options = parser.parse_args(arguments)
    if options.inline_weights and options.weights:
        parser.error("--weights and --inline-weights exclude each other")
    try:
        imported = import_model(options.model, options.inline_weights)
        _write(options, imported)
    except ImportFailure as failure:
        print(failure, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error.filename or options.output}: error: {error.strerror}", file=sys.stderr)
        return 1
    return 0


def _write(options, imported):
    if options.weights:
        manifest = pathlib.Path(options.weights)
    elif options.output != "-":
        manifest = pathlib.Path(options.output).with_suffix(".weights.json")
    else:
        manifest = None
    if imported.weights:
        if manifest is None:
            raise ImportFailure(f"{options.model}: error: the model has weights: give a file "
                                "for them with --weights, or --inline-weights")
        write_weights(imported.weights, manifest)
    elif options.weights:
        write_weights({}, manifest)
    if options.output == "-":
        sys.stdout.write(imported.text)
        return
    with replacing(pathlib.Path(options.output)) as file:
        file.write(imported.text.encode())


if __name__ == "__main__":
    sys.exit(main())
