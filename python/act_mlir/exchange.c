/* Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
 * SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 *
 * The call of a model on a framework's own tensors, through the functions of
 * DLPack's exchange interface (https://dmlc.github.io/dlpack, version 1.3):
 * inputs are read where they are, results are allocated by the framework. A
 * model's constants are held from call to call, and compared by object, address
 * and number of writes (torch's `_version`).
 */
#define Py_LIMITED_API 0x030b0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "act-mlir-c/Runtime.h"
#include "exchange.h"
#include <string.h>

enum { MAX_RANK = 16 };

/* DLPack's structures; act_tensor is its DLTensor. */
typedef struct managed_tensor {
  uint32_t version[2];
  void *context;
  void (*deleter)(struct managed_tensor *);
  uint64_t flags;
  act_tensor tensor;
} managed_tensor;

typedef struct {
  uint32_t version[2];
  void *previous;
  int (*allocate)(act_tensor *prototype, managed_tensor **out, void *context,
                  void (*error)(void *, const char *, const char *));
  int (*managed_from_object)(void *object, managed_tensor **out);
  int (*object_from_managed)(managed_tensor *tensor, void **object);
  int (*tensor_from_object)(void *object, act_tensor *out);
} exchange;

typedef act_status (*infer_function)(act_instance *, const act_tensor *,
                                     int32_t, act_tensor *, int32_t);
typedef act_status (*run_function)(act_instance *, const act_tensor *, int32_t,
                                   act_tensor *, int32_t, void *, size_t,
                                   void *);

typedef act_status (*prepare_function)(act_instance *, const act_tensor *,
                                       int32_t);

/* A constant that is held: the object is another's, and compared only. */
typedef struct {
  PyObject *object, *gathered; /* its elements row by row, or null */
  void *data;
  long long version; /* -1: not known, so that it may have changed */
} constant;

typedef struct {
  const exchange *api;
  run_function run;
  infer_function infer;
  prepare_function prepare;
  act_instance *instance;
  /* Where the inputs and then the constants stand in the arguments. */
  Py_ssize_t num_inputs, num_constants, num_outputs, *places;
  int fixed; /* the extents of the results are known */
  act_tensor *outputs;
  int64_t (*shapes)[MAX_RANK];
  constant *constants;
  PyObject *version; /* "_version" */
} binding;

static const char dummy[64];

static void free_binding(PyObject *capsule) {
  binding *b = PyCapsule_GetPointer(capsule, 0);
  for (Py_ssize_t i = 0; b->constants && i < b->num_constants; ++i)
    Py_XDECREF(b->constants[i].gathered);
  Py_XDECREF(b->version);
  PyMem_Free(b->outputs);
  PyMem_Free(b->shapes);
  PyMem_Free(b->places);
  PyMem_Free(b->constants);
  PyMem_Free(b);
}

static void set_error(void *context, const char *kind, const char *message) {
  (void)context;
  PyErr_Format(PyExc_RuntimeError, "%s: %s", kind, message);
}

/* Whether elements lie row by row, one beside the other. */
static int contiguous(const act_tensor *tensor) {
  int64_t expected = 1;
  if (!tensor->strides)
    return 1;
  for (int d = 0; d < tensor->ndim; ++d)
    if (tensor->shape[d] == 0)
      return 1;
  for (int d = tensor->ndim - 1; d >= 0; --d) {
    if (tensor->shape[d] != 1 && tensor->strides[d] != expected)
      return 0;
    expected *= tensor->shape[d];
  }
  return 1;
}

/* The tensor that an argument is. `*kept` is a new reference where its elements
 * had to be gathered first. An int is an extent: a tensor without elements to
 * read, [n]. */
