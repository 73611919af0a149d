# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""All handlers: importing one of these modules registers its operations."""

from . import elementwise, indexing, movement, structured  # noqa: F401
