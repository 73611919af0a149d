// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "HashPrograms.h"
#include "../Unit/Inputs.h"
#include "Patterns.h"
#include "act-mlir/Transforms/Expansion.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Regex.h"
#include <optional>

using namespace mlir::act;
using namespace mlir::act::numerics;

Kernel mlir::act::numerics::kernelOf(Function function, Type type,
                                     const std::string &mode) {
  AccuracyRequest request{*symbolizeAccuracyMode(mode)};
  return test::kernelOf(function, type, *request.bound(function, type));
}

/// The other modes that take the kernel of modes[at]; none where an earlier one
/// does.
static std::optional<std::vector<std::string>>
othersOf(Function function, Type type, const std::vector<std::string> &modes,
         size_t at) {
  std::vector<std::string> others;
  Kernel kernel = kernelOf(function, type, modes[at]);
  for (auto [i, mode] : llvm::enumerate(modes)) {
    if (i == at || kernelOf(function, type, mode) != kernel)
      continue;
    if (i < at)
      return std::nullopt;
    others.push_back(mode);
  }
  return others;
}

std::vector<HashedProgram> mlir::act::numerics::hashedPrograms(
    unsigned group, const std::vector<std::string> &allModes, bool once) {
  std::vector<HashedProgram> programs;
  for (unsigned t = 0; t < kNumTypes; ++t) {
    Type type = static_cast<Type>(t);
    std::vector<std::string> modes = allModes;
    if (type == Type::F64)
      llvm::erase(modes, "highest"); // not offered
    for (auto [at, mode] : llvm::enumerate(modes))
      for (bool several : {false, true}) {
        unsigned count = 0;
        for (Function function : test::allFunctions()) {
          if ((numOperands(function) > 1) != several ||
              test::operation(function).empty())
            continue;
          std::optional<std::vector<std::string>> others{std::in_place};
          if (once)
            others = othersOf(function, type, modes, at);
          if (!others)
            continue;
          if (count++ % group == 0)
            programs.push_back({type, mode, {}, "", {}});
          programs.back().functions.push_back(function);
          programs.back().others.push_back(*others);
        }
      }
  }
  if (llvm::is_contained(allModes, "precise"))
    for (const char *file : {"mlp", "transformer"})
      for (Type type : {Type::F32, Type::BF16})
        programs.push_back({type, "precise", {}, file, {}});
  return programs;
}

std::vector<std::vector<std::string>> HashedProgram::rows() const {
  std::string infix = std::string(" ") + format(type).name + " ";
  std::vector<std::vector<std::string>> rows;
  for (auto [function, modes] : llvm::zip(functions, others)) {
    rows.push_back({name(function) + infix + mode});
    for (const std::string &other : modes)
      rows.back().push_back(name(function) + infix + other);
  }
  if (!file.empty())
    rows.push_back({file + infix + mode});
  return rows;
}

unsigned HashedProgram::inputs() const {
  return functions.empty() || numOperands(functions[0]) == 1 ? 1 : 2;
}

/// Numbers for the constants `dense<"weights">` of a program, each a different
/// part of one sequence.
static std::string withWeights(llvm::StringRef text, Type type) {
  llvm::Regex pattern("\"weights\"> : tensor<([0-9]+)x([0-9]+)x");
  std::string result;
  uint64_t next = 1 << 20;
  llvm::SmallVector<llvm::StringRef> match;
  while (pattern.match(text, &match)) {
    size_t at = match[0].data() - text.data();
    uint64_t rows = 0, columns = 0;
    match[1].getAsInteger(10, rows);
    match[2].getAsInteger(10, columns);
    result += text.take_front(at).str() + "\"0x";
    for (uint64_t i = 0; i < rows * columns; ++i) {
      // Below 1/2, so that sums of a hundred stay moderate.
      uint64_t bits = encode(
          roundTo(decode(moderatePattern(next++, type), type) / 8, type), type);
      for (int byte = 0; byte < format(type).width; byte += 8)
        result += llvm::utohexstr(bits >> byte & 255, true, 2);
    }
    text = text.drop_front(at + strlen("\"weights"));
  }
  return result + text.str();
}

static std::string wholeProgram(const std::string &file, Type type) {
  llvm::SmallString<128> path(ACT_HASH_INPUTS);
  llvm::sys::path::append(path, file + ".mlir");
  auto buffer = llvm::MemoryBuffer::getFile(path);
  if (!buffer)
    return "";
  std::string text = (*buffer)->getBuffer().str(), name = format(type).name;
  for (size_t at = 0; (at = text.find("f32", at)) != std::string::npos;
       at += name.size())
    text.replace(at, 3, name);
  return withWeights(text, type);
}

std::string HashedProgram::text(Spelling spelling) const {
  if (!file.empty())
    return wholeProgram(file, type);
  std::string tensor = spelling == Spelling::Scalars ? "tensor<" : "tensor<?x";
  tensor += std::string(format(type).name) + ">";
  bool fused = spelling == Spelling::Fused;
  std::string x = fused ? "%nx" : "%x", y = fused ? "%ny" : "%y";
  std::string body, results, types;
  if (fused)
    for (std::string operand : {"x", "y"})
      body += "  %n" + operand + " = arith.negf %" + operand + " : " + tensor +
              "\n";
  for (auto [i, function] : llvm::enumerate(functions)) {
    std::string result = "%r" + std::to_string(i);
    std::vector<std::string> operands = {x, y};
    if (isGradient(function))
      operands = {y, x, y};
    body += "  " + result + " = " + test::operation(function, operands) +
            " : " + tensor + "\n";
    if (fused) {
      body += "  %n" + std::to_string(i) + " = arith.negf " + result + " : " +
              tensor + "\n";
      result = "%n" + std::to_string(i);
    }
    results += (i ? ", " : "") + result;
    types += (i ? ", " : "") + tensor;
  }
  std::string arguments = "%x: " + tensor;
  if (inputs() == 2)
    arguments += ", %y: " + tensor;
  else if (fused)
    body.erase(body.find("  %ny"),
               body.find("\n", body.find("  %ny")) + 1 - body.find("  %ny"));
  return "func.func @main(" + arguments + ") -> (" + types + ") {\n" + body +
         "  return " + results + " : " + types + "\n}\n";
}