static int describe(const binding *b, Py_ssize_t i, PyObject *argument,
                    act_tensor *tensor, int64_t *extent, PyObject **kept) {
  if (PyLong_Check(argument)) {
    *extent = PyLong_AsLongLong(argument);
    memset(tensor, 0, sizeof *tensor);
    tensor->data = (void *)dummy;
    tensor->device.type = 1;
    tensor->ndim = 1;
    tensor->dtype = (act_dtype){0, 8, 1};
    tensor->shape = extent;
    return PyErr_Occurred() ? -1 : 0;
  }
  if (b->api->tensor_from_object(argument, tensor)) {
    PyObject *type, *why, *trace;
    PyErr_Fetch(&type, &why, &trace);
    PyErr_Format(PyExc_TypeError, "input %zd is not a tensor in memory: %S", i,
                 why ? why : Py_None);
    Py_XDECREF(type);
    Py_XDECREF(why);
    Py_XDECREF(trace);
    return -1;
  }
  if (tensor->device.type != 1) {
    PyErr_Format(PyExc_ValueError,
                 "input %zd is not in the CPU's memory (DLPack device %d), for "
                 "which the program is compiled",
                 i, (int)tensor->device.type);
    return -1;
  }
  if (!contiguous(tensor)) {
    *kept = PyObject_CallMethod(argument, "contiguous", 0);
    if (!*kept || b->api->tensor_from_object(*kept, tensor))
      return -1;
  }
  tensor->strides = 0;
  tensor->data = (char *)tensor->data + tensor->byte_offset;
  tensor->byte_offset = 0;
  /* Tensors without elements may have no memory. */
  if (!tensor->data)
    tensor->data = (void *)dummy;
  return 0;
}

/* The argument at a place, which the caller's sequence keeps. */
static PyObject *argument_at(PyObject *arguments, Py_ssize_t place) {
  if (PyList_Check(arguments))
    return PyList_GetItem(arguments, place);
  PyObject *argument = PySequence_GetItem(arguments, place);
  Py_XDECREF(argument);
  return argument;
}

/* How often a tensor was written to, or -1. */
static long long version_of(const binding *b, PyObject *tensor) {
  PyObject *number = PyObject_GetAttr(tensor, b->version);
  long long version = number ? PyLong_AsLongLong(number) : -1;
  Py_XDECREF(number);
  if (version < 0)
    PyErr_Clear();
  return version;
}

/* Whether the constants are those that are held, as they were. */
static int unchanged(const binding *b, PyObject *arguments) {
  for (Py_ssize_t i = 0; i < b->num_constants; ++i) {
    const constant *held = &b->constants[i];
    PyObject *argument = argument_at(arguments, b->places[b->num_inputs + i]);
    act_tensor tensor;
    if (argument != held->object || held->version < 0 ||
        version_of(b, argument) != held->version ||
        b->api->tensor_from_object(argument, &tensor) ||
        (char *)tensor.data + tensor.byte_offset != held->data)
      return 0;
  }
  return 1;
}

