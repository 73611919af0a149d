# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""`act-import-onnx`: what it writes, and what it says about bad models."""

import json
import subprocess
import sys

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from act_mlir.frontends.onnx import ImportFailure, import_model
from act_mlir.frontends.onnx.__main__ import main
from conftest import ROOT
from models import Graph, info, numbers

DIGITS = ROOT / "examples" / "digits"


def failure(model, **options) -> str:
    with pytest.raises(ImportFailure) as caught:
        import_model(model, **options)
    return str(caught.value)


# ---- what it writes

def test_weights_by_reference(tmp_path):
    out = tmp_path / "mlp.mlir"
    assert main([str(DIGITS / "mlp.onnx"), "-o", str(out)]) == 0
    text = out.read_text()
    assert 'dense_resource<"fc1.weight"> : tensor<128x64xf32>' in text
    assert 'loc("fc2/gelu")' in text and "func.func @digits_mlp" in text
    manifest = json.loads((tmp_path / "mlp.weights.json").read_text())
    model = onnx.load(DIGITS / "mlp.onnx")
    for tensor in model.graph.initializer:
        if tensor.name not in manifest:
            assert np.prod(tensor.dims) <= 16
            continue
        entry = manifest[tensor.name]
        assert entry["offset"] % 64 == 0 and entry["dtype"] == "f32"
        data = np.fromfile(tmp_path / entry["file"], "f4", offset=entry["offset"],
                           count=entry["length"] // 4)
        assert np.array_equal(data.reshape(entry["shape"]), numpy_helper.to_array(tensor))


def test_the_command_in_a_process_of_its_own():
    done = subprocess.run(
        [sys.executable, "-m", "act_mlir.frontends.onnx", "--inline-weights",
         str(DIGITS / "cnn.onnx")], capture_output=True, text=True, cwd=ROOT / "python")
    assert done.returncode == 0 and "linalg.conv_2d_nchw_fchw" in done.stdout


def test_the_same_bytes_each_time():
    first, second = (import_model(DIGITS / "cnn.onnx").text for _ in range(2))
    assert first == second


def test_usage():
    for arguments in ([], ["x.onnx", "--no-such-option"],
                      ["x.onnx", "--weights", "w.json", "--inline-weights"]):
        with pytest.raises(SystemExit) as exit:
            main(arguments)
        assert exit.value.code == 2


def test_large_weights_need_a_place(capsys):
    assert main([str(DIGITS / "mlp.onnx")]) == 1
    assert "give a file for them with --weights" in capsys.readouterr().err


def test_an_output_that_cannot_be_written(tmp_path, capsys):
    out = tmp_path / "no" / "such" / "folder.mlir"
    assert main([str(DIGITS / "mlp.onnx"), "-o", str(out)]) == 1
    assert "error: No such file or directory" in capsys.readouterr().err


def test_an_old_output_survives_a_failure(tmp_path):
    out, bad = tmp_path / "out.mlir", tmp_path / "bad.onnx"
    out.write_text("old")
    bad.write_bytes(b"\x00\x01garbage")
    assert main([str(bad), "-o", str(out)]) == 1
    assert out.read_text() == "old"


# ---- what is not supported

def test_everything_unsupported_at_once(tmp_path, capsys):
    g = Graph(x=("f4", [3]))
    g.add("Relu", "x")
    model = g.model()
    for name, op, domain in (("a", "Foo", "my.ops"), ("b", "Foo", "my.ops"), ("c", "Unique", "")):
        model.graph.node.append(helper.make_node(op, ["x"], [name], name, domain=domain))
    model.opset_import.append(helper.make_opsetid("my.ops", 1))
    path = tmp_path / "model.onnx"
    onnx.save(model, path)
    assert main([str(path)]) == 1
    assert capsys.readouterr().err == (
        f'{path}: error: 3 nodes are not supported yet: Unique (1: "c"), '
        'my.ops.Foo (2: "a", "b")\n')


def test_unsupported_attributes_name_their_nodes():
    g = Graph(x=("f4", [3, 3]), s=("i8", [2]))
    g.add("Reshape", "x", "s")
    g.add("Cast", "x", to=TensorProto.STRING)
    text = failure(g.model())
    assert "Reshape with a shape that depends on data" in text
    assert "Cast with element type STRING" in text and "2 nodes are not supported yet" in text


def test_element_types_and_domains():
    model = helper.make_model(helper.make_graph(
        [helper.make_node("Identity", ["x"], ["y"])], "g",
        [helper.make_tensor_value_info("x", TensorProto.STRING, [1])],
        [helper.make_tensor_value_info("y", TensorProto.STRING, [1])]))
    assert "element type STRING" in failure(model)


# ---- malformed models

def digits() -> onnx.ModelProto:
    return onnx.load(DIGITS / "cnn.onnx")


def test_files_that_are_no_models(tmp_path):
    path = tmp_path / "m.onnx"
    assert "no such file" in failure(path)
    assert "not a file" in failure(tmp_path)
    path.write_bytes(b"")
    assert "the file is empty" in failure(path)
    path.write_text("func.func @f() { return }")
    assert "not an ONNX model" in failure(path)


def test_truncated_models():
    data = digits().SerializeToString()
    for end in range(0, len(data), len(data) // 60):
        assert "error:" in failure(data[:end])


def test_random_changes_never_raise_anything_else():
    data = bytearray((DIGITS / "mlp.onnx").read_bytes()[-1500:])
    whole = (DIGITS / "mlp.onnx").read_bytes()[:-1500]
    rng = np.random.default_rng(1)
    for _ in range(60):
        changed = bytearray(data)
        for at in rng.integers(0, len(changed), 3):
            changed[at] = rng.integers(0, 256)
        try:
            import_model(whole + bytes(changed))
        except ImportFailure as error:
            assert "error: " in str(error)


def test_deep_nesting():
    """Graphs in attributes of nodes of graphs, byte by byte: the protocol
    buffer library itself refuses to write them."""
    def field(number, body):
        length, encoded = len(body), []
        while length >= 0x80:
            encoded.append(length & 0x7F | 0x80)
            length >>= 7
        return bytes([number << 3 | 2, *encoded, length]) + body

    graph = b""
    for _ in range(2000):
        graph = field(1, field(5, field(6, graph)))
    assert "nested deeper" in failure(field(7, graph))


def test_lengths_against_shapes():
    model = digits()
    model.graph.initializer[2].dims[0] += 1
    assert "needs 4896 bytes, but has 4608" in failure(model)
    model = digits()
    model.graph.initializer[2].dims[0] = 2 ** 62
    assert "bytes, but has 4608" in failure(model)
    model = digits()
    model.graph.initializer[2].dims[0] = -5
    assert "negative extent" in failure(model)


def test_cycles_duplicates_and_dangling_names():
    model = digits()
    model.graph.node[0].input[0] = "probabilities"
    assert "probabilities" in failure(model)
    model = digits()
    model.graph.node[1].output[0] = model.graph.node[0].output[0]
    assert "error" in failure(model)
    model = digits()
    model.graph.output[0].name = "nowhere"
    assert "nowhere" in failure(model)


def test_opsets():
    model = digits()
    model.opset_import[0].version = 999
    assert "opset 999" in failure(model)
    model = digits()
    del model.opset_import[:]
    assert "opset" in failure(model)


def test_shapes_that_do_not_agree():
    g = Graph(x=("f4", [3, 4]), y=("f4", [5]))
    g.nodes.append(helper.make_node("Add", ["x", "y"], ["z"], "sum"))
    model = helper.make_model(helper.make_graph(
        g.nodes, "g", g.inputs, [info("z", "f4", [3, 4])]))
    assert 'node "sum" (Add): broadcasting: 4 and 5 do not agree' in failure(model)


# ---- external data

def external(tmp_path, location, offset=0, length=None, data=None):
    """A model whose weight lies outside of the file."""
    weight = numbers(40, 20)
    tensor = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=weight.shape,
                         data_location=TensorProto.EXTERNAL)
    for key, value in (("location", location), ("offset", str(offset)),
                       ("length", str(weight.nbytes if length is None else length))):
        tensor.external_data.add(key=key, value=value)
    if data is not None:
        (tmp_path / data).parent.mkdir(exist_ok=True)
        (tmp_path / data).write_bytes(b"\0" * offset + weight.tobytes())
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"], "dense")], "g",
        [info("x", "f4", ["N", 40])], [info("y", "f4", ["N", 20])], [tensor])
    path = tmp_path / "m.onnx"
    path.write_bytes(helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10).SerializeToString())
    return path, weight


