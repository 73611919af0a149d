/* Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 */
#ifndef ACT_MLIR_EXCHANGE_H
#define ACT_MLIR_EXCHANGE_H

/* bind(api, run, infer_shapes, instance, num_inputs, outputs, fixed): a
 * callable that takes a sequence of tensors of one framework. `api` is its
 * exchange interface, `outputs` bytes of act_tensor with types and ranks, whose
 * extents are known where `fixed` is true. It lives at most as long as the
 * instance. */
PyObject *act_bind(PyObject *self, PyObject *arguments);

#endif /* ACT_MLIR_EXCHANGE_H */
