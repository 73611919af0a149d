# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""A model's graph, node by node, through the handlers."""

from __future__ import annotations

import pathlib
import re
from collections import ChainMap, defaultdict

import onnx
import onnx.inliner

from ..dims import Dim
from ..graph import GraphBuilder
from ..text import Bind, DependsOnData, InvalidModel, Unsupported
from ..types import Value
from . import handlers  # noqa: F401 (registers them)
from .folding import fold
from .loading import PACKED, ModelFile, dtype_of
from .registry import HANDLERS, ONNX_DOMAINS, Node

# How often a symbol may turn out to have to equal another extent.
MAX_BINDINGS = 64


class ImportFailure(Exception):
    """Why a model cannot be imported: `file: error: ...`; `unsupported` where
    nothing is wrong with the model. Were the data of the inputs `deciding`
    known, the import would come further."""

    def __init__(self, message: str, unsupported=False, deciding=frozenset()):
        super().__init__(message)
        self.unsupported, self.deciding = unsupported, deciding


class Imported:
    """The text of a module, and the weights that it refers to."""

    def __init__(self, text: str, weights: dict[str, Value]):
        self.text, self.weights = text, weights


def import_model(model, inline_weights=False, constants=None) -> Imported:
    """Reads an ONNX model: a file, its bytes or a `ModelProto`; raises
    `ImportFailure`.

    With `inline_weights` the text holds all data, which is for small models.
    `constants` maps names of inputs to arrays: these inputs are no arguments of
    the result, which is made for their values.
    """
    if isinstance(model, onnx.ModelProto):
        model = model.SerializeToString()
    if isinstance(model, bytes):
        source, name = model, "model"
    else:
        source = name = pathlib.Path(model)
    importer = None
    try:
        importer = _Importer(source, inline_weights, constants or {})
        return importer.run()
    except Unsupported as error:
        text = str(error)
        if "supported" not in text:
            text += " is not supported yet"
        deciding = frozenset(importer.deciding) if importer else frozenset()
        raise ImportFailure(f"{name}: error: {text}", True, deciding) from error
    except InvalidModel as error:
        raise ImportFailure(f"{name}: error: {error}") from error
    except OSError as error:
        raise ImportFailure(f"{name}: error: {error.strerror or error}") from error


class _Poison:
    """A value that is not supported; `why`, where no node has been reported."""

    def __init__(self, why=""):
        self.why = why


class _Packed(_Poison):
    """A constant of 4-bit integers, which have no type here; as bytes for those
    that widen it."""

    def __init__(self, why, value):
        super().__init__(why)
        self.value = value


# Operations that read 4-bit integers, as the bytes that hold them.
WIDENING = {"DequantizeLinear"}


class _Reported(Exception):
    """A node of a nested graph is not supported."""