def test_external_data_are_referred_to_where_they_are(tmp_path):
    path, _ = external(tmp_path, "data/w.bin", 128, data="data/w.bin")
    assert main([str(path), "-o", str(tmp_path / "m.mlir")]) == 0
    entry = json.loads((tmp_path / "m.weights.json").read_text())["w"]
    assert entry["file"] == "data/w.bin" and entry["offset"] == 128
    assert (tmp_path / "m.weights.bin").stat().st_size == 0


def test_external_data_that_are_not_aligned_are_copied(tmp_path):
    path, weight = external(tmp_path, "w.bin", 100, data="w.bin")
    assert main([str(path), "-o", str(tmp_path / "m.mlir")]) == 0
    entry = json.loads((tmp_path / "m.weights.json").read_text())["w"]
    assert entry["file"] == "m.weights.bin"
    assert (tmp_path / "m.weights.bin").read_bytes() == weight.tobytes()


@pytest.mark.parametrize("location", ["../w.bin", "/etc/passwd", "a/../../w.bin", ""])
def test_external_data_stay_in_the_folder(tmp_path, location):
    path, _ = external(tmp_path, location)
    assert "external data must lie in the model's folder" in failure(path)


def test_a_link_does_not_lead_out_of_the_folder(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    (tmp_path / "w.bin").write_bytes(bytes(3200))
    (folder / "w.bin").symlink_to("../w.bin")
    path, _ = external(folder, "w.bin")
    assert "lead out of the model's folder" in failure(path)


def test_external_data_that_are_missing_or_short(tmp_path):
    path, _ = external(tmp_path, "w.bin")
    assert "no external data at 'w.bin'" in failure(path)
    path, _ = external(tmp_path, "w.bin", offset=64)
    (tmp_path / "w.bin").write_bytes(bytes(3200))
    assert "external data end before byte 3264" in failure(path)
    path, _ = external(tmp_path, "w.bin", length=3199)
    assert "needs 3200 bytes, but has 3199" in failure(path)
