// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

// Finds activations in decomposed form by what they compute.
//
// For every value v the values that depend on v alone are followed, as long as
// no more than `max-ops` operations lie between, with their numbers at a few
// probes. What looks like a function with a name there is a candidate. A value
// has at most `max-ops` such v, so that this is linear in the program. The
// candidates that end last, and of those the largest, are compared closely
// first; equal ones are compared once.

#include "KnownFunctions.h"
#include "RaiseRows.h"
#include "act-mlir/Elementwise/Passes.h"
#include "act-mlir/IR/Act.h"
#include "act-mlir/Numerics/Host.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Format.h"
#include <array>
#include <queue>

namespace mlir::act {
#define GEN_PASS_DEF_RAISE
#include "act-mlir/Elementwise/Passes.h.inc"
} // namespace mlir::act

using namespace mlir;
using namespace mlir::act;
using numerics::Function;

namespace {

/// What a cone was found to be.
struct Finding {
  std::optional<NamedFunction> named;
  Comparison comparison;
};

/// Findings by Cone::key(), for the whole pass.
using Findings = llvm::StringMap<Finding>;

std::string number(double value) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%.2g", value);
  return text;
}

/// No activation is a chain of more operations that each take one value.
constexpr unsigned kMaxChain = 16;

struct Candidate {
  unsigned input, root, size;
};

using Values = std::array<double, kNumProbes>;

class BlockRaiser {
public:
  BlockRaiser(Block &block, unsigned maxOps, Findings &findings)
      : graph(block), maxOps(maxOps), findings(findings), sizes(graph.size()) {}

  /// Returns how many activations were found.
  unsigned run() {
    for (unsigned input = 1; input < graph.size(); ++input)
      if (isReal(input))
        follow(input);
    // Later roots first: what lies inside of an activation is none itself.
    llvm::sort(candidates, [](const Candidate &a, const Candidate &b) {
      return std::tie(a.root, a.size) > std::tie(b.root, b.size);
    });
    unsigned raised = 0;
    unsigned done = ElementwiseGraph::kNone;
    for (const Candidate &candidate : candidates)
      if (candidate.root != done && graph[candidate.root].uses > 0 &&
          raise(candidate)) {
        done = candidate.root;
        ++raised;
      }
    return raised;
  }

private:
  bool isReal(unsigned node) const {
    return graph[node].isVarying() &&
           isa_and_present<Float16Type, BFloat16Type, Float32Type, Float64Type>(
               graph[node].element);
  }

  void follow(unsigned input);
  unsigned countOps(unsigned root);
  Values evaluate(const ElementwiseGraph::Node &node, unsigned input,
                  const DenseMap<unsigned, Values> &known) const;
  bool raise(const Candidate &candidate);
  const Finding &find(const Cone &cone);
  bool staysAlive(const Cone &cone, unsigned root) const;
  Operation *replace(const NamedFunction &named, unsigned input, unsigned root);
  void drop(unsigned node);

  ElementwiseGraph graph;
  unsigned maxOps;
  Findings &findings;
  std::vector<Candidate> candidates;
  /// What countOps() has found; 0: nothing yet.
  SmallVector<unsigned, 0> sizes;
};

/// The values of one operation at the probes, roughly.
Values BlockRaiser::evaluate(const ElementwiseGraph::Node &node, unsigned input,
                             const DenseMap<unsigned, Values> &known) const {
  std::optional<Function> function = getMathFunction(node.op);
  SmallVector<double> parameters;
  if (auto activation = dyn_cast<ActivationOpInterface>(node.op)) {
    function = activation.getFunction();
    parameters = activation.getParameters();
  }
  SmallVector<const Values *, 3> operands;
  for (unsigned operand : node.operands) {
    auto found = known.find(operand);
    operands.push_back(found == known.end() ? nullptr : &found->second);
  }
  Values result;
  SmallVector<double, 3> x(node.operands.size());
  for (unsigned i = 0; i < kNumProbes; ++i) {
    for (auto [k, operand] : llvm::enumerate(node.operands))
      x[k] = operand == input ? kProbes[i]
             : operands[k]    ? (*operands[k])[i]
                              : graph[operand].number;
    result[i] = function
                    ? numerics::evaluate(*function, numerics::Kernel::Core,
                                         numerics::Type::F32, parameters.data(),
                                         x.data())
                    : node.evaluator(node.op, x)
                          .value_or(std::numeric_limits<double>::quiet_NaN());
  }
  return result;
}

