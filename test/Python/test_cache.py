# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Libraries that are kept between processes."""

import os
import pathlib
import stat
import subprocess
import threading

import numpy as np
import pytest

import act_mlir
from act_mlir import cache, compiler

TEXT = """
func.func @f(%x: tensor<?xf32>) -> tensor<?xf32> {
  %0 = act.relu %x : tensor<?xf32>
  return %0 : tensor<?xf32>
}"""
X = np.array([-1, 2], "f4")


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """The compiler's runs; the cache lies in a folder of its own."""
    monkeypatch.setenv("ACT_CACHE_DIR", str(tmp_path / "cache"))
    count, run = [], compiler.subprocess.run

    def counted(command, **kwargs):
        if pathlib.Path(command[0]).name == "act-compile":
            count.append(command)
        return run(command, **kwargs)

    monkeypatch.setattr(compiler.subprocess, "run", counted)
    return count


def entries(tmp_path):
    return sorted((tmp_path / "cache").iterdir())


def test_a_hit_runs_no_compiler(runs, tmp_path):
    assert list(act_mlir.compile(TEXT)(X)) == [0, 2]
    assert list(act_mlir.compile(TEXT)(X)) == [0, 2]
    assert len(runs) == 1 and len(entries(tmp_path)) == 1
    assert stat.S_IMODE((tmp_path / "cache").stat().st_mode) == 0o700


@pytest.mark.parametrize("text,arguments", [
    (TEXT.replace("relu", "silu"), {}), (TEXT, {"accuracy": "highest"}),
    (TEXT, {"target": "x86-64-v3"}), (TEXT, {"options": ["--parallel=off"]})])
def test_another_program_or_argument_is_another_entry(runs, text, arguments):
    act_mlir.compile(TEXT)
    act_mlir.compile(text, **arguments)
    assert len(runs) == 2


def test_the_name_of_a_file_counts_and_so_does_its_content(runs, tmp_path):
    path, other = tmp_path / "m.mlir", tmp_path / "other.mlir"
    path.write_text(TEXT)
    other.write_text(TEXT)
    assert act_mlir.compile(path).describe()["name"] == "m"
    assert act_mlir.compile(other).describe()["name"] == "other"
    path.write_text(TEXT.replace("relu", "tanh"))
    assert act_mlir.compile(path)(X)[0] == np.tanh(np.float32(-1))
    assert len(runs) == 3


def test_a_new_compiler_is_another_entry(runs, tmp_path, monkeypatch):
    act_mlir.compile(TEXT)
    files = list(compiler._made_with(compiler.find_tool("act-compile")))
    assert {"act-compile", "libActRuntime.a", "importer.py"} <= {
        pathlib.Path(path).name for path in files}
    stamp = cache._stamp
    monkeypatch.setattr(cache, "_stamp", lambda path: [
        stamp(path)[0], stamp(path)[1] + (str(path) == files[0])])
    assert list(act_mlir.compile(TEXT)(X)) == [0, 2]
    assert len(runs) == 2 and len(entries(tmp_path)) == 2


def test_the_compiler_needs_no_other_library_that_could_change():
    """MLIR and LLVM are in it: its own time and size tell them, too."""
    needed = subprocess.run(["readelf", "-d", compiler.find_tool("act-compile")],
                            capture_output=True, text=True, check=True).stdout
    assert "libc.so" in needed and "libMLIR" not in needed and "libLLVM" not in needed


def replace(path, content):
    path.unlink()  # this process has the old one mapped
    path.write_bytes(content)


@pytest.mark.parametrize("spoil", [
    lambda entry: (entry / "model.so").unlink(),
    lambda entry: replace(entry / "model.so", b"\x7fELF"),
    lambda entry: replace(entry / "size", b"1"),
    lambda entry: replace(entry / "size", b"")])
def test_a_spoilt_entry_is_made_again(runs, tmp_path, spoil):
    act_mlir.compile(TEXT)
    [entry] = entries(tmp_path)
    size = (entry / "model.so").stat().st_size
    spoil(entry)
    act_mlir.compile(TEXT)
    assert len(runs) == 2 and (entry / "model.so").stat().st_size == size


def test_errors_are_not_kept(runs, tmp_path):
    for _ in range(2):
        with pytest.raises(act_mlir.CompileError, match="model.mlir:3:"):
            act_mlir.compile(TEXT.replace("act.relu %x", "act.relu %y"))
    assert len(runs) == 2 and entries(tmp_path) == []


def test_external_weights_are_not_kept(runs, tmp_path):
    onnx = pytest.importorskip("onnx")
    model = onnx.parser.parse_model(
        '<ir_version: 10, opset_import: ["": 21]>'
        "f (float[2] x) => (float[2] y) { y = Add(x, w) }")
    model.graph.initializer.append(onnx.numpy_helper.from_array(np.array([1, 2], "f4"), "w"))
    for _ in range(2):
        assert list(act_mlir.compile(model)(X)) == [0, 4]
    assert len(runs) == 1
    path = tmp_path / "m.onnx"
    onnx.save(model, path, save_as_external_data=True, location="m.data", size_threshold=0)
    for value in (1, 5):
        np.array([value, value], "f4").tofile(tmp_path / "m.data")
        assert list(act_mlir.compile(path)(X)) == [value - 1, value + 2]
    assert len(runs) == 3


def test_the_oldest_go(runs, tmp_path, monkeypatch):
    act_mlir.compile(TEXT)
    [first] = entries(tmp_path)
    monkeypatch.setattr(cache, "LIMIT", sum(f.stat().st_size for f in first.iterdir()) * 3 // 2)
    act_mlir.compile(TEXT.replace("relu", "hard_swish"))
    assert len(entries(tmp_path)) == 1 and not first.exists()


def test_where_others_may_write_nothing_is_kept(runs, tmp_path):
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache").chmod(0o777)
    with pytest.warns(UserWarning, match="others may write"):
        assert list(act_mlir.compile(TEXT)(X)) == [0, 2]
    assert entries(tmp_path) == []


def test_off(runs, tmp_path, monkeypatch):
    act_mlir.compile(TEXT, cache=False)
    monkeypatch.setenv("ACT_CACHE_DIR", "")
    act_mlir.compile(TEXT)
    assert len(runs) == 2 and not (tmp_path / "cache").exists()


def test_threads_that_make_one_entry(runs, tmp_path):
    found = []
    threads = [threading.Thread(target=lambda: found.append(list(act_mlir.compile(TEXT)(X))))
               for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [[0, 2]] * 4 and len(entries(tmp_path)) == 1
