// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "RuntimeHeader.inc"
#include "act-mlir/Compiler/JIT.h"
#include "act-mlir/Compiler/Library.h"

using namespace mlir;
using namespace mlir::act;

/// The C type of an element; integers of its size where C has no such type.
static StringRef ctype(Type element) {
  if (element.isF64())
    return "double";
  if (element.isF32())
    return "float";
  switch (element.getIntOrFloatBitWidth()) {
  case 1:
  case 8:
    return element.isInteger(1) || isa<FloatType>(element) ? "uint8_t"
                                                           : "int8_t";
  case 16:
    return isa<FloatType>(element) ? "uint16_t" : "int16_t";
  case 32:
    return "int32_t";
  default:
    return "int64_t";
  }
}

static std::string cname(StringRef name) {
  std::string result = name.str();
  for (char &c : result)
    if (!llvm::isAlnum(c))
      c = '_';
  if (result.empty() || llvm::isDigit(result.front()))
    result = "m_" + result;
  return result;
}

std::string mlir::act::headerText(const CompiledProgram &program) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << kRuntimeHeader;
  std::string guard = StringRef(program.name).upper() + "_H";
  os << "\n#ifndef ACT_MODEL_" << guard << "\n#define ACT_MODEL_" << guard
     << "\n\n#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n"
     << "/* In an object file or archive; a shared library has act_model_get. "
        "*/\n"
     << "const act_model *" << program.name << "_get(uint32_t abi_version);\n\n"
     << "/* One call of the model, with the instance's own workspace";
  if (!program.signature.constants.empty())
    os << ", after\n * " << program.name << "_prepare";
  os << ".\n";
  auto describe = [&](StringRef what, ArrayRef<Argument> list) {
    for (const Argument &argument : list)
      os << " * " << what << " " << cname(argument.name) << ": "
         << argument.type << "\n";
  };
  describe("in", program.signature.inputs);
  describe("out", program.signature.outputs);
  os << " * A parameter x_0 is the extent of x in dimension 0. */\n";
  auto begin = [&](StringRef function) {
    os << "static inline act_status " << program.name << function
       << "(const act_model *model, act_instance *instance";
  };
  begin("_run");
  auto parameters = [&](ArrayRef<Argument> list, StringRef qualifier) {
    for (const Argument &argument : list) {
      std::string name = cname(argument.name);
      os << ",\n    " << qualifier << ctype(argument.type.getElementType())
         << " *" << name;
      for (int64_t i = 0; i < argument.type.getRank(); ++i)
        if (argument.type.isDynamicDim(i))
          os << ", int64_t " << name << "_" << i;
    }
  };
  parameters(program.signature.inputs, "const ");
  parameters(program.signature.outputs, "");
  os << ") {\n";
  auto tensors = [&](ArrayRef<Argument> list, StringRef array) {
    for (auto [i, argument] : llvm::enumerate(list)) {
      if (argument.type.getRank() == 0)
        continue;
      os << "  int64_t " << array << "_shape" << i << "[] = {";
      for (int64_t d = 0; d < argument.type.getRank(); ++d) {
        os << (d ? ", " : "");
        if (argument.type.isDynamicDim(d))
          os << cname(argument.name) << "_" << d;
        else
          os << argument.type.getDimSize(d);
      }
      os << "};\n";
    }
    os << "  act_tensor " << array << "[" << std::max<size_t>(list.size(), 1)
       << "] = {\n";
    for (auto [i, argument] : llvm::enumerate(list)) {
      act_dtype dtype = dtypeOf(argument);
      os << "      {(void *)" << cname(argument.name) << ", {1, 0}, "
         << argument.type.getRank() << ", {" << unsigned(dtype.code) << ", "
         << unsigned(dtype.bits) << ", 1}, ";
      if (argument.type.getRank())
        os << array << "_shape" << i;
      else
        os << "0";
      os << ", 0, 0},\n";
    }
    if (list.empty())
      os << "      {0, {1, 0}, 0, {0, 0, 0}, 0, 0, 0},\n";
    os << "  };\n";
  };
  tensors(program.signature.inputs, "in");
  tensors(program.signature.outputs, "out");
  os << "  return model->run(instance, in, " << program.signature.inputs.size()
     << ", out, " << program.signature.outputs.size() << ", 0, 0, 0);\n}\n\n";
  if (const auto &constants = program.signature.constants; !constants.empty()) {
    os << "/* The constants, before the first call of " << program.name
       << "_run and whenever they\n * have changed; those that are kept must "
          "live and stay as they are until then.\n";
    for (const Argument &argument : constants)
      os << " * in " << cname(argument.name) << ": " << argument.type
         << (argument.isRead ? ", kept" : "") << "\n";
    os << " */\n";
    begin("_prepare");
    parameters(constants, "const ");
    os << ") {\n";
    tensors(constants, "in");
    os << "  return model->prepare(instance, in, " << constants.size()
       << ");\n}\n\n";
  }
  os << "#ifdef __cplusplus\n}\n#endif\n#endif /* ACT_MODEL_" << guard
     << " */\n";
  return text;
}