/// The operations between a node and its dominator; more than `maxOps` count
/// as one more.
unsigned BlockRaiser::countOps(unsigned root) {
  unsigned &known = sizes[root];
  if (known)
    return known;
  llvm::SmallSetVector<unsigned, 16> found;
  found.insert(root);
  for (unsigned i = 0; i < found.size() && found.size() <= maxOps; ++i)
    for (unsigned operand : graph[found[i]].operands)
      if (operand != graph[root].dominator && graph[operand].isVarying())
        found.insert(operand);
  return known = found.size();
}

/// Goes over all nodes that depend on `input` alone, in their order.
void BlockRaiser::follow(unsigned input) {
  DenseMap<unsigned, Values> known;
  /// How many operations lead to a node, and whether they are a chain.
  struct Path {
    unsigned size;
    bool isChain;
  };
  DenseMap<unsigned, Path> paths{{input, {0, true}}};
  std::priority_queue<unsigned, std::vector<unsigned>, std::greater<unsigned>>
      queue;
  auto push = [&](unsigned node) {
    for (unsigned user : graph[node].users)
      queue.push(user);
  };
  push(input);
  while (!queue.empty()) {
    unsigned root = queue.top();
    while (!queue.empty() && queue.top() == root)
      queue.pop();
    const ElementwiseGraph::Node &node = graph[root];
    bool inside = llvm::all_of(node.operands, [&](unsigned operand) {
      return !graph[operand].isVarying() || paths.contains(operand);
    });
    if (!inside)
      continue;
    Path before = paths.lookup(node.dominator);
    unsigned size = before.size + countOps(root);
    bool isChain = before.isChain && size == before.size + 1;
    if (size > (isChain ? kMaxChain : maxOps))
      continue;
    Values values = evaluate(node, input, known);
    if (llvm::none_of(values, [](double y) { return std::isfinite(y); }))
      continue;
    known[root] = values;
    paths[root] = {size, isChain};
    push(root);
    bool isAct = size == 1 && (isa<ActivationOpInterface>(node.op) ||
                               isa<math::ErfOp, math::ErfcOp>(node.op));
    if (!isAct && isReal(root) && graph[root].element == graph[input].element &&
        mayBeNamed(values))
      candidates.push_back({input, root, size});
  }
}

const Finding &BlockRaiser::find(const Cone &cone) {
  auto [entry, isNew] = findings.try_emplace(cone.key());
  Finding &finding = entry->second;
  if (!isNew)
    return finding;
  for (NamedFunction &named : nameCandidates(cone)) {
    finding.comparison = compare(cone, named);
    if (!finding.comparison.agrees)
      continue;
    finding.named = std::move(named);
    break;
  }
  return finding;
}

/// Whether something that costs would be computed nevertheless, for other
/// uses: then the activation would come on top of it.
bool BlockRaiser::staysAlive(const Cone &cone, unsigned root) const {
  llvm::SmallDenseSet<unsigned> inside(cone.members().begin(),
                                       cone.members().end());
  llvm::SmallDenseSet<unsigned> alive;
  for (unsigned id : llvm::reverse(cone.members())) {
    if (id == root)
      continue;
    const ElementwiseGraph::Node &node = graph[id];
    unsigned dying = llvm::count_if(node.users, [&](unsigned user) {
      return inside.contains(user) && !alive.contains(user);
    });
    if (dying >= node.uses)
      continue;
    alive.insert(id);
    if (getMathFunction(node.op) ||
        isa<ActivationOpInterface, arith::DivFOp>(node.op))
      return true;
  }
  return false;
}

/// A node has one use less.
void BlockRaiser::drop(unsigned id) {
  SmallVector<unsigned> work{id};
  while (!work.empty()) {
    ElementwiseGraph::Node &node = graph[work.pop_back_val()];
    if (node.uses > 0 && --node.uses == 0)
      work.append(node.operands.begin(), node.operands.end());
  }
}

/// Puts the operation where the root is: on tensors where both ends are
/// values there, else in the body.
Operation *BlockRaiser::replace(const NamedFunction &named, unsigned input,
                                unsigned root) {
  ElementwiseGraph::Node &from = graph[input], &to = graph[root];
  OpBuilder b(to.op);
  b.setInsertionPointAfter(to.op);
  bool onlyYielded = llvm::all_of(to.scalars, [](auto scalar) {
    return llvm::all_of(scalar.second.getUsers(), [&](Operation *user) {
      return user == scalar.first->getTerminator();
    });
  });
  if (onlyYielded && !to.values.empty() && !from.values.empty() &&
      llvm::all_of(to.values, [&](Value value) {
        return value.getType() == from.values.front().getType();
      })) {
    b.setInsertionPointAfter(to.values.front().getDefiningOp());
    Operation *op = named.build(b, to.op->getLoc(), from.values.front());
    for (Value &value : to.values)
      value.replaceAllUsesWith(op->getResult(0));
    return op;
  }
  if (to.scalars.empty())
    return nullptr;
  auto [body, scalar] = to.scalars.front();
  Value x = graph.scalarIn(input, body);
  if (!x || x.getType() != scalar.getType() ||
      !isa<linalg::GenericOp, linalg::MapOp>(body->getParentOp()))
    return nullptr;
  Operation *op = named.build(b, to.op->getLoc(), x);
  scalar.replaceAllUsesWith(op->getResult(0));
  return op;
}

