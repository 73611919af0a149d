// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/IR/Act.h"
#include "act-mlir/Packing/Contraction.h"
#include "act-mlir/Packing/Passes.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"

namespace mlir::act {
#define GEN_PASS_DEF_PACKWEIGHTS
#include "act-mlir/Packing/Passes.h.inc"
} // namespace mlir::act

using namespace mlir;
using namespace mlir::act;

namespace {

/// The bytes of a constant in row-major order, or nothing.
std::optional<ArrayRef<char>> bytesOf(Attribute value) {
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    return blob ? std::optional(blob->getData()) : std::nullopt;
  }
  auto dense = dyn_cast<DenseElementsAttr>(value);
  if (!dense || dense.isSplat())
    return std::nullopt;
  return dense.getRawData();
}

/// The elements in their new order, zeros where there are none.
AsmResourceBlob packBytes(ArrayRef<char> from, RankedTensorType type,
                          const Packing &packing) {
  int64_t size = type.getElementTypeBitWidth() / 8;
  RankedTensorType packed =
      RankedTensorType::get(packing.shape(type), type.getElementType());
  AsmResourceBlob to = HeapAsmResourceBlob::allocate(
      packed.getNumElements() * size, /*align=*/64);
  SmallVector<int64_t> strides(type.getRank());
  int64_t stride = size;
  for (int64_t i = type.getRank() - 1; i >= 0; --i) {
    strides[i] = stride;
    stride *= type.getDimSize(i);
  }
  unsigned columnDim = packing.dimOf.at(packing.column);
  int64_t columns = type.getDimSize(columnDim), width = packing.width;
  unsigned innerDim = packing.dimOf.at(packing.reduced.back());
  int64_t sideBySide = packing.paired ? 2 : 1;
  // All dimensions but the last, as steps in the source.
  SmallVector<int64_t> steps;
  for (unsigned loop : packing.batch)
    steps.push_back(strides[packing.dimOf.at(loop)]);
  int64_t block = steps.size();
  steps.push_back(width * strides[columnDim]);
  for (unsigned loop : packing.reduced)
    steps.push_back(strides[packing.dimOf.at(loop)]);
  steps.back() *= sideBySide;
  SmallVector<int64_t> at(steps.size(), 0);
  char *out = to.getMutableData().data();
  std::memset(out, 0, to.getData().size());
  int64_t rowSize = width * sideBySide;
  for (int64_t row = packed.getNumElements() / rowSize; row > 0; --row) {
    int64_t offset = 0;
    for (auto [i, step] : llvm::zip(at, steps))
      offset += i * step;
    int64_t count = std::min(width, columns - at[block] * width);
    int64_t known = std::min(sideBySide, type.getDimSize(innerDim) -
                                             at.back() * sideBySide);
    for (int64_t lane = 0; lane < count; ++lane)
      for (int64_t k = 0; k < known; ++k)
        std::memcpy(out + (lane * sideBySide + k) * size,
                    from.data() + offset + lane * strides[columnDim] +
                        k * strides[innerDim],
                    size);
    out += rowSize * size;
    for (int64_t i = at.size() - 1; i >= 0; --i) {
      if (++at[i] < packed.getDimSize(i))
        break;
      at[i] = 0;
    }
  }
  return to;
}

struct PackWeightsPass : public act::impl::PackWeightsBase<PackWeightsPass> {
  using PackWeightsBase::PackWeightsBase;

  void runOnOperation() override {
    SmallVector<arith::ConstantOp> constants;
    getOperation()->walk([&](arith::ConstantOp op) {
      if (isa<RankedTensorType>(op.getType()))
        constants.push_back(op);
    });
    for (arith::ConstantOp constant : constants)
      pack(constant);
  }

  /// The operation inside a kernel that alone reads a kernel's operand.
  static OpOperand *readerOf(OpOperand &use) {
    auto kernel = dyn_cast<KernelOp>(use.getOwner());
    if (!kernel)
      return nullptr;
    BlockArgument argument =
        kernel.getBody().getArgument(use.getOperandNumber());
    return argument.hasOneUse() ? &*argument.use_begin() : nullptr;
  }

  void pack(arith::ConstantOp constant) {
    auto type = cast<RankedTensorType>(constant.getType());
    std::optional<ArrayRef<char>> bytes = bytesOf(constant.getValue());
    Type element = type.getElementType();
    if (!bytes || !isa<FloatType>(element) ||
        element.getIntOrFloatBitWidth() % 8 != 0)
      return;
    // All readers must want one form: there is one copy.
    SmallVector<std::pair<OpOperand *, Packing>, 1> readers;
    for (OpOperand &use : constant.getResult().getUses()) {
      OpOperand *reader = readerOf(use);
      auto op = reader ? dyn_cast<linalg::LinalgOp>(reader->getOwner())
                       : linalg::LinalgOp();
      if (!op || !op.isDpsInput(reader))
        return;
      std::optional<Packing> packing = Packing::choose(op, *reader, bf16Pairs);
      if (!packing)
        return;
      readers.emplace_back(&use, *packing);
    }
    if (readers.empty())
      return;
    RankedTensorType packed = RankedTensorType::get(
        readers.front().second.shape(type), type.getElementType());
    AsmResourceBlob data = packBytes(*bytes, type, readers.front().second);
    for (auto &[use, packing] : ArrayRef(readers).drop_front())
      if (packing.shape(type) != SmallVector<int64_t>(packed.getShape()) ||
          packBytes(*bytes, type, packing).getData() != data.getData())
        return;
    OpBuilder b(constant);
    StringRef name = "packed";
    if (auto resource =
            dyn_cast<DenseResourceElementsAttr>(constant.getValue()))
      name = resource.getRawHandle().getKey();
    auto value = DenseResourceElementsAttr::get(packed, name, std::move(data));
    Value replacement =
        arith::ConstantOp::create(b, constant.getLoc(), packed, value);
    for (auto &[use, packing] : readers)
      rewrite(*use, packing, replacement);
    if (constant->use_empty()) {
      Attribute unpacked = constant.getValue();
      constant.erase();
      release(unpacked);
    }
    ++numPacked;
  }

  /// Frees the bytes of a resource that no constant has any more: attributes
  /// live as long as the context.
  void release(Attribute value) {
    auto resource = dyn_cast<DenseResourceElementsAttr>(value);
    if (!resource)
      return;
    auto handle = resource.getRawHandle();
    WalkResult used = getOperation()->walk([&](arith::ConstantOp other) {
      auto same = dyn_cast<DenseResourceElementsAttr>(other.getValue());
      return same && same.getRawHandle().getKey() == handle.getKey()
                 ? WalkResult::interrupt()
                 : WalkResult::advance();
    });
    if (!used.wasInterrupted())
      *handle.getBlob() = AsmResourceBlob();
  }

  void rewrite(OpOperand &use, const Packing &packing, Value replacement) {
    auto kernel = cast<KernelOp>(use.getOwner());
    BlockArgument argument =
        kernel.getBody().getArgument(use.getOperandNumber());
    OpOperand *reader = &*argument.use_begin();
    packing.readPacked(*reader);
    argument.setType(replacement.getType());
    use.set(replacement);
  }
};

} // namespace