static PyObject *run_model(const binding *b, PyObject *arguments) {
  PyObject *result = 0, **kept = 0;
  act_tensor *tensors = 0, *outputs;
  managed_tensor **made = 0;
  int64_t *extents = 0, (*shapes)[MAX_RANK] = 0;
  PyThreadState *thread;
  act_status status = ACT_OK;
  Py_ssize_t count = b->num_inputs;
  Py_ssize_t total = count + b->num_outputs;
  char *memory = PyMem_Calloc(
      1, (size_t)total * (sizeof *tensors + sizeof *kept + sizeof *extents) +
             (size_t)b->num_outputs * (sizeof *made + sizeof *shapes));
  if (!memory)
    return PyErr_NoMemory();
  tensors = (act_tensor *)memory;
  outputs = tensors + count;
  kept = (PyObject **)(tensors + total);
  extents = (int64_t *)(kept + total);
  made = (managed_tensor **)(extents + total);
  shapes = (int64_t (*)[MAX_RANK])(made + b->num_outputs);
  for (Py_ssize_t i = 0; i < count; ++i) {
    PyObject *argument = argument_at(arguments, b->places[i]);
    if (!argument ||
        describe(b, i, argument, &tensors[i], &extents[i], &kept[i]))
      goto release;
  }
  memcpy(outputs, b->outputs, (size_t)b->num_outputs * sizeof *outputs);
  if (!b->fixed) {
    for (Py_ssize_t i = 0; i < b->num_outputs; ++i)
      outputs[i].shape = shapes[i];
    status = b->infer(b->instance, tensors, (int32_t)count, outputs,
                      (int32_t)b->num_outputs);
    if (status)
      goto failed;
  }
  for (Py_ssize_t i = 0; i < b->num_outputs; ++i) {
    if (b->api->allocate(&outputs[i], &made[i], 0, set_error)) {
      if (!PyErr_Occurred())
        PyErr_NoMemory();
      goto release;
    }
    outputs[i].data = made[i]->tensor.data;
    if (!outputs[i].data)
      outputs[i].data = (void *)dummy;
  }
  thread = PyEval_SaveThread();
  status = b->run(b->instance, tensors, (int32_t)count, outputs,
                  (int32_t)b->num_outputs, 0, 0, 0);
  PyEval_RestoreThread(thread);
failed:
  if (status) {
    result = PyLong_FromLong(status);
    goto release;
  }
  result = PyList_New(b->num_outputs);
  for (Py_ssize_t i = 0; result && i < b->num_outputs; ++i) {
    void *object = 0;
    managed_tensor *tensor = made[i];
    made[i] = 0;
    if (b->api->object_from_managed(tensor, &object)) {
      Py_CLEAR(result);
      break;
    }
    PyList_SetItem(result, i, object);
  }
release:
  for (Py_ssize_t i = 0; i < count; ++i)
    Py_XDECREF(kept[i]);
  for (Py_ssize_t i = 0; i < b->num_outputs; ++i)
    if (made[i])
      made[i]->deleter(made[i]);
  PyMem_Free(memory);
  return result;
}

/* call(arguments): a sequence of tensors and extents to a list of results, or a
 * status other than 0; NotImplemented where the constants are others than those
 * that are held. */
static PyObject *call(PyObject *self, PyObject *arguments) {
  const binding *b = PyCapsule_GetPointer(self, 0);
  if (!b)
    return 0;
  if (!unchanged(b, arguments)) {
    PyErr_Clear();
    Py_INCREF(Py_NotImplemented);
    return Py_NotImplemented;
  }
  return run_model(b, arguments);
}

/* hold(arguments): takes the constants among the arguments, then the call. */
static PyObject *hold(PyObject *self, PyObject *arguments) {
  binding *b = PyCapsule_GetPointer(self, 0);
  act_status status = ACT_OK;
  if (!b)
    return 0;
  act_tensor *tensors =
      PyMem_Calloc((size_t)b->num_constants + 1, sizeof *tensors);
  if (!tensors)
    return PyErr_NoMemory();
  for (Py_ssize_t i = 0; i < b->num_constants; ++i) {
    constant *held = &b->constants[i];
    PyObject *argument = argument_at(arguments, b->places[b->num_inputs + i]);
    int64_t extent;
    held->object = 0;
    Py_CLEAR(held->gathered);
    if (!argument || b->api->tensor_from_object(argument, &tensors[i])) {
      PyMem_Free(tensors);
      return 0;
    }
    held->data = (char *)tensors[i].data + tensors[i].byte_offset;
    held->version = version_of(b, argument);
    if (describe(b, b->num_inputs + i, argument, &tensors[i], &extent,
                 &held->gathered)) {
      PyMem_Free(tensors);
      return 0;
    }
  }
  if (b->num_constants) {
    PyThreadState *thread = PyEval_SaveThread();
    status = b->prepare(b->instance, tensors, (int32_t)b->num_constants);
    PyEval_RestoreThread(thread);
  }
  PyMem_Free(tensors);
  /* Not before: calls of other threads would not wait for it. */
  for (Py_ssize_t i = 0; !status && i < b->num_constants; ++i)
    b->constants[i].object =
        argument_at(arguments, b->places[b->num_inputs + i]);
  return status ? PyLong_FromLong(status) : run_model(b, arguments);
}

