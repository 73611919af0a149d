// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// A program from text to machine code.

#ifndef ACT_MLIR_COMPILER_PROGRAM_H
#define ACT_MLIR_COMPILER_PROGRAM_H

#include "act-mlir/Pipelines/Pipelines.h"
#include "act-mlir/Target/Codegen.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/Error.h"
#include <optional>
#include <string>
#include <vector>

namespace mlir {
class DialectRegistry;
class PassManager;
} // namespace mlir

namespace mlir::act {

/// An input or a result of the entry point.
struct Argument {
  std::string name; // the attribute `act.name`, else input0, output0, ...
  RankedTensorType type;
  /// As `act_argument` has them: -1 for any extent, and one number below for
  /// all extents that one name stands for in the attributes `act.dims`.
  SmallVector<int64_t> extents;
  bool isUnsigned = false; // the attribute `act.unsigned`
  bool isRead = true;      // by the entry point
};

struct Signature {
  std::string entry;
  std::vector<Argument> inputs, outputs;
  /// The arguments behind the inputs that have the attribute `act.constant`,
  /// and after the stage `fuse` what is prepared of them.
  std::vector<Argument> constants, prepared;
  /// What needs each pair of extents that its function of shapes returns
  /// behind the shapes to be equal; known after the stage `simplify`.
  std::vector<std::string> checks;
};

/// "act-mlir 0.1.0, LLVM 22.1.8".
void printVersion(raw_ostream &os);

/// The signature of a program's single public function, or a located error.
FailureOr<Signature> getSignature(ModuleOp module);

/// An error where a program has constant arguments, for `target`, which has no
/// place for what is prepared of them.
LogicalResult refuseConstants(ModuleOp module, StringRef target);

/// The dialects that programs are written in, with what compiling needs of
/// them.
void registerCompilerDialects(DialectRegistry &registry);

/// A module that reads a file after the guards of `checkInput`.
OwningOpRef<ModuleOp> parseProgram(StringRef path, MLIRContext *context);

/// The same of text or bytecode in memory, which diagnostics call `name`. What
/// the guards find goes to `log`.
OwningOpRef<ModuleOp> parseProgramText(StringRef name, StringRef contents,
                                       MLIRContext *context, raw_ostream &log);

/// Why a file is no input: nesting deeper than 256 levels, no MLIR text or
/// bytecode, nothing in it. Success says only that it is safe to parse.
llvm::Error checkInput(StringRef path, StringRef contents,
                       bool allowEmpty = false);

/// Reads text of at most 1 MiB in a child process first: upstream's parser
/// crashes on some, for example where an operation's own form takes a list with
/// something odd in it. The error names the line. What the parser itself finds
/// wrong is left to the real run, which knows plugins and options. For tools
/// that have one thread yet.
llvm::Error tryText(StringRef path, StringRef contents);

/// Prints diagnostics as `file:line:col: error: ...`, or with the name of the
/// model's node where that is what is known, for as long as it lives.
class DiagnosticPrinter : public ScopedDiagnosticHandler {
public:
  explicit DiagnosticPrinter(MLIRContext *context,
                             raw_ostream &os = llvm::errs());
};

/// The constants of a program, in the order and at the offsets at which its
/// code expects them. The values belong to the context.
struct Weights {
  SmallVector<ElementsAttr> values;
  SmallVector<int64_t> offsets;
  int64_t bytes = 0;

  /// All bytes, with zeros between the values.
  void write(raw_ostream &os) const;
};

struct CompileOptions {
  std::string name = "model"; ///< a C identifier
  std::string accuracy = "precise";
  std::string triple; ///< empty: the host's
  /// The CPU levels, such as x86-64-v4; the best first. "native": the host's.
  SmallVector<std::string> cpus = {"native"};
  int64_t vectorBits = 0; ///< 0: each CPU's own
  unsigned optLevel = 3;
  bool raise = true;         ///< find activations in decomposed form
  bool roundOnce = false;    ///< round a fused chain once, at its end
  bool reproducible = false; ///< the same bits on every target
  bool parallel = true;      ///< threads share large kernels
  /// GPUs such as sm_80 that a library has code for beside the CPU's.
  SmallVector<std::string> chips;
  /// Kernels of a GPU, executed on the CPU (Target/GPUExecutor.h).
  bool gpuExecutor = false;
  /// Also code that runs each kernel alone, for `describe` and the self test.
  bool probes = true;
  /// Called on each pass manager before it runs (timing, printing).
  std::function<LogicalResult(PassManager &)> instrument;
};

/// A kernel of a program alone.
struct Probe {
  std::string name; ///< "gelu on f32 by f32-pair"
  Type element;
  unsigned operands;
  /// The operands and then the results that are expected, as act_probe has
  /// them.
  std::string data;
};

/// Machine code of one CPU level.
struct Level {
  std::string name;
  uint64_t features = 0; ///< what the CPU must have: lib/Runtime/Program.h
  std::string code;      ///< what `fileType` asks for
};

/// PTX for a chip, such as 80 for sm_80.
struct GPUImage {
  int chip;
  std::string text;
};

/// Kernels, from the newest chip to the oldest, and the host's code.
struct GPUCode {
  std::vector<GPUImage> images;
  std::vector<std::string> kernels; ///< names, as launches count them
  Level host{"gpu", 0, ""};
};

/// A compiled program: relocatable code for each level, and what a runtime
/// must know to call it.
struct CompiledProgram {
  std::string name;
  std::string triple; ///< of the levels' code
  Signature signature;
  std::string json;        ///< what `describe` returns
  std::string explanation; ///< what fused, and why other things did not
  std::vector<Level> levels;
  std::optional<GPUCode> gpu;
  Weights weights;
  /// One for each kernel of an activation, in the order of the levels'
  /// functions "probes"; without any there are none.
  std::vector<Probe> probes;

  /// The function of a level: "run", "shapes", "workspace", "probes", "prepare"
  /// or "prepare_workspace".
  std::string symbol(const Level &level, StringRef function) const;
};

/// What a compilation may end as: the values of `--emit`.
enum class Emit {
  Shared,
  Object,
  Assembly,
  LLVMIR,
  MLIR,
  PTX,
  Cubin,
  FatBinary
};

enum class CodeKind { Object, Assembly, LLVMIR };

/// The CPU levels that a library for a machine has unless others are named, the
/// best first. An empty triple: the host's.
SmallVector<std::string> defaultCPUs(StringRef triple);

/// MLIR after the stages up to `last`, of the first CPU. The module is
/// consumed.
llvm::Expected<std::string> textAfter(ModuleOp module, Stage last,
                                      const CompileOptions &options);

/// Compiles; the module is consumed. Errors have been reported through the
/// context's diagnostics, or are in the returned error's text.
llvm::Expected<CompiledProgram>
compileProgram(ModuleOp module, const CompileOptions &options,
               CodeKind kind = CodeKind::Object);

} // namespace mlir::act

#endif // ACT_MLIR_COMPILER_PROGRAM_H
