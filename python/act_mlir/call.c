/* Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The call of a model from Python without Python: an optional module, built
 * where Python's headers are, for every Python from 3.11 up. runtime.py
 * prepares a kind of call (shapes and types of the inputs); arrays of that kind
 * then go from here to the library. Whatever else comes in is answered with
 * NotImplemented, and runtime.py takes the long way.
 */
#define Py_LIMITED_API 0x030b0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "act-mlir-c/Runtime.h"
#include "exchange.h"
#include <string.h>

enum { MAX_TENSORS = 16, MAX_RANK = 8 };

typedef act_status (*run_function)(act_instance *, const act_tensor *, int32_t,
                                   act_tensor *, int32_t, void *, size_t,
                                   void *);

/* One kind of call; never changed once it is made. */
typedef struct {
  run_function run;
  act_instance *instance;
  int32_t num_inputs, num_outputs;
  char formats[MAX_TENSORS];
  act_tensor tensors[MAX_TENSORS]; /* the inputs, then the results */
  int64_t shapes[MAX_TENSORS][MAX_RANK];
  PyObject *empty;                /* numpy.empty */
  PyObject *results[MAX_TENSORS]; /* its arguments for each result */
} plan;

static void free_plan(PyObject *capsule) {
  plan *p = PyCapsule_GetPointer(capsule, 0);
  for (int32_t i = 0; i < p->num_outputs; ++i)
    Py_XDECREF(p->results[i]);
  Py_XDECREF(p->empty);
  PyMem_Free(p);
}

/* Whether a buffer is what the plan says of an input. */
static int fits(const plan *p, int32_t i, const Py_buffer *buffer) {
  const act_tensor *tensor = &p->tensors[i];
  if (!buffer->format || buffer->format[0] != p->formats[i] ||
      buffer->format[1] || buffer->ndim != tensor->ndim ||
      buffer->itemsize * 8 != tensor->dtype.bits)
    return 0;
  for (int d = 0; d < buffer->ndim; ++d)
    if (buffer->shape[d] != tensor->shape[d])
      return 0;
  return 1;
}

/* call(*arrays): `self` is the plan. */
static PyObject *call(PyObject *self, PyObject *const *arrays,
                      Py_ssize_t count) {
  const plan *p = PyCapsule_GetPointer(self, 0);
  act_tensor tensors[MAX_TENSORS];
  Py_buffer buffers[MAX_TENSORS];
  PyObject *results[MAX_TENSORS], *result = 0;
  int32_t held = 0, made = 0;
  PyThreadState *thread;
  act_status status;
  if (!p)
    return 0;
  if (count != p->num_inputs) {
    Py_INCREF(Py_NotImplemented);
    return Py_NotImplemented;
  }
  memcpy(tensors, p->tensors, sizeof tensors);
  for (; held < count; ++held) {
    if (PyObject_GetBuffer(arrays[held], &buffers[held],
                           PyBUF_C_CONTIGUOUS | PyBUF_FORMAT)) {
      PyErr_Clear(); /* no buffer, or not in one piece */
      break;
    }
    if (!fits(p, held, &buffers[held])) {
      PyBuffer_Release(&buffers[held]);
      break;
    }
    tensors[held].data = buffers[held].buf;
  }
  if (held < count) {
    result = Py_NotImplemented;
    Py_INCREF(result);
    goto release;
  }
  for (; made < p->num_outputs; ++made) {
    Py_buffer buffer;
    results[made] = PyObject_Call(p->empty, p->results[made], 0);
    if (!results[made])
      goto release;
    if (PyObject_GetBuffer(results[made], &buffer, PyBUF_WRITABLE)) {
      ++made;
      goto release;
    }
    tensors[count + made].data = buffer.buf;
    /* The reference to the array keeps its memory. */
    PyBuffer_Release(&buffer);
  }
  thread = PyEval_SaveThread();
  status = p->run(p->instance, tensors, (int32_t)count, tensors + count,
                  p->num_outputs, 0, 0, 0);
  PyEval_RestoreThread(thread);
  if (status) {
    result = PyLong_FromLong(status);
  } else if (p->num_outputs == 1) {
    result = results[0];
    Py_INCREF(result);
  } else {
    result = PyTuple_New(p->num_outputs);
    for (int32_t i = 0; result && i < p->num_outputs; ++i) {
      Py_INCREF(results[i]);
      PyTuple_SetItem(result, i, results[i]);
    }
  }
release:
  for (int32_t i = 0; i < held; ++i)
    PyBuffer_Release(&buffers[i]);
  for (int32_t i = 0; i < made; ++i)
    Py_DECREF(results[i]);
  return result;
}