static PyMethodDef call_method = {
    "call", call, METH_O,
    "Runs a model on a sequence of tensors and extents. Gives a list of its "
    "results, a status other than 0, or NotImplemented where the constants "
    "among them are not those that are held."};

static PyMethodDef hold_method = {
    "hold", hold, METH_O,
    "Takes the constants among the tensors, then does as `call`."};

PyObject *act_bind(PyObject *self, PyObject *arguments) {
  unsigned long long run, infer, prepare, instance;
  const char *outputs;
  Py_ssize_t output_bytes, num_inputs;
  PyObject *api, *capsule, *call, *hold, *places;
  int fixed;
  (void)self;
  if (!PyArg_ParseTuple(arguments, "OKKKKnO!y#p", &api, &run, &infer, &prepare,
                        &instance, &num_inputs, &PyTuple_Type, &places,
                        &outputs, &output_bytes, &fixed))
    return 0;
  void *functions = PyCapsule_GetPointer(api, "dlpack_exchange_api");
  if (!functions)
    return 0;
  binding *b = PyMem_Calloc(1, sizeof *b);
  if (!b)
    return PyErr_NoMemory();
  b->api = functions;
  b->run = (run_function)(uintptr_t)run;
  b->infer = (infer_function)(uintptr_t)infer;
  b->prepare = (prepare_function)(uintptr_t)prepare;
  b->instance = (act_instance *)(uintptr_t)instance;
  b->num_inputs = num_inputs;
  Py_ssize_t count = PyTuple_Size(places);
  b->num_constants = count - num_inputs;
  b->num_outputs = output_bytes / (Py_ssize_t)sizeof(act_tensor);
  b->fixed = fixed;
  b->outputs = PyMem_Calloc((size_t)b->num_outputs + 1, sizeof *b->outputs);
  b->shapes = PyMem_Calloc((size_t)b->num_outputs + 1, sizeof *b->shapes);
  b->places = PyMem_Calloc((size_t)count + 1, sizeof *b->places);
  b->constants =
      PyMem_Calloc((size_t)b->num_constants + 1, sizeof *b->constants);
  b->version = PyUnicode_InternFromString("_version");
  capsule = b->outputs && b->shapes && b->places && b->constants && b->version
                ? PyCapsule_New(b, 0, free_binding)
                : 0;
  if (!capsule) {
    Py_XDECREF(b->version);
    PyMem_Free(b->outputs);
    PyMem_Free(b->shapes);
    PyMem_Free(b->places);
    PyMem_Free(b->constants);
    PyMem_Free(b);
    return PyErr_Occurred() ? 0 : PyErr_NoMemory();
  }
  for (Py_ssize_t i = 0; i < count; ++i)
    b->places[i] = PyLong_AsSsize_t(PyTuple_GetItem(places, i));
  if (PyErr_Occurred()) {
    Py_DECREF(capsule);
    return 0;
  }
  memcpy(b->outputs, outputs, (size_t)output_bytes);
  for (Py_ssize_t i = 0; i < b->num_outputs; ++i) {
    act_tensor *tensor = &b->outputs[i];
    if (tensor->ndim < 0 || tensor->ndim > MAX_RANK) {
      Py_DECREF(capsule);
      PyErr_Format(PyExc_ValueError, "a result of rank %d", tensor->ndim);
      return 0;
    }
    if (fixed)
      memcpy(b->shapes[i], tensor->shape,
             (size_t)tensor->ndim * sizeof(int64_t));
    tensor->shape = b->shapes[i];
  }
  call = PyCFunction_New(&call_method, capsule);
  hold = PyCFunction_New(&hold_method, capsule);
  Py_DECREF(capsule);
  return call && hold ? Py_BuildValue("NN", call, hold) : 0;
}
