// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Compiler/Formula.h"
#include "act-mlir/Numerics/Functions.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::act;
using numerics::Function;

namespace {

/// Writes one operation for each node of the formula, by recursive descent.
class FormulaParser {
public:
  FormulaParser(StringRef text, StringRef type) : text(text), type(type) {}

  llvm::Expected<std::string> run() {
    std::string value = sum();
    skip();
    if (error.empty() && at < text.size())
      fail("expected an operator");
    if (!error.empty())
      return llvm::createStringError(error);
    std::string program, tensor = "tensor<?x" + type.str() + ">";
    llvm::raw_string_ostream os(program);
    // The second operand only where the formula has one.
    auto second = [&](const llvm::Twine &text) {
      return hasSecond ? text.str() : std::string();
    };
    os << "func.func @formula(%arg: " << tensor << second(", %other: " + tensor)
       << ") -> " << tensor << " {\n  %c0 = arith.constant 0 : index\n"
       << "  %n = tensor.dim %arg, %c0 : " << tensor << "\n"
       << "  %e = tensor.empty(%n) : " << tensor << "\n"
       << "  %r = linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, "
       << second("affine_map<(i) -> (i)>, ")
       << "affine_map<(i) -> (i)>], iterator_types = [\"parallel\"]} "
       << "ins(%arg" << second(", %other") << " : " << tensor
       << second(", " + tensor) << ") outs(%e : " << tensor
       << ") {\n  ^bb0(%x: " << type << second(", %y: " + type)
       << ", %o: " << type << "):\n"
       << body << "    linalg.yield " << value << " : " << type << "\n  } -> "
       << tensor << "\n  return %r : " << tensor << "\n}\n";
    return program;
  }

private:
  /// The first mistake counts; what follows is not looked at.
  std::string fail(const llvm::Twine &message) {
    if (error.empty())
      error = ("formula, column " + llvm::Twine(at + 1) + ": " + message).str();
    at = text.size();
    return "%x";
  }
  void skip() {
    while (at < text.size() && llvm::isSpace(text[at]))
      ++at;
  }
  bool take(char c) {
    skip();
    if (at == text.size() || text[at] != c)
      return false;
    ++at;
    return true;
  }
  void expect(char c) {
    if (!take(c))
      fail(llvm::Twine("expected '") + llvm::Twine(c) + "'");
  }
  std::string emit(const llvm::Twine &operation) {
    std::string name = "%v" + std::to_string(count++);
    body +=
        ("    " + llvm::Twine(name) + " = " + operation + " : " + type + "\n")
            .str();
    return name;
  }

  std::string sum() {
    // A formula nests as deep as its parentheses.
    if (++depth > kMaxDepth)
      return fail("more than " + llvm::Twine(kMaxDepth) + " levels");
    std::string left = product();
    while (true) {
      bool plus = take('+');
      if (!plus && !take('-'))
        break;
      std::string right = product();
      left = emit(llvm::Twine(plus ? "arith.addf " : "arith.subf ") + left +
                  ", " + right);
    }
    --depth;
    return left;
  }
  std::string product() {
    std::string left = sign();
    while (true) {
      bool times = take('*');
      if (!times && !take('/'))
        return left;
      std::string right = sign();
      left = emit(llvm::Twine(times ? "arith.mulf " : "arith.divf ") + left +
                  ", " + right);
    }
  }
  std::string sign() {
    unsigned minus = 0;
    while (take('-'))
      ++minus;
    std::string value = power();
    return minus % 2 ? emit("arith.negf " + llvm::Twine(value)) : value;
  }
  std::string power() {
    std::string base = primary();
    if (!take('^'))
      return base;
    skip();
    StringRef rest = text.substr(at);
    unsigned exponent;
    if (rest.consumeInteger(10, exponent) || exponent < 1 || exponent > 16)
      return fail("expected an exponent from 1 to 16");
    at = text.size() - rest.size();
    std::string value = base;
    for (unsigned i = 1; i < exponent; ++i)
      value = emit("arith.mulf " + llvm::Twine(value) + ", " + base);
    return value;
  }
  std::string primary() {
    if (take('(')) {
      std::string value = sum();
      expect(')');
      return value;
    }
    skip();
    StringRef rest = text.substr(at);
    StringRef name =
        rest.take_while([](char c) { return llvm::isAlnum(c) || c == '_'; });
    if (!name.empty() && llvm::isAlpha(name.front())) {
      at += name.size();
      hasSecond |= name == "y";
      return name == "x" || name == "y" ? "%" + name.str() : call(name);
    }
    return number(rest);
  }
  std::string number(StringRef rest) {
    size_t size = rest.find_first_not_of("0123456789.");
    size = std::min(size, rest.size());
    if (size < rest.size() && (rest[size] == 'e' || rest[size] == 'E')) {
      size_t digits = size + 1;
      if (digits < rest.size() && (rest[digits] == '+' || rest[digits] == '-'))
        ++digits;
      size =
          std::min(rest.find_first_not_of("0123456789", digits), rest.size());
    }
    double value;
    if (size == 0 || rest.take_front(size).getAsDouble(value))
      return fail("expected a number, x, y, a function or '('");
    at += size;
    std::string digits;
    llvm::raw_string_ostream(digits) << llvm::format("%.17e", value);
    return emit("arith.constant " + llvm::Twine(digits));
  }
  std::string call(StringRef name) {
    size_t start = at - name.size();
    auto wrong = [&](const llvm::Twine &message) {
      at = start;
      return fail(message);
    };
    bool two = name == "max" || name == "min";
    Function function;
    bool known = numerics::lookupFunction(name.str().c_str(), function) &&
                 numerics::numOperands(function) == 1 && name != "clamp" &&
                 name != "threshold" && name != "gelu_tanh";
    if (!two && name != "abs" && !known)
      return wrong("no function '" + name + "' of one number");
    expect('(');
    std::string value = sum();
    std::string second;
    if (two) {
      expect(',');
      second = sum();
    }
    expect(')');
    if (two)
      return emit((name == "max" ? "arith.maximumf " : "arith.minimumf ") +
                  llvm::Twine(value) + ", " + second);
    if (name == "abs")
      return emit("math.absf " + llvm::Twine(value));
    return emit((function >= Function::Exp ? "math." : "act.") +
                llvm::Twine(name) + " " + value);
  }

  static constexpr unsigned kMaxDepth = 200;
  StringRef text, type;
  size_t at = 0;
  unsigned count = 0, depth = 0;
  bool hasSecond = false;
  std::string body, error;
};

} // namespace

llvm::Expected<std::string> mlir::act::formulaProgram(StringRef formula,
                                                      StringRef elementType) {
  return FormulaParser(formula, elementType).run();
}
