# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""All handlers: importing one of these modules registers its operations."""

from . import (  # noqa: F401
    activations, attention, contrib, control, einsum, elementwise, group_query, indexing, linear,
    losses, multi_head, normalization, ordering, pooling, quantization, recurrent, reduce,
    resize, rows, sampling, sequences, shape, signal)
