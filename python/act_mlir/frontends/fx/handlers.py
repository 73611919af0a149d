# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""All handlers: importing this module registers them."""

from . import (activations, elementwise, indexing, linear, movement,  # noqa: F401
               reductions, windows)