class _Importer:
    def __init__(self, source, inline_weights: bool, constants):
        self.file = ModelFile(source)
        self.inline_weights = inline_weights
        self.fixed = constants
        self.unsupported: dict[str, list[str]] = defaultdict(list)
        # Names of values to the inputs whose data they depend on.
        self.origins: dict[str, frozenset[str]] = {}
        self.deciding: set[str] = set()

    def run(self) -> Imported:
        _move_to_own_domain(self.file.model)
        model = self._with_calls_inlined(self.file.model)
        self._check(model)
        self.opset = _opset(model)
        self.graph = model.graph
        bindings = {}
        for _ in range(MAX_BINDINGS):
            self.builder = GraphBuilder(bindings, self.inline_weights)
            self.unsupported.clear()
            try:
                text = self._function()
                return Imported(text, self.builder.weights)
            except Bind as bind:
                if bindings.get(bind.symbol) is not None:
                    raise InvalidModel(f"extent {bind.symbol} would have to be "
                                       f"{bind.extent}") from None
                bindings = {name: _substituted(extent, bind)
                            for name, extent in bindings.items()}
                bindings[bind.symbol] = bind.extent
        raise InvalidModel("the model's shapes do not agree with each other")

    # ---- before the graph is read

    def _with_calls_inlined(self, model):
        """Functions of the model, and of ONNX where there is no handler, become
        their bodies; what has neither is reported, all at once."""
        if model.functions:
            try:
                model = onnx.inliner.inline_local_functions(model)
            except Exception as error:
                raise InvalidModel(_first_line(error)) from None
        unknown = {(n.domain, n.op_type) for n in _nodes(model.graph)
                   if _key(n) not in HANDLERS}
        expandable = [key for key in sorted(unknown) if _has_body(*key, _opset(model))]
        if expandable:
            self._check(model)
            _write_defaults(model, expandable)
            try:
                model = onnx.shape_inference.infer_shapes(model)
                # The inliner asks for the type of an operand that is left out.
                model.graph.value_info.add(name="").type.tensor_type.elem_type = 1
                model = onnx.inliner.inline_selected_functions(
                    model, expandable, inline_schema_functions=True)
            except Exception as error:
                raise InvalidModel(_first_line(error)) from None
        for node in _nodes(model.graph):
            if _key(node) not in HANDLERS:
                self._report(node, "")
        self._raise_unsupported()
        return model

    def _check(self, model):
        # Large and external data are checked when they are read; the checker
        # sees empty tensors in their place.
        checked = onnx.ModelProto()
        checked.CopyFrom(model)
        for tensor in _tensors(checked.graph):
            external = tensor.data_location == onnx.TensorProto.EXTERNAL
            if external or self.file.is_handle(tensor):
                tensor.ClearField("data_location")
                tensor.ClearField("external_data")
                tensor.dims[:] = [0]
                tensor.raw_data = b""
        try:
            onnx.checker.check_model(checked)
        except Exception as error:
            raise InvalidModel(_first_line(error)) from None

    # ---- the graph

    def _function(self) -> str:
        graph, builder = self.graph, self.builder
        self.values = ChainMap()
        self.origins.clear()
        self.deciding.clear()
        constants = {tensor.name for tensor in graph.initializer}
        for tensor in graph.initializer:
            self._define(tensor.name, self._initializer(tensor))
        if graph.sparse_initializer:
            raise Unsupported("sparse initializers are not supported")
        for info in graph.input:
            if info.name in self.fixed:
                self._define(info.name, builder.constant(self.fixed[info.name], info.name))
            elif info.name not in constants:
                self._define(info.name, self._argument(info))
                self.origins[info.name] = frozenset([info.name])
        for node in graph.node:
            self._run(node)
        results = {info.name for info in graph.output}
        for node in graph.node:
            for name in results.intersection(node.output):
                if not isinstance(self._value(name), (Value, _Poison)):
                    self._report(node, "a result that is not a tensor")
        self._raise_unsupported()
        return builder.finish(graph.name, [self._output(info) for info in graph.output])

    def _initializer(self, tensor):
        """A constant; one of a type that there is none for is its nodes' matter."""
        try:
            if tensor.data_type in PACKED:
                kind = onnx.TensorProto.DataType.Name(tensor.data_type)
                value = self.builder.constant(self.file.unpacked(tensor), tensor.name)
                return _Packed(f"element type {kind}", value)
            return self.builder.constant(self.file.array(tensor), tensor.name)
        except Unsupported as error:
            return _Poison(str(error))

    def _argument(self, info):
        """An input; one of a type that there is none for is its nodes' matter."""
        try:
            return self.builder.input(info.name, *_tensor_type(info))
        except Unsupported as error:
            return _Poison(str(error))

    def _run(self, proto):
        """One node: folded, or by its handler."""
        operands = [self._value(name) for name in proto.input]
        if proto.op_type in WIDENING:
            operands = [v.value if isinstance(v, _Packed) else v for v in operands]
        poisons = [v for v in operands if isinstance(v, _Poison)]
        if poisons:
            for why in {v.why for v in poisons if v.why}:
                self._report(proto, why)
            results = [_Poison() for _ in proto.output]
        else:
            self.builder.location = _node_name(proto)
            node = Node(proto, operands, self.opset, self.builder, self.file, self._body)
            try:
                results = fold(self.builder, node, proto)
                if results is None:
                    results = HANDLERS[_key(proto)](self.builder, node)
            except _Reported:
                results = [_Poison() for _ in proto.output]
            except Unsupported as error:
                self._report(proto, str(error))
                if isinstance(error, DependsOnData):
                    for name, value in zip(proto.input, operands):
                        if value is error.value:
                            self.deciding |= self.origins.get(name, frozenset())
                results = [_Poison() for _ in proto.output]
            except InvalidModel as error:
                raise InvalidModel(f"{_described(proto)}: {error}") from error
            except (Bind, MemoryError):
                raise
            except Exception as error:
                # A malformed model may break an assumption anywhere: it is
                # still an error at a node.
                raise InvalidModel(f"{_described(proto)}: cannot be imported "
                                   f"({type(error).__name__}: {error})") from error
        if not isinstance(results, (list, tuple)):
            results = [results]
        if len(results) < len(proto.output):
            self._report(proto, "an optional result")
            results = [_Poison() for _ in proto.output]
        origins = frozenset().union(*(self.origins.get(n, ()) for n in proto.input))
        for name, value in zip(proto.output, results):
            if name:
                self._define(name, value)
                self.origins[name] = origins

    def _body(self, graph, operands) -> list:
        """The results of a nested graph, which sees the values around it."""
        if len(operands) != len(graph.input):
            raise InvalidModel(f"{len(operands)} operands for a body of {len(graph.input)}")
        self.values, location = self.values.new_child(), self.builder.location
        try:
            for tensor in graph.initializer:
                self._define(tensor.name, self._initializer(tensor))
            for info, value in zip(graph.input, operands):
                self._define(info.name, value)
            for node in graph.node:
                self._run(node)
            results = [self._value(info.name) for info in graph.output]
        finally:
            self.values, self.builder.location = self.values.parents, location
        if any(isinstance(value, _Poison) for value in results):
            raise _Reported
        return results

    def _define(self, name, value):
        if name in self.values.maps[0]:
            raise InvalidModel(f"value '{name}' is defined twice")
        self.values[name] = value

    def _value(self, name):
        if not name:
            return None
        try:
            return self.values[name]
        except KeyError:
            raise InvalidModel(f"value '{name}' is used, but not defined before") from None

    def _output(self, info):
        value = self._value(info.name)
        if isinstance(value, _Poison):
            raise Unsupported(value.why)
        dtype, dims = _tensor_type(info, ranked=False)
        if value.dtype != dtype:
            raise InvalidModel(f"result '{info.name}' is declared as {dtype}, but is {value.dtype}")
        if dims is not None and len(dims) != value.rank:
            raise InvalidModel(f"result '{info.name}' is declared of rank {len(dims)}, "
                               f"but has rank {value.rank}")
        return info.name, value

    # ---- what is not supported

    def _report(self, proto, why):
        name = proto.op_type if proto.domain in ONNX_DOMAINS else f"{proto.domain}.{proto.op_type}"
        names = self.unsupported[f"{name} with {why}" if why else name]
        # A body may run more than once.
        if _node_name(proto) not in names:
            names.append(_node_name(proto))

    def _raise_unsupported(self):
        if not self.unsupported:
            return
        count = sum(map(len, self.unsupported.values()))
        parts = []
        for what, names in sorted(self.unsupported.items()):
            listed = ", ".join(f'"{name}"' for name in names[:8])
            more = f", and {len(names) - 8} more" if len(names) > 8 else ""
            parts.append(f"{what} ({len(names)}: {listed}{more})")
        verb = "nodes are" if count > 1 else "node is"
        raise Unsupported(f"{count} {verb} not supported yet: {', '.join(parts)}")


