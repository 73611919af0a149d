# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""StableHLO to MLIR text in `act` and upstream dialects."""

from .importer import Imported, ImportFailure, import_module

__all__ = ["ImportFailure", "Imported", "import_module"]
