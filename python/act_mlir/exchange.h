/* Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 */
#ifndef ACT_MLIR_EXCHANGE_H
#define ACT_MLIR_EXCHANGE_H

/* bind(api, run, infer_shapes, prepare, instance, num_inputs, places, outputs,
 * fixed): two callables that take a sequence of tensors of one framework, the
 * second of which takes the constants first. `api` is its exchange interface,
 * `places` a tuple of where the inputs and then the constants stand in the
 * sequence, `outputs` bytes of act_tensor with types and ranks, whose extents
 * are known where `fixed` is true. They live at most as long as the instance.
 */
PyObject *act_bind(PyObject *self, PyObject *arguments);

#endif /* ACT_MLIR_EXCHANGE_H */
