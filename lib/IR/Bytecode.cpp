// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// The dialect's version in bytecode: raised when what older readers accept
// would mean something else, or nothing, to them.

#include "act-mlir/IR/Act.h"
#include "mlir/Bytecode/BytecodeImplementation.h"

using namespace mlir;
using namespace mlir::act;

namespace {

constexpr uint64_t kVersion = 1;

struct Version : public DialectVersion {};

struct ActBytecode : public BytecodeDialectInterface {
  explicit ActBytecode(Dialect *dialect) : BytecodeDialectInterface(dialect) {}

  void writeVersion(DialectBytecodeWriter &writer) const override {
    writer.writeVarInt(kVersion);
  }

  std::unique_ptr<DialectVersion>
  readVersion(DialectBytecodeReader &reader) const override {
    uint64_t version = 0;
    if (failed(reader.readVarInt(version)))
      return nullptr;
    if (version > kVersion) {
      reader.emitError("produced by act dialect v")
          << version << ", this tool reads <= v" << kVersion;
      return nullptr;
    }
    return std::make_unique<Version>();
  }
};

} // namespace

void mlir::act::detail::addBytecodeInterface(ActDialect *dialect) {
  dialect->addInterfaces<ActBytecode>();
}
