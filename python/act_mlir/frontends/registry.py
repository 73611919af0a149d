# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Tables of handlers by the name of an operation."""

from __future__ import annotations

from typing import Callable


def registers(table: dict[str, Callable]):
    """The decorator `handles(*names)`, which enters a function into a table. A
    name may be entered once."""
    def handles(*names: str):
        def register(handler):
            for name in names:
                assert name not in table, name
                table[name] = handler
            return handler
        return register
    return handles
