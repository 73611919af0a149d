#!/bin/sh
# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#
# The importer in an installed package, for act-compile beside it.
package=$(dirname "$0")/../..
PYTHONPATH="$package${PYTHONPATH:+:$PYTHONPATH}" \
exec "${ACT_PYTHON:-python3}" -m act_mlir.frontends.onnx "$@"
