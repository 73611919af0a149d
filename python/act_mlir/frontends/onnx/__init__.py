# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ONNX models as MLIR.

Handlers read every form that an operation has had, so that a model needs no
conversion to a newer opset, and keep the names of its nodes as locations.
"""

from .importer import ImportFailure, import_model

__all__ = ["ImportFailure", "import_model"]
