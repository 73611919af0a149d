// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef ACT_ATTRIBUTES
#define ACT_ATTRIBUTES

include "act-mlir/IR/ActDialect.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"

def Act_AccuracyMode : I32EnumAttr<"AccuracyMode", "what accuracy is asked for",
    [I32EnumAttrCase<"Highest", 0, "highest">,
     I32EnumAttrCase<"Precise", 1, "precise">,
     I32EnumAttrCase<"Fast", 2, "fast">,
     I32EnumAttrCase<"Ulps", 3, "ulps">]> {
  let cppNamespace = "::mlir::act";
  let genSpecializedAttr = 0;
}

def Act_GeluForm : I32EnumAttr<"GeluForm", "which function gelu is",
    [I32EnumAttrCase<"None", 0, "none">, I32EnumAttrCase<"Tanh", 1, "tanh">]> {
  let cppNamespace = "::mlir::act";
}

def Act_MaskedRow : I32EnumAttr<"MaskedRow", "softmax of a row of -inf",
    [I32EnumAttrCase<"Nan", 0, "nan">, I32EnumAttrCase<"Zero", 1, "zero">]> {
  let cppNamespace = "::mlir::act";
}

def Act_GluLayout : I32EnumAttr<"GluLayout", "where the gates stand",
    [I32EnumAttrCase<"Halves", 0, "halves">,
     I32EnumAttrCase<"Interleaved", 1, "interleaved">]> {
  let cppNamespace = "::mlir::act";
}

def Act_GluGate : I32EnumAttr<"GluGate", "which half gates",
    [I32EnumAttrCase<"First", 0, "first">,
     I32EnumAttrCase<"Second", 1, "second">]> {
  let cppNamespace = "::mlir::act";
}

def Act_AccuracyAttr : AttrDef<Act_Dialect, "Accuracy"> {
  let mnemonic = "accuracy";
  let summary = "the accuracy that an operation asks for";
  let description = [{
    A mode (`#act.accuracy<precise>`) or a bound in ULP of the result's type
    (`#act.accuracy<ulps = 2.0>`), which must be positive and finite.
  }];
  let parameters = (ins "AccuracyMode":$mode, APFloatParameter<"the bound">:$bound);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    double getUlps() const { return getBound().convertToDouble(); }
  }];
}

def Act_FnAttr : AttrDef<Act_Dialect, "Fn"> {
  let mnemonic = "fn";
  let summary = "an elementwise activation with its parameters";
  let description = [{
    The mnemonic of an operation of one operand, and its attributes:
    `#act.fn<silu, {beta = 1.702}>`.
  }];
  let parameters = (ins StringRefParameter<"the mnemonic">:$function,
                        OptionalParameter<"DictionaryAttr">:$parameters);
  let assemblyFormat = "`<` $function (`,` $parameters^)? `>`";
  let genVerifyDecl = 1;
}

#endif // ACT_ATTRIBUTES
