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

// An enumeration and its attribute. In the custom form of an operation it is a
// bare word: `{approximate = tanh}`.
class Act_Enum<string name, string text, list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, text, cases> {
  let cppNamespace = "::mlir::act";
  let genSpecializedAttr = 0;
}
class Act_EnumAttr<EnumAttrInfo info, string mnemonic>
    : EnumAttr<Act_Dialect, info, mnemonic> {
  let assemblyFormat = "`<` $value `>`";
}

def Act_GeluForm : Act_Enum<"GeluForm", "which function gelu is",
    [I32EnumAttrCase<"None", 0, "none">, I32EnumAttrCase<"Tanh", 1, "tanh">]>;
def Act_GeluFormAttr : Act_EnumAttr<Act_GeluForm, "gelu_form">;

def Act_MaskedRow : Act_Enum<"MaskedRow", "softmax of a row of -inf",
    [I32EnumAttrCase<"Nan", 0, "nan">, I32EnumAttrCase<"Zero", 1, "zero">]>;
def Act_MaskedRowAttr : Act_EnumAttr<Act_MaskedRow, "masked_row">;

def Act_GluLayout : Act_Enum<"GluLayout", "where the gates stand",
    [I32EnumAttrCase<"Halves", 0, "halves">,
     I32EnumAttrCase<"Interleaved", 1, "interleaved">]>;
def Act_GluLayoutAttr : Act_EnumAttr<Act_GluLayout, "glu_layout">;

def Act_GluGate : Act_Enum<"GluGate", "which half gates",
    [I32EnumAttrCase<"First", 0, "first">,
     I32EnumAttrCase<"Second", 1, "second">]>;
def Act_GluGateAttr : Act_EnumAttr<Act_GluGate, "glu_gate">;

def Act_AccuracyAttr : AttrDef<Act_Dialect, "Accuracy"> {
  let mnemonic = "accuracy";
  let summary = "the accuracy that an operation asks for";
  let description = [{
    A mode (`#act.accuracy<precise>`) or a bound in ULP of the result's type
    (`#act.accuracy<ulps = 2.0>`), which must be positive and at most 2^23: no
    digit of f32 is right beyond.
  }];
  let parameters = (ins "AccuracyMode":$mode,
                        APFloatParameter<"the bound">:$bound);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    double getUlps() const { return getBound().convertToDouble(); }

    /// What options name: `highest`, `precise`, `fast` or a number of ULP. Any
    /// other text is an error.
    static FailureOr<std::pair<AccuracyMode, double>>
    parseOption(StringRef text, function_ref<InFlightDiagnostic()> emitError);
  }];
}

def Act_FnAttr : AttrDef<Act_Dialect, "Fn"> {
  let mnemonic = "fn";
  let summary = "an elementwise activation with its parameters";
  let description = [{
    The mnemonic of an operation of one operand, and its attributes, which must
    be such that the operation allows them: `#act.fn<silu, beta = 1.702>`.
  }];
  let parameters = (ins StringRefParameter<"the mnemonic">:$function,
                        "DictionaryAttr":$parameters);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// The operation that this names, applied to a value.
    ::mlir::Value build(::mlir::OpBuilder &b, ::mlir::Location loc,
                        ::mlir::Value x) const;
    /// Its gradient operation.
    ::mlir::Value buildGradient(::mlir::OpBuilder &b, ::mlir::Location loc,
                                ::mlir::Value dy, ::mlir::Value x) const;
  }];
}

#endif // ACT_ATTRIBUTES
