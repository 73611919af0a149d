// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Table.h"
#include "../Unit/Inputs.h"
#include "act-mlir/Numerics/Host.h"
#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <fstream>
#include <optional>
#include <sstream>
#include <vector>

using namespace mlir::act::numerics;

template <class... Args>
static std::string printed(const char *format, Args... args) {
  char buffer[400];
  std::snprintf(buffer, sizeof buffer, format, args...);
  return buffer;
}

/// Results at -inf, -0, 0, inf and NaN, of a gradient with dy = 1.
static std::string specials(Function function, Type type, Kernel kernel) {
  std::string text;
  for (double x : {-HUGE_VAL, -0.0, 0.0, HUGE_VAL, std::nan("")}) {
    test::Operands operands(function, x, 1.0);
    double y = evaluate(function, kernel, type, defaultParameters(function),
                        operands.v);
    text += text.empty() ? "" : ", ";
    text += y != y ? "nan" : printed("%.4g", roundTo(y, type));
  }
  return text;
}

/// What says that a row is of the kernel as it is now.
static std::string version(Function function, Type type, Kernel kernel) {
  return printed("%u\t0x%" PRIx64, countOperations(function, type, kernel),
                 fingerprint(function, type, kernel));
}

std::string mlir::act::numerics::row(Function function, Type type,
                                     Kernel kernel, const Result &r,
                                     double margin) {
  // A decimal that is no smaller than the error, for bounds that are kept.
  double ulps = std::ceil((r.ulps + margin) * 1e5) / 1e5;
  std::string other =
      numOperands(function) > 1 ? printed("%a", r.worstOther) : "";
  return printed("%s\t%s\t%s\t%.5f\t%a\t%s\t%" PRIu64 "\t%" PRIu64 "\t%" PRIu64
                 "\t%" PRIu64 "\t%" PRIu64 "\t%s\t%s\n",
                 name(function), format(type).name, name(kernel), ulps, r.worst,
                 other.c_str(), r.inputs, r.misrounded, r.above1, r.above4,
                 r.unordered, specials(function, type, kernel).c_str(),
                 version(function, type, kernel).c_str());
}

namespace {

struct Found {
  Function function;
  Type type;
  /// The row is of the kernel as it is now.
  bool current;
};

} // namespace

/// What a row is of, if it is one.
static std::optional<Found> parse(const std::string &line) {
  std::istringstream cells(line);
  std::string cell[3];
  for (std::string &text : cell)
    if (!std::getline(cells, text, '\t'))
      return std::nullopt;
  Found found;
  if (!lookupFunction(cell[0].c_str(), found.function))
    return std::nullopt;
  unsigned t = 0, k = 0;
  while (t < kNumTypes && cell[1] != format(static_cast<Type>(t)).name)
    ++t;
  while (k < kNumKernels && cell[2] != name(static_cast<Kernel>(k)))
    ++k;
  if (t == kNumTypes || k == kNumKernels)
    return std::nullopt;
  found.type = static_cast<Type>(t);
  std::string end =
      "\t" + version(found.function, found.type, static_cast<Kernel>(k));
  found.current = line.size() > end.size() &&
                  line.compare(line.size() - end.size(), end.size(), end) == 0;
  return found;
}

std::string Rows::open(const std::string &path, const std::string &options) {
  this->path = path;
  std::ifstream in(path);
  std::string line;
  if (std::getline(in, line) && line != "# " + options)
    return path + ": error: rows of a sweep with " + line.substr(2) + ", not " +
           options;
  std::vector<std::pair<Found, std::string>> lines;
  while (std::getline(in, line))
    if (std::optional<Found> found = parse(line))
      lines.push_back({*found, line});
  std::ofstream out(path, std::ios::trunc);
  out << "# " << options << "\n";
  for (const auto &[found, text] : lines) {
    // One kernel that has changed, and the function is measured anew.
    bool current = true;
    for (const auto &[other, unused] : lines)
      current &= other.function != found.function || other.type != found.type ||
                 other.current;
    if (!current)
      continue;
    out << text << "\n";
    if (!has(found.function, found.type))
      done.push_back({found.function, found.type});
  }
  return out.flush() ? "" : path + ": error: cannot be written";
}

bool Rows::has(Function function, Type type) const {
  return std::find(done.begin(), done.end(), std::make_pair(function, type)) !=
         done.end();
}

void Rows::append(const std::string &row) {
  std::ofstream(path, std::ios::app) << row;
}

/// The kernels that there are for a function and a type, as they are now.
static std::string versions(Function function, Type type) {
  std::string text;
  for (unsigned k = 0; k < kNumKernels; ++k) {
    Kernel kernel = static_cast<Kernel>(k);
    if (exists(function, kernel, type, defaultParameters(function)))
      text += "\t" + version(function, type, kernel);
  }
  return text;
}

static std::string heading(const State &state) {
  return "# " + state.options + "\t" + name(state.function) + "\t" +
         format(state.type).name + versions(state.function, state.type);
}

bool State::load(const std::string &path) {
  std::ifstream in(path);
  std::string line;
  if (!std::getline(in, line) || line != heading(*this) || !(in >> next))
    return false;
  for (Result &r : results) {
    std::string number[3];
    if (!(in >> number[0] >> number[1] >> number[2] >> r.inputs >>
          r.misrounded >> r.above1 >> r.above4 >> r.unordered))
      return false;
    r.ulps = std::strtod(number[0].c_str(), nullptr);
    r.worst = std::strtod(number[1].c_str(), nullptr);
    r.worstOther = std::strtod(number[2].c_str(), nullptr);
  }
  return true;
}

void State::save(const std::string &path) const {
  std::string temporary = path + ".new";
  {
    std::ofstream out(temporary, std::ios::trunc);
    out << heading(*this) << "\n" << next << "\n";
    for (const Result &r : results)
      out << printed("%a %a %a %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64
                     " %" PRIu64 "\n",
                     r.ulps, r.worst, r.worstOther, r.inputs, r.misrounded,
                     r.above1, r.above4, r.unordered);
  }
  std::rename(temporary.c_str(), path.c_str());
}