def _substituted(extent, bind):
    """The extent with what the symbol turned out to be."""
    if not isinstance(extent, Dim) or extent.as_symbol() != bind.symbol:
        return extent
    return bind.extent


def _nodes(graph):
    for node in graph.node:
        yield node
        for attribute in node.attribute:
            for nested in (*attribute.graphs, *([attribute.g] if attribute.HasField("g") else ())):
                yield from _nodes(nested)


# What onnxruntime's optimizer puts into ONNX's domain, which has no such thing.
MISPLACED = {"SimplifiedLayerNormalization"}


def _move_to_own_domain(model):
    for node in _nodes(model.graph):
        if node.op_type in MISPLACED and node.domain in ONNX_DOMAINS:
            node.domain = "com.microsoft"
            if all(opset.domain != node.domain for opset in model.opset_import):
                model.opset_import.add(domain=node.domain, version=1)


def _write_defaults(model, functions):
    """Attributes that a node leaves out: a body refers to them as given."""
    for node in _nodes(model.graph):
        if (node.domain, node.op_type) not in functions:
            continue
        given = {attribute.name for attribute in node.attribute}
        for name, attribute in _schema(node.domain, node.op_type, _opset(model)).attributes.items():
            if name not in given and attribute.default_value.name:
                node.attribute.append(attribute.default_value)


