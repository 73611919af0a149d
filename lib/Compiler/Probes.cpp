// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "../Runtime/Program.h"
#include "LevelCode.h"
#include "act-mlir/Transforms/Passes.h"
#include "llvm/Support/Format.h"
#include <cmath>

using namespace mlir;
using namespace mlir::act;

static_assert(int(ACT_PROBE_ELEMENTS) == kProbeElements &&
              int(ACT_PROBE_SLOTS) == kProbeSlots &&
              int(ACT_PROBE_SLOT_BYTES) == kProbeSlotBytes);

static auto probesOf(ModuleOp module) {
  auto list = module->getAttrOfType<ArrayAttr>(kProbesAttr);
  return (list ? list : ArrayAttr::get(module.getContext(), {}))
      .getAsRange<DictionaryAttr>();
}

static std::string textOf(DictionaryAttr probe, StringRef name) {
  return probe.getAs<StringAttr>(name).str();
}

static std::string nameOf(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

/// Writes the bits of elements into slots of a probe, from slot `first` on.
static void fill(std::string &data, DenseElementsAttr values, int64_t first) {
  int64_t bytes = values.getElementType().getIntOrFloatBitWidth() / 8;
  for (auto [i, value] : llvm::enumerate(values.getValues<APFloat>())) {
    uint64_t bits = value.bitcastToAPInt().getZExtValue();
    int64_t slot = first + int64_t(i) / kProbeElements;
    std::memcpy(&data[slot * kProbeSlotBytes + i % kProbeElements * bytes],
                &bits, bytes);
  }
}

std::vector<Probe> mlir::act::readProbes(ModuleOp module) {
  std::vector<Probe> probes;
  for (DictionaryAttr from : probesOf(module)) {
    auto operands = from.getAs<DenseElementsAttr>("operands");
    Probe probe;
    probe.element = operands.getElementType();
    probe.name = textOf(from, "function") + " on " + nameOf(probe.element) +
                 " by " + textOf(from, "kernel");
    probe.operands = operands.getType().getDimSize(0);
    probe.data.resize(kProbeSlots * kProbeSlotBytes);
    fill(probe.data, operands, 0);
    fill(probe.data, from.getAs<DenseElementsAttr>("expected"),
         kProbeSlots - 1);
    probes.push_back(std::move(probe));
  }
  return probes;
}

/// JSON has no infinities: a bound that a clamp has not is a string.
static llvm::json::Value numberAsJSON(double number) {
  if (std::isinf(number))
    return number < 0 ? "-inf" : "inf";
  return number;
}

llvm::json::Array mlir::act::probesAsJSON(ModuleOp module) {
  llvm::json::Array list;
  for (DictionaryAttr probe : probesOf(module)) {
    llvm::json::Object object;
    for (StringRef name : {"function", "kernel", "accuracy"})
      if (probe.contains(name))
        object[name] = textOf(probe, name);
    object["type"] = nameOf(probe.getAs<TypeAttr>("type").getValue());
    if (auto parameters = probe.getAs<DictionaryAttr>("parameters")) {
      llvm::json::Object values;
      for (NamedAttribute one : parameters)
        values[one.getName().getValue()] =
            numberAsJSON(cast<FloatAttr>(one.getValue()).getValueAsDouble());
      object["parameters"] = std::move(values);
    }
    if (auto ulps = probe.getAs<FloatAttr>("ulps")) {
      std::string worst;
      llvm::raw_string_ostream(worst) << llvm::format(
          "%a", probe.getAs<FloatAttr>("worst").getValueAsDouble());
      object["ulps"] = ulps.getValueAsDouble();
      object["worst_input"] = worst;
      object["inputs"] = probe.getAs<IntegerAttr>("inputs").getInt();
    }
    list.push_back(std::move(object));
  }
  return list;
}