static PyMethodDef call_method = {
    "call", (PyCFunction)(void (*)(void))call, METH_FASTCALL,
    "Runs a model on arrays of one kind. Gives its results, a status other "
    "than 0, or NotImplemented for arrays of another kind."};

/* prepare(run, instance, inputs, outputs, formats, empty, results): a callable
 * for one kind of call. `inputs` and `outputs` are bytes of act_tensor with
 * addresses of shapes that live during this call. */
static PyObject *prepare(PyObject *self, PyObject *arguments) {
  unsigned long long run, instance;
  const char *inputs, *outputs, *formats;
  Py_ssize_t input_bytes, output_bytes, num_formats;
  PyObject *empty, *results, *capsule, *function;
  plan *p;
  (void)self;
  if (!PyArg_ParseTuple(arguments, "KKy#y#y#OO!", &run, &instance, &inputs,
                        &input_bytes, &outputs, &output_bytes, &formats,
                        &num_formats, &empty, &PyTuple_Type, &results))
    return 0;
  Py_ssize_t num_inputs = input_bytes / (Py_ssize_t)sizeof(act_tensor);
  Py_ssize_t num_outputs = output_bytes / (Py_ssize_t)sizeof(act_tensor);
  if (num_inputs + num_outputs > MAX_TENSORS || num_outputs < 1 ||
      num_formats != num_inputs || PyTuple_Size(results) != num_outputs) {
    PyErr_SetString(PyExc_ValueError, "a call that has no short way");
    return 0;
  }
  p = PyMem_Calloc(1, sizeof *p);
  if (!p)
    return PyErr_NoMemory();
  p->run = (run_function)(uintptr_t)run;
  p->instance = (act_instance *)(uintptr_t)instance;
  p->num_inputs = (int32_t)num_inputs;
  memcpy(p->formats, formats, (size_t)num_formats);
  memcpy(p->tensors, inputs, (size_t)num_inputs * sizeof(act_tensor));
  memcpy(p->tensors + num_inputs, outputs,
         (size_t)num_outputs * sizeof(act_tensor));
  for (Py_ssize_t i = 0; i < num_inputs + num_outputs; ++i) {
    act_tensor *tensor = &p->tensors[i];
    if (tensor->ndim < 0 || tensor->ndim > MAX_RANK) {
      PyMem_Free(p);
      PyErr_SetString(PyExc_ValueError, "a call that has no short way");
      return 0;
    }
    memcpy(p->shapes[i], tensor->shape, (size_t)tensor->ndim * sizeof(int64_t));
    tensor->shape = p->shapes[i];
  }
  capsule = PyCapsule_New(p, 0, free_plan);
  if (!capsule) {
    PyMem_Free(p);
    return 0;
  }
  Py_INCREF(empty);
  p->empty = empty;
  for (Py_ssize_t i = 0; i < num_outputs; ++i) {
    PyObject *item = PyTuple_GetItem(results, i);
    Py_INCREF(item);
    p->results[i] = item;
    p->num_outputs = (int32_t)i + 1;
  }
  function = PyCFunction_New(&call_method, capsule);
  Py_DECREF(capsule);
  return function;
}

static PyMethodDef methods[] = {
    {"prepare", prepare, METH_VARARGS, "A callable for one kind of call."},
    {"bind", act_bind, METH_VARARGS, "Callables on a framework's tensors."},
    {0, 0, 0, 0}};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, "_call", 0, 0, methods, 0, 0, 0, 0};

PyMODINIT_FUNC PyInit__call(void) { return PyModule_Create(&module); }