def _schema(domain, name, opset):
    return onnx.defs.get_schema(name, opset, domain)


def _tensors(graph):
    yield from graph.initializer
    for node in _nodes(graph):
        for attribute in node.attribute:
            yield from attribute.tensors
            if attribute.HasField("t"):
                yield attribute.t


def _key(node) -> str:
    return node.op_type if node.domain in ONNX_DOMAINS else f"{node.domain}.{node.op_type}"


def _opset(model) -> int:
    for opset in model.opset_import:
        if opset.domain not in ONNX_DOMAINS:
            continue
        newest = onnx.defs.onnx_opset_version()
        if not 1 <= opset.version <= newest:
            raise InvalidModel(f"opset {opset.version} is none of 1 to {newest}, which "
                               "the installed onnx package knows")
        return opset.version
    if all(node.domain not in ONNX_DOMAINS for node in _nodes(model.graph)):
        return onnx.defs.onnx_opset_version()
    raise InvalidModel("the model names no opset of ONNX")


def _has_body(domain, name, opset) -> bool:
    """Whether ONNX defines the operation by others."""
    try:
        schema = _schema(domain, name, opset)
    except onnx.defs.SchemaError:
        return False
    return schema.has_function or schema.has_context_dependent_function


def _tensor_type(info, ranked=True):
    kind = info.type
    if not kind.HasField("tensor_type"):
        raise Unsupported(f"'{info.name}', which is not a tensor")
    tensor = kind.tensor_type
    if not tensor.HasField("shape"):
        if ranked:
            raise Unsupported(f"input '{info.name}' of no known rank")
        return dtype_of(tensor.elem_type), None
    dims = []
    for dim in tensor.shape.dim:
        if dim.HasField("dim_value"):
            if dim.dim_value < 0:
                raise InvalidModel(f"'{info.name}' has a negative extent")
            dims.append(dim.dim_value)
        else:
            dims.append(dim.dim_param or None)
    return dtype_of(tensor.elem_type), dims


def _node_name(proto) -> str:
    return proto.name or f"{proto.op_type}:{next(iter(proto.output), '')}"


def _described(proto) -> str:
    return f'node "{_node_name(proto)}" ({proto.op_type})'


def _first_line(error) -> str:
    text = re.sub(r"\s*==> Context:.*", "", str(error), flags=re.S).strip()
    return text.splitlines()[0] if text else type(error).__name__