bool BlockRaiser::raise(const Candidate &candidate) {
  auto [input, root, size] = candidate;
  Cone cone(graph, input, root);
  const Finding &finding = find(cone);
  if (!finding.named)
    return false;
  // The same function over again is no discovery.
  Operation *rootOp = graph[root].op;
  if (size == 1 && getMathFunction(rootOp) == finding.named->function &&
      finding.named->function >= Function::Exp)
    return false;
  MLIRContext *context = rootOp->getContext();
  std::string name = finding.named->text(context);
  remark::RemarkOpts opts =
      remark::RemarkOpts::name("raise").category("act-raise");
  if (staysAlive(cone, root)) {
    remark::missed(rootOp->getLoc(), opts) << remark::add(
        "{0} is not named: a part of it is used elsewhere", name);
    return false;
  }
  // What all operations agree on is said of the one.
  Attribute accuracy;
  auto fastmath = arith::FastMathFlags::contract;
  bool anyFlags = false;
  for (unsigned id : cone.members()) {
    Operation *op = graph[id].op;
    if (Attribute own = op->getAttr("accuracy")) {
      if (accuracy && own != accuracy)
        return false;
      accuracy = own;
    }
    if (auto flags = dyn_cast<arith::ArithFastMathInterface>(op)) {
      arith::FastMathFlagsAttr own = flags.getFastMathFlagsAttr();
      auto set = own ? own.getValue() : arith::FastMathFlags::none;
      fastmath = anyFlags ? fastmath & set : set;
      anyFlags = true;
    }
  }
  SmallVector<unsigned, 3> operands = graph[root].operands;
  Operation *op = replace(*finding.named, input, root);
  if (!op)
    return false;
  if (accuracy && isa<ActivationOpInterface>(op))
    op->setAttr("accuracy", accuracy);
  if (anyFlags && fastmath != arith::FastMathFlags::none)
    op->setAttr("fastmath", arith::FastMathFlagsAttr::get(context, fastmath));
  const Comparison &found = finding.comparison;
  auto said = remark::passed(op->getLoc(), opts);
  said << remark::add("{0} in place of {1} operation{2}", name, size,
                      size == 1 ? "" : "s");
  if (!found.specials.empty())
    said << remark::add("; {0}", found.specials);
  if (found.difference > 0)
    said << remark::add("; at most {0} relative difference, at {1}",
                        number(found.difference), number(found.at));
  // The input gains a user, the root's operands lose one.
  ++graph[input].uses;
  graph[root].uses = 0;
  for (unsigned operand : operands)
    drop(operand);
  return true;
}

/// Erases what became useless, users before what they use.
void eraseDead(Block &block) {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block))) {
    if (isOpTriviallyDead(&op)) {
      op.erase();
      continue;
    }
    for (Region &region : op.getRegions())
      for (Block &inner : region)
        eraseDead(inner);
  }
}

struct RaisePass : public act::impl::RaiseBase<RaisePass> {
  using RaiseBase::RaiseBase;

  void runOnOperation() override {
    // One after the other: remarks have no lock.
    Findings findings;
    bool changed = true;
    // An error function that was found may be a part of gelu.
    for (unsigned round = 0; changed && round < 4; ++round) {
      changed = false;
      SmallVector<Block *> blocks;
      getOperation()->walk([&](Operation *op) {
        // Bodies are parts of the blocks around them.
        if (isa<linalg::LinalgOp>(op))
          return WalkResult::skip();
        for (Region &region : op->getRegions())
          for (Block &block : region)
            blocks.push_back(&block);
        return WalkResult::advance();
      });
      for (Block *block : blocks) {
        unsigned count =
            BlockRaiser(*block, maxOps, findings).run() + raiseRows(*block);
        numRaised += count;
        changed |= count > 0;
        if (count)
          eraseDead(*block);
      }
    }
  }
};

} // namespace
