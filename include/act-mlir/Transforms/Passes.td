// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ACT_TRANSFORMS_PASSES
#define ACT_TRANSFORMS_PASSES

include "mlir/Pass/PassBase.td"

def ResolveDims : Pass<"act-resolve-dims"> {
  let summary = "ask operands for the extents of elementwise results";
  let description = [{
    `tensor.dim` of an elementwise operation's result becomes `tensor.dim` of an
    operand: a use of a result only to know its size keeps it alive and keeps
    operations apart.
  }];
  let dependentDialects = ["::mlir::tensor::TensorDialect"];
}

def Fuse : Pass<"act-fuse", "::mlir::func::FuncOp"> {
  let summary = "group tensor operations into act.kernel regions";
  let description = [{
    A kernel is one of three kinds, and grows from its operations' uses:

    - `map`: elementwise operations (`act`, `arith` and `math` on tensors, and
      `linalg` with parallel loops alone) of one shape.
    - `rows`: operations that reduce rows (`act.softmax` and its like, `linalg`
      reductions over dimensions of an operand) and what is mapped from or to
      the rows and their reduced values, as in a norm. Each pass over a row
      computes again what it reads: a producer joins where that costs less than
      to store and load it.
    - `contraction`: a product, convolution or window, and the maps of its
      result.

    Dimensions of extent 1 that a reshape drops or adds do not keep operations
    apart. Extents are the same where the program says so: the same value, the
    same name in `act.dims`, or operands of an operation that needs them equal.
    Bodies are on tensors: before

    ```mlir
    %0 = act.relu %x : tensor<4xf32>
    %1 = act.tanh %0 : tensor<4xf32>
    ```

    and after

    ```mlir
    %e = tensor.empty() : tensor<4xf32>
    %1 = act.kernel ins(%x : tensor<4xf32>) outs(%e : tensor<4xf32>)
        attributes {fusion = {kind = "map"}} {
    ^bb0(%a: tensor<4xf32>, %o: tensor<4xf32>):
      %g = linalg.generic ... { act.relu, act.tanh on f32 }
      act.yield %g : tensor<4xf32>
    } -> tensor<4xf32>
    ```

    The attribute `fusion` also lists what a kernel reads from another one and
    why they are two; docs/Fusion.md has the reasons. A kernel has at most
    `max-ops` operations: LLVM's passes over one straight piece of code take
    more than linear time.

    The pass is linear in the number of operations.
  }];
  let options = [
    Option<"maxOps", "max-ops", "unsigned", /*default=*/"512",
           "operations of one kernel; 1 keeps each apart">];
  let statistics = [
    Statistic<"numKernels", "kernels", "kernels formed">,
    Statistic<"numFused", "fused", "operations that joined another's kernel">];
  let dependentDialects = ["::mlir::act::ActDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
}

def OutlineConstants : Pass<"act-outline-constants", "::mlir::ModuleOp"> {
  let summary = "give work on constant arguments a function of its own";
  let description = [{
    The last arguments of an entry point may have the attribute `act.constant`:
    weights, whose values change rarely. What they alone decide is computed by
    `<entry>_prepare`, which takes them and returns what becomes more arguments,
    with the attribute `act.prepared`, behind them. Before

    ```mlir
    func.func @f(%x: tensor<4xf32>, %w: tensor<4xf32> {act.constant})
        -> tensor<4xf32> {
      %0 = math.exp %w : tensor<4xf32>
      %1 = arith.mulf %x, %0 : tensor<4xf32>
      return %1 : tensor<4xf32>
    }
    ```

    and after

    ```mlir
    func.func @f(%x: tensor<4xf32>, %w: tensor<4xf32> {act.constant},
                 %p: tensor<4xf32> {act.prepared}) -> tensor<4xf32> {
      %1 = arith.mulf %x, %p : tensor<4xf32>
      return %1 : tensor<4xf32>
    }
    func.func @f_prepare(%w: tensor<4xf32>) -> tensor<4xf32> {
      %0 = math.exp %w : tensor<4xf32>
      return %0 : tensor<4xf32>
    }
    ```

    Reshapes and slices stay, and what would make much more memory than it
    reads, as a broadcast does. Run once more, it moves what has become of the
    rest: the stage `fuse` has it before kernels form and after their operands
    are packed.
  }];
}

def VerifyFused : Pass<"act-verify-fused", "::mlir::ModuleOp"> {
  let summary = "demand that operations that name one group are one kernel";
  let description = [{
    Operations with the attribute `act.expect_fused` say of which group they
    are. After `act-fuse`, those of one group that are in two kernels, or in
    none, are errors with the reasons for which they stayed apart. So

    ```mlir
    %0 = act.gelu %x {act.expect_fused = "mlp"} : tensor<4xf32>
    %1 = arith.mulf %0, %z {act.expect_fused = "mlp"} : tensor<4xf32>
    ```

    makes a test that fails when the two do not fuse any more. Nothing changes.
  }];
}

def ReportFusion : Pass<"act-report-fusion", "::mlir::ModuleOp"> {
  let summary = "say by remarks what fused, and why other things did not";
  let description = [{
    For each kernel one remark of the category `act-fuse` that names its
    operations, and one for each operation of another kernel that it reads,
    with the reason as the remark's name. Remarks have no lock, so that this is
    a pass of its own, on the module. For the program that `act-fuse` shows,

    ```mlir
    %1 = act.kernel ... attributes {fusion = {kind = "map"}} {...}
    ```

    stays as it is, and `--remark-policy=all --remarks-filter-passed=act-fuse`
    prints

    ```
    [Passed] map | Category:act-fuse | Function=f | act.relu, act.tanh
    ```
  }];
}

def DecomposeTensorOps : Pass<"act-decompose-tensor-ops"> {
  let summary = "write pads and concatenations as insertions";
  let description = [{
    `tensor.pad` becomes `linalg.fill` and `tensor.insert_slice`, and
    `tensor.concat` insertions into an empty tensor, so that a producer may
    write its part in place.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::tensor::TensorDialect"];
}

def BufferizeKernels : Pass<"act-bufferize-kernels", "::mlir::ModuleOp"> {
  let summary = "one-shot bufferization that leaves kernels' bodies alone";
  let description = [{
    Upstream's one-shot bufferization across function boundaries, with every
    `act.kernel` as one destination-passing operation: its operands become
    memrefs, its body stays on tensors.
  }];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect",
                           "::mlir::memref::MemRefDialect"];
}

def SeparateBuffers : Pass<"act-separate-buffers", "::mlir::func::FuncOp"> {
  let summary = "make what would share memory, and so be copied, anew";
  let description = [{
    Each result becomes memory of the caller's own, so one that is returned
    twice is a copy:

    ```mlir
    %1 = bufferization.alloc_tensor() copy(%0) : tensor<4xf32>
    return %0, %1 : tensor<4xf32>, tensor<4xf32>
    ```

    A filled tensor into which several others are inserted, as CSE leaves it of
    equal paddings, is filled for each: else the bufferizer would copy it. Each
    kernel gets an empty tensor of its own to write to: the bufferizer would
    compare all uses of one that they share with each other.
  }];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect"];
}

def ReinterpretReshapes
    : Pass<"act-reinterpret-reshapes", "::mlir::func::FuncOp"> {
  let summary = "expansions to several dynamic extents as reinterpretations";
  let description = [{
    `memref.expand_shape` of one dimension to more than one dynamic extent, for
    which upstream's expand-strided-metadata has no form, becomes
    `memref.reinterpret_cast` with the sizes that the operation states.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect"];
}

def OutlineCopies : Pass<"act-outline-copies", "::mlir::func::FuncOp"> {
  let summary = "make kernels of the copies and fills of bufferization";
  let description = [{
    `memref.copy` of anything but whole blocks, which would become a call of
    MLIR's runtime library, and `linalg.fill` become kernels.
  }];
  let dependentDialects = ["::mlir::act::ActDialect",
                           "::mlir::linalg::LinalgDialect"];
}

def VerifyInput : Pass<"act-verify-input", "::mlir::ModuleOp"> {
  let summary = "refuse what no later stage could take";
  let description = [{
    Errors for tensors of more than 2^63-1 bytes, vectors of more than 4,096
    elements (which LLVM would take apart for minutes), scalable vectors, calls
    of functions without a body, and recursion.
  }];
}

def Tile : Pass<"act-tile", "::mlir::func::FuncOp"> {
  let summary = "decompose row operations and write each kernel's schedule";
  let description = [{
    Row operations inside a kernel become `linalg.generic` through their
    `AggregatedOpInterface`. The kernel gets the attributes `vector_width`, the
    number of lanes of its innermost loop (of 32 bits or what it stores, of 16
    where all is bf16, see act-expand-ops), and `parallel` where threads may
    share its outermost one; with `bf16-dot` also `bf16_dot` where it multiplies
    packed pairs of bf16 (act-pack-weights). What a row operation becomes
    depends on its accuracy: exponentials in f32 where that is enough, in f64
    where it is not.
  }];
  let options = [
    Option<"vectorBits", "vector-bits", "int64_t", /*default=*/"512",
           "width of the target's vector register in bits (AVX-512's by "
           "default; narrower targets split the operations)">,
    Option<"parallel", "parallel", "bool", /*default=*/"true",
           "let threads share the outermost loop of each kernel">,
    Option<"bf16Dot", "bf16-dot", "bool", /*default=*/"false",
           "the target multiplies pairs of bf16 (AVX512-BF16)">,
    Option<"accuracy", "accuracy", "std::string", /*default=*/"\"precise\"",
           "accuracy of row operations that carry none, see act-expand-ops">];
  let dependentDialects = ["::mlir::linalg::LinalgDialect",
                           "::mlir::math::MathDialect"];
}

def Vectorize : Pass<"act-vectorize", "::mlir::func::FuncOp"> {
  let summary = "turn kernels on memrefs into loops over vectors";
  let description = [{
    Each result of a kernel becomes a loop nest: the outer dimensions in
    `scf.for`, the innermost in steps of the kernel's `vector_width` with one
    masked step for the tail. Reductions over the innermost dimension keep 64
    virtual lanes and add them in a fixed tree, so that their bits depend on the
    reduced length alone; sums of floats are in f64 and are rounded once.
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect", "::mlir::memref::MemRefDialect",
    "::mlir::math::MathDialect", "::mlir::arith::ArithDialect",
    "::mlir::x86vector::X86VectorDialect", "::mlir::LLVM::LLVMDialect"];
}

def ExpandOps : Pass<"act-expand-ops"> {
  let summary = "expand act and math operations to arith and math.fma";
  let description = [{
    Each operation becomes the cheapest kernel whose measured bound meets the
    operation's accuracy. A request that no kernel meets is an error that names
    the best there is. Vectors of bf16 are taken as pairs of 32 bits: one vector
    of f32 has the even lanes, one the odd ones.

    Functions without a kernel (`math.sin`, `math.cos`, `math.powf` and their
    like) stay, to become calls of the C library, element by element, with its
    accuracy. A missed-optimization remark names each.
  }];
  let options = [
    Option<"accuracy", "accuracy", "std::string", /*default=*/"\"precise\"",
           "accuracy of operations that carry none: highest, precise, fast or "
           "a bound in ULP (precise: at most 1 ULP in f32)">];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect",
                           "::mlir::vector::VectorDialect"];
}

def AddProbes : Pass<"act-add-probes", "::mlir::ModuleOp"> {
  let summary = "add a function that runs each kernel alone";
  let description = [{
    `<entry>_probes` runs one operation of each function, type, accuracy and
    parameters that the program has, on vectors of the program's width: on 16
    numbers, of which the first is the input with the kernel's largest measured
    error and the others are the ends of the type. Before `act-expand-ops`,
    which makes kernels of them as of all others.

    The module's attribute `act.probes` says for each one what was measured of
    the kernel, its operands, and the results by the evaluation on the host. So
    a self test can say which kernel has other bits on another machine.
  }];
  let options = [
    Option<"accuracy", "accuracy", "std::string", /*default=*/"\"precise\"",
           "accuracy of operations that carry none, as of act-expand-ops">];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::func::FuncDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect",
    "::mlir::vector::VectorDialect"];
}

def AddShapeFunction : Pass<"act-add-shape-function", "::mlir::ModuleOp"> {
  let summary = "add a function that computes the entry point's result shapes";
  let description = [{
    The entry point is the module's single public function. Its copy
    `<entry>_shapes` returns the extents of all results in order, as `index`,
    instead of the results; what does not decide a shape folds away.

    Extents that operations need equal become part of the interface, since code
    that trusted them would leave its memory. Those of arguments get one name,
    or the number that they must be, in the attributes `act.dims`: after

    ```mlir
    func.func @f(%x: tensor<?xf32>, %y: tensor<?xf32>) -> tensor<?xf32> {
      %0 = arith.addf %x, %y : tensor<?xf32>
    ```

    both arguments have `act.dims = ["d0"]`. For an extent that is computed,
    the function returns both sides behind the shapes, as a pair; its attribute
    `act.checks` says where each pair comes from.
  }];
  let dependentDialects = ["::mlir::tensor::TensorDialect"];
}

def PlanWorkspace : Pass<"act-plan-workspace", "::mlir::ModuleOp"> {
  let summary = "put the entry point's buffers into one workspace";
  let description = [{
    Each `memref.alloc` of the entry point becomes a view into a workspace that
    comes as its last argument, `memref<?xi8>`, aligned to 64 bytes. Buffers
    that are not live together share memory where all their sizes are static, or
    where they have the same dynamic extents and the rest is a multiple of 64
    bytes, or the same. The
    function `<entry>_workspace` returns the bytes needed for given inputs. The
    same for `<entry>_prepare`, where there is one.
  }];
  let dependentDialects = ["::mlir::memref::MemRefDialect",
                           "::mlir::arith::ArithDialect"];
}

def ExtractWeights : Pass<"act-extract-weights", "::mlir::ModuleOp"> {
  let summary = "pass constants to the entry point as one block of memory";
  let description = [{
    Each constant `memref.global` becomes a view into the last argument of the
    entry point and of `<entry>_prepare`, `memref<?xi8>`, at a multiple of 64
    bytes; the module's attribute
    `act.weights` lists the values, `act.weight_offsets` where they begin.
    Weights are never LLVM constants: those cost several times their size in
    time and memory.
  }];
  let dependentDialects = ["::mlir::memref::MemRefDialect",
                           "::mlir::arith::ArithDialect"];
}

def OutlineKernels : Pass<"act-outline-kernels", "::mlir::ModuleOp"> {
  let summary = "give each kernel a function of its own";
  let description = [{
    Where a function has several kernels on memrefs, each becomes a private
    function of its operands and a call. `duplicate-function-elimination` then
    leaves one of equal functions, so that the layers of a network that repeat
    are compiled once; for a GPU the inliner puts what launches the kernels
    back. The report of fusion is dropped from the kernels, as it names places
    in the source.
  }];
  let dependentDialects = ["::mlir::func::FuncDialect",
                           "::mlir::LLVM::LLVMDialect"];
}

def OutlineParallel : Pass<"act-outline-parallel", "::mlir::ModuleOp"> {
  let summary = "turn scf.parallel into calls of the runtime";
  let description = [{
    The body of each `scf.parallel` of one dimension becomes a function of a
    context, which holds what the body captures, and an index; the loop becomes
    `act_parallel_run(count, body, context)`, which the runtime has. Memrefs
    pass through the context in the form that the LLVM dialect gives them.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect",
                           "::mlir::func::FuncDialect",
                           "::mlir::arith::ArithDialect"];
}

def PackEntry : Pass<"act-pack-entry", "::mlir::ModuleOp"> {
  let summary = "add wrappers that take arrays of pointers";
  let description = [{
    For each public function `f` in the LLVM dialect with a C interface, adds
    `act_f(void **arguments)`: argument i points to the i-th memref descriptor,
    the last one, for functions with results, to memory for the results.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

def BFloat16ToIntegers : Pass<"act-bf16-to-integers", "::mlir::ModuleOp"> {
  let summary = "bf16 values as 16-bit integers";
  let description = [{
    After act-expand-ops nothing computes on bf16 any more: values are loaded,
    selected and stored, and conversions are integer steps between bitcasts. A
    CPU with AVX-512 but without AVX512-BF16 has no bf16 vectors, and LLVM
    takes their masked accesses apart through f32 and a call of compiler-rt;
    the same bits as integers are one instruction.

    ```mlir
    %x = llvm.intr.masked.load %p, %m, %z {alignment = 2 : i32}
        : (!llvm.ptr, vector<16xi1>, vector<16xbf16>) -> vector<16xbf16>
    %i = llvm.bitcast %x : vector<16xbf16> to vector<16xi16>
    ```

    becomes

    ```mlir
    %i = llvm.intr.masked.load %p, %m, %z {alignment = 2 : i32}
        : (!llvm.ptr, vector<16xi1>, vector<16xi16>) -> vector<16xi16>
    ```

    Products of pairs (`dpbf16ps`) get vectors of bf16 back: their targets have
    them. Another operation that computes on bf16 is an error.
  }];
  let dependentDialects = ["::mlir::LLVM::LLVMDialect"];
}

def EmulateMasks : Pass<"act-emulate-masks"> {
  let summary = "masked accesses that the target lacks, through the stack";
  let description = [{
    AVX2 masks accesses to elements of 32 bits and more, NEON none: LLVM makes
    a branch for every lane. Here the lanes that exist are copied from or to a
    buffer, in a loop, so that the computation stays one of vectors.

    ```mlir
    %mask = vector.create_mask %tail : vector<8xi1>
    %v = vector.maskedload %x[%i], %mask, %zero
        : memref<?xf16>, vector<8xi1>, vector<8xf16> into vector<8xf16>
    ```

    becomes

    ```mlir
    vector.store %zero, %buffer[%c0] : memref<8xf16>, vector<8xf16>
    scf.for %lane = %c0 to %tail step %c1 {
      %at = arith.addi %i, %lane : index
      %e = memref.load %x[%at] : memref<?xf16>
      memref.store %e, %buffer[%lane] : memref<8xf16>
    }
    %v = vector.load %buffer[%c0] : memref<8xf16>, vector<8xf16>
    ```

    with `%tail` between 0 and 8. Only masks of the lanes below a number, as
    tails have them, are taken.
  }];
  let options = [
    Option<"maskBits", "mask-bits", "int64_t", /*default=*/"32",
           "the smallest element that the target masks, in bits; 0: none">];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect"];
}

def VerifyStage : Pass<"act-verify-stage", "::mlir::ModuleOp"> {
  let summary = "check what a stage promises to those behind it";
  let description = [{
    Lists every operation that must not be there after a stage, with its number
    and the location of the first, in one error. After `fuse`: computation on
    tensors outside of `act.kernel`. After `bufferize` and `tile`: tensors
    outside of kernels. After `vectorize`: kernels, linalg, tensors. After
    `expand`: `act` operations as well. After `lower`: anything but the LLVM
    dialect.
  }];
  let options = [
    Option<"stage", "stage", "std::string", /*default=*/"\"lower\"",
           "the stage that ran last">];
}

#endif // ACT_TRANSFORMS_PASSES
