# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Graphs of torch.fx in ATen operations to MLIR."""

from .importer import ImportedGraph, import_graph, is_supported, why_not
from .registry import HANDLERS

__all__ = ["HANDLERS", "ImportedGraph", "import_graph", "is_supported", "why_not"]
