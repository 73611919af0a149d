# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Writes docs/ONNX.md to standard output from the results of the backend suite.

    python scripts/onnx_page.py results.json
"""

import collections
import json
import pathlib
import re
import sys
import textwrap

import onnx

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "python"), str(ROOT / "test" / "Python")]

import backend_suite as suite  # noqa: E402
from act_mlir.frontends.onnx import handlers  # noqa: E402,F401
from act_mlir.frontends.onnx.registry import HANDLERS  # noqa: E402

HEAD = """\
# ONNX models

Written by `scripts/onnx-suite`; change that, not this.

    build/bin/act-compile model.onnx -o model.so      # a library and its header
    build/bin/act-import-onnx model.onnx -o model.mlir

In Python `act_mlir.compile` takes a file or an `onnx.ModelProto`, and
`act_mlir.onnx_backend` is ONNX's own `Backend` interface.

`examples/models` holds networks as PyTorch exports them, which the tests compare with
onnxruntime; what onnxruntime's optimizer makes of such networks is read as well.

Every opset is read as it was, without a conversion to a newer one. Names of
dimensions become extents of any size, which the library checks; names of nodes
become locations. What is not supported is reported all at once:

    model.onnx: error: 3 nodes are not supported yet: Unique (1: "c"), my.ops.Foo (2: "a", "b")

## Limits

| what | limit |
|---|---|
| shapes that depend on data | none, except through `act_mlir.onnx_backend`, which compiles for the data of the inputs that decide a shape, at the first call with them |
| `NonZero`, `Unique`, `Compress`, `NonMaxSuppression` | not supported: the extent of their result is data |
| `If` | a known condition, or branches of one shape: then both run |
| `Loop`, `Scan`, `RNN`, `GRU`, `LSTM` | unrolled: at most 256 steps, and their number is known |
| sequences | within a model, not as its inputs or results |
| `Resize` of a dynamic extent | not with antialias, `exclude_outside`, `tf_crop_and_resize`, `half_pixel_symmetric` |
| `DFT`, `STFT` | a product with a matrix: at most 4096 long |
| `TopK`, `CumSum`, `CumProd`, `ScatterElements`, `ScatterND` | quadratic in the extent they go along |
| element types | f64, f32, f16, bf16, f8E4M3FN, f8E5M2, i1, signed and unsigned 8 to 64 bits; 4-bit integers as constants of `DequantizeLinear` |
| random numbers, strings, images, optional values, `ai.onnx.ml` | not supported |
| `Sin`, `Cos`, `Tan`, `Asin`, `Acos`, `Atan`, `Sinh`, `Cosh`, `Pow` | calls of the C library, element by element: its accuracy, and its speed; a remark names each |
| 16-bit `MatMul`, `Conv`, `Attention`, norms, reductions | computed in f32, rounded once |

"""


def paragraph(words) -> str:
    return textwrap.fill(" ".join(words), 110, break_long_words=False, break_on_hyphens=False)


def operations() -> str:
    """What has a handler, by the module that it is in, and what has a body."""
    modules = collections.defaultdict(list)
    for name, handler in HANDLERS.items():
        modules[handler.__module__.rpartition(".")[2]].append(name)
    lines = ["## Operations", ""]
    for module, names in sorted(modules.items()):
        lines += [paragraph([f"**{module}**:", *(f"`{name}`" for name in sorted(names))]), ""]
    bodies = sorted({s.name for s in onnx.defs.get_all_schemas()
                     if s.domain == "" and s.name not in HANDLERS
                     and (s.has_function or s.has_context_dependent_function)})
    lines += [paragraph(["By the body that ONNX gives them, as far as its operations are supported:",
                         *(f"`{name}`" for name in bodies)]), ""]
    return "\n".join(lines)


def table(results) -> str:
    names = sorted(results)
    groups = [("all cases", names),
              ("that take or give f32", [n for n in names if suite.is_float(n)]),
              ("of one activation", [n for n in names if suite.operator(n) in suite.ACTIVATIONS])]
    groups += [(f"`{kind}`", [n for n in names if n.startswith(f"{kind}/")])
               for kind in suite.KINDS]
    lines = [f"## ONNX's backend test suite (onnx {onnx.__version__})", "",
             "Compared as ONNX's own runner does, with its tolerances. *Nearer* is a result out of "
             "tolerance that, in\nall elements that are, lies nearer than the suite's data to what "
             "ONNX's evaluator gives in f64.", "",
             "| cases | number | " + " | ".join(suite.STATES) + " |",
             "|---|---|" + "---|" * len(suite.STATES)]
    for label, group in groups:
        found = suite.counts(results, group)
        lines.append(f"| {label} | {len(group)} | "
                     + " | ".join(str(found[s]) for s in suite.STATES) + " |")
    by_operator = collections.defaultdict(list)
    for name in names:
        by_operator[suite.operator(name)].append(name)
    lines += ["", "Operations of which not all cases passed, and models:", "",
              "| operation | number | " + " | ".join(suite.STATES) + " |",
              "|---|---|" + "---|" * len(suite.STATES)]
    for label, group in sorted(by_operator.items()):
        found = suite.counts(results, group)
        if found["passed"] < len(group):
            lines.append(f"| {label} | {len(group)} | "
                         + " | ".join(str(found[s]) for s in suite.STATES) + " |")
    lines += ["", "Cases that have not passed:", "", "| case | state | why |", "|---|---|---|"]
    for name in names:
        state, why = results[name]
        if state != "passed":
            lines.append(f"| {name} | {state} | {shortened(why)} |")
    return "\n".join(lines)


def shortened(why: str) -> str:
    why = re.sub(r"^\d+ nodes? (is|are) not supported yet: ", "", why).replace("|", "\\|")
    return why if len(why) <= 120 else why[:117] + "..."


if __name__ == "__main__":
    print(HEAD + operations() + "\n" + table(json.loads(pathlib.Path(sys.argv[1]).read_text())))
