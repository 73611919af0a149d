# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""The benchmarks' driver, without peers: that it runs and that results are
right, never how long they take."""

import copy
import json
import subprocess
import sys

import pytest

from conftest import ROOT

RUN = ROOT / "benchmarks" / "run.py"


def run(*arguments):
    return subprocess.run([sys.executable, RUN, *map(str, arguments)], capture_output=True,
                          text=True)


def test_errors(tmp_path):
    script = ROOT / "benchmarks" / "accuracy.py"
    done = subprocess.run([sys.executable, script, "silu", "--stride=99991", "--peers=glibc",
                           f"--output={tmp_path}"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    header, *lines = (tmp_path / "accuracy.tsv").read_text().splitlines()
    rows = {row["contender"]: row for row in
            (dict(zip(header.split("\t"), line.split("\t"))) for line in lines)}
    for mode, bound in (("highest", 0.5), ("precise", 1), ("fast", 4)):
        assert float(rows[f"act {mode}"]["ulps"]) <= bound
        assert rows[f"act {mode}"]["specials"] == ""
    # x / (1 + e^-x) is lost below -88.7.
    assert float(rows["glibc"]["ulps"]) > 1e6 and float(rows["glibc"]["worst"]) < -88
    assert rows["glibc"]["specials"] == "f(-inf) = nan"
    assert (tmp_path / "accuracy-silu.png").stat().st_size > 1000
    wrong = subprocess.run([sys.executable, script, "sine"], capture_output=True, text=True)
    assert wrong.returncode == 2 and "expected operations of relu" in wrong.stderr


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    done = run("elementwise", "--quick", "--peers=", "--only=relu f32", f"--output={folder}")
    assert done.returncode == 0, done.stderr
    return folder / "elementwise-v4-1t.json"


def test_result(result):
    data = json.loads(result.read_text())
    [cell] = data["cells"]
    assert cell["operation"] == "relu" and cell["elements"] == 262144
    assert cell["errors"]["act precise"]["ulp"] == 0
    for name in ("act precise", "act fast", "copy"):
        assert 0 < cell["times"][name]["best"] <= cell["times"][name]["median"]
    assert data["machine"]["cpu"] and data["versions"] == {}
    assert set(data["left_out"]) == {"torch", "inductor", "jax", "onnxruntime", "openvino",
                                      "upstream"}
    page = result.with_suffix(".md").read_text()
    assert "| relu |" in page and "torch is left out: " in page
    assert "[elementwise, v4, 1 thread](elementwise-v4-1t.md)" in (
        result.with_name("README.md").read_text())
    assert result.with_suffix(".png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("suite,text", [
    ("elementwise16", "silu bf16 4096"), ("chains", "swiglu f32 4096"),
    ("rows", "softmax f32 2048x128"), ("matmul", "linear_gelu f32 64x64x64"),
    ("torch", "mlp f32")])
def test_suites_are_right(suite, text):
    done = run(suite, "--prepare", "--peers=", f"--only={text}")
    assert done.returncode == 0, done.stderr


def test_compile_times(tmp_path):
    done = run("compile", "--quick", "--peers=", f"--output={tmp_path}")
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "compile-v4-1t.json").read_text())["compile"]
    assert [row["operations"] for row in found["chains"]] == [10, 1000]
    assert all(row["seconds"] > 0 and row["peak_mib"] > 0 for row in found["chains"])
    # Ten equal layers are one kernel and ten times the weights.
    one, ten = found["networks"]
    assert ten["layers"] == 10 and ten["library_kib"] < one["library_kib"] + 10 * 17
    [library] = found["libraries"]
    assert library["weights_mib"] == pytest.approx(1, rel=0.01)
    assert 1 < library["library_over_weights"] < 1.1
    assert set(found["one_kernel"]) >= {"act_mlir.compile, new", "act_mlir.compile, kept from before"}
    assert "| 1,000 |" in (tmp_path / "compile-v4-1t.md").read_text()


def test_compare(result, tmp_path):
    data = json.loads(result.read_text())
    for ratios in data["cells"][0]["ratios"].values():
        for ratio in ratios.values():
            ratio["q1"] = ratio["q3"] = ratio["best"]
    old, path = tmp_path / "old.json", tmp_path / "new.json"
    old.write_text(json.dumps(data))
    same = run("compare", old, old)
    assert same.returncode == 0 and "2 compared: 0 slower, 0 faster, 0 gone" in same.stdout
    for factor, losses in (0.98, 0), (0.96, 1), (1.04, 0):
        new = copy.deepcopy(data)
        for ratio in new["cells"][0]["ratios"]["act precise"].values():
            ratio.update({key: value * factor for key, value in ratio.items()})
        path.write_text(json.dumps(new))
        done = run("compare", old, path)
        assert done.returncode == losses and f"2 compared: {losses} slower" in done.stdout
        assert ("slower: relu f32 262144, act precise" in done.stdout) == bool(losses)
    path.write_text(json.dumps(data | {"cells": []}))
    done = run("compare", old, path)
    assert done.returncode == 1 and "gone: relu f32 262144" in done.stdout
    path.write_text(json.dumps(data | {"level": "v3"}))
    assert "level is v4 and v3" in run("compare", old, path).stderr


def test_wrong_results_are_errors(result):
    from harness import report
    data = json.loads(result.read_text())
    assert report.wrong(data) == []
    data["cells"][0]["errors"]["act fast"]["ulp"] = 4.5
    [text] = report.wrong(data)
    assert text.startswith("relu f32 262144, act fast: 4.5 from the reference (ulp)")
    data["cells"][0]["errors"]["act fast"]["ulp"] = float("nan")
    assert len(report.wrong(data)) == 1
    data["cells"][0]["errors"]["act fast"]["ulp"] = 0
    data["cells"][0]["missing"] = {"torch": "not there", "act precise": "does not compile"}
    assert report.wrong(data) == ["relu f32 262144, act precise: does not compile"]


def test_every_suite_can_be_read():
    from harness import cells
    for name in set(cells.names()) - set(cells.SPECIAL):
        _, found = cells.models() if name == "torch" else cells.suite(name)
        keys = [cell.key for cell in found]
        assert keys and len(keys) == len(set(keys))


@pytest.mark.parametrize("arguments,text", [
    (["nothing"], "no suite 'nothing'"), (["rows", "--peers=tf"], "no peer tf")])
def test_usage(arguments, text):
    done = run(*arguments)
    assert done.returncode != 0 and text in done.stderr and "Traceback" not in done.stderr
