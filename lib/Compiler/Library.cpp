// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "act-mlir/Compiler/Library.h"
#include "../Runtime/Program.h"
#include "act-mlir/Compiler/JIT.h"
#include "act-mlir/Compiler/Output.h"
#include "act-mlir/Target/ModelObject.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

using namespace mlir;
using namespace mlir::act;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

std::string mlir::act::identifierOf(StringRef file) {
  std::string result = path::stem(file).str();
  for (char &c : result)
    if (!llvm::isAlnum(c))
      c = '_';
  if (result.empty() || llvm::isDigit(result.front()))
    result = "m_" + result;
  return result;
}

namespace {

ModelImage makeImage(const CompiledProgram &program) {
  ModelImage image;
  image.name = program.name;
  image.json = program.json;
  auto add = [](ArrayRef<Argument> from,
                std::vector<ModelImage::Argument> &to) {
    for (const Argument &argument : from) {
      act_dtype dtype = dtypeOf(argument);
      to.push_back({argument.name,
                    std::vector<int64_t>(argument.extents.begin(),
                                         argument.extents.end()),
                    dtype.code, dtype.bits});
    }
  };
  add(program.signature.inputs, image.inputs);
  add(program.signature.outputs, image.outputs);
  add(program.signature.constants, image.constants);
  add(program.signature.prepared, image.prepared);
  bool prepares = !program.signature.constants.empty();
  auto prepare = [&](const Level &level, StringRef function) {
    return prepares ? program.symbol(level, function) : "";
  };
  for (const Level &level : program.levels)
    image.levels.push_back(
        {level.name, level.features, program.symbol(level, "run"),
         program.symbol(level, "shapes"), program.symbol(level, "workspace"),
         program.probes.empty() ? "" : program.symbol(level, "probes"),
         prepare(level, "prepare"), prepare(level, "prepare_workspace")});
  for (const Probe &probe : program.probes) {
    act_dtype dtype = dtypeOf(probe.element);
    image.probes.push_back(
        {probe.name, dtype.code, dtype.bits, probe.operands, probe.data});
  }
  image.checks = program.signature.checks;
  image.weightsBytes = program.weights.bytes;
  if (program.gpu) {
    image.gpu.emplace();
    for (const GPUImage &one : program.gpu->images)
      image.gpu->images.push_back({one.chip, one.text});
    image.gpu->kernels = program.gpu->kernels;
    image.gpu->run = program.symbol(program.gpu->host, "run");
    image.gpu->workspace = program.symbol(program.gpu->host, "workspace");
  }
  return image;
}

/// Whether the code is for another machine than this one.
bool isForeign(const CompiledProgram &program) {
  llvm::Triple host(llvm::sys::getDefaultTargetTriple());
  return llvm::Triple(program.triple).getArch() != host.getArch();
}

/// The bits that the self test must see; 0 where the code cannot run here.
llvm::Expected<uint64_t> selftestHash(const CompiledProgram &program) {
  if (isForeign(program))
    return 0;
  auto model = JITModel::create(program);
  if (!model)
    return model.takeError();
  act_instance *instance = nullptr;
  uint64_t hash = 0;
  act_status status = act_rt_create((*model)->get(), nullptr, &instance);
  if (status == ACT_ERROR_CPU)
    return 0;
  if (!status)
    status = act_selftest_hash(instance, &hash);
  // The extents that the test takes may be none that the program does.
  if (status == ACT_ERROR_ARGUMENT && !program.signature.checks.empty()) {
    act_rt_destroy(instance);
    return 0;
  }
  std::string why = act_rt_last_error();
  act_rt_destroy(instance);
  if (status)
    return llvm::createStringError("the self test does not run: " + why);
  return hash;
}

/// Runs a program, with what it prints as the error.
llvm::Error execute(StringRef program, ArrayRef<std::string> arguments,
                    const std::string &log) {
  SmallVector<StringRef> refs = {program};
  for (const std::string &argument : arguments)
    refs.push_back(argument);
  std::string message;
  int code = llvm::sys::ExecuteAndWait(program, refs, std::nullopt,
                                       {StringRef(), log, log}, 0, 0, &message);
  if (code == 0)
    return llvm::Error::success();
  if (auto text = llvm::MemoryBuffer::getFile(log))
    message += (*text)->getBuffer();
  return llvm::createStringError(program + " failed: " + message);
}

/// A linker for this machine, or for another one's triple.
llvm::Expected<std::string> findLinker(StringRef foreign = "") {
  std::string own = foreign.empty() ? "ld" : (foreign + "-ld").str();
  for (StringRef name :
       {StringRef(own), StringRef("ld.lld-22"), StringRef("ld.lld")})
    if (auto found = llvm::sys::findProgramByName(name))
      return *found;
  return llvm::createStringError("no linker found (" + own +
                                 ", ld.lld-22, ld.lld)");
}

/// A C compiler for another machine as linker.
llvm::Error linkFor(StringRef triple, ArrayRef<std::string> objects,
                    StringRef soname, const std::string &out,
                    const Scratch &scratch) {
  std::string name = (triple + "-gcc").str();
  auto found = llvm::sys::findProgramByName(name);
  std::vector<std::string> arguments;
  if (!found && (found = llvm::sys::findProgramByName("clang-22")))
    arguments = {"--target=" + triple.str(), "-fuse-ld=lld"};
  if (!found)
    return llvm::createStringError("no linker found for " + triple + " (" +
                                   name + ", clang-22); --emit=obj needs none");
  llvm::append_range(arguments, std::vector<std::string>{"-shared", "-o", out});
  llvm::append_range(arguments, objects);
  arguments.push_back("-Wl,-soname," + soname.str());
  llvm::append_range(
      arguments,
      std::vector<std::string>{"-Wl,--gc-sections", "-Wl,--exclude-libs,ALL",
                               "-Wl,--build-id=none", "-Wl,-z,noexecstack",
                               "-Wl,--no-undefined", "-Wl,--as-needed", "-lm"});
  return execute(*found, arguments, scratch.file("link.log"));
}

/// This machine's linker, not by way of a C compiler, which takes twice as
/// long. It needs the C library that programs run with and nothing else.
llvm::Error link(ArrayRef<std::string> objects, StringRef soname,
                 const std::string &out, const Scratch &scratch) {
  auto linker = findLinker();
  if (!linker)
    return linker.takeError();
  llvm::Triple triple(llvm::sys::getDefaultTargetTriple());
  std::string folder = "-L/lib/" + triple.getArchName().str() + "-linux-gnu";
  // The loader has what thread-local variables ask for.
  std::string loader = triple.isAArch64() ? "-l:ld-linux-aarch64.so.1"
                                          : "-l:ld-linux-x86-64.so.2";
  std::vector<std::string> arguments = {"-shared", "-o", out};
  llvm::append_range(arguments, objects);
  llvm::append_range(arguments,
                     std::vector<std::string>{
                         "-soname", soname.str(), "--gc-sections",
                         "--exclude-libs", "ALL", "--build-id=none", "-z",
                         "noexecstack", "--no-undefined", "--as-needed", folder,
                         "-L/lib64", "-l:libc.so.6", "-l:libm.so.6", loader});
  return execute(*linker, arguments, scratch.file("link.log"));
}

/// One relocatable object of several.
llvm::Error join(StringRef foreign, ArrayRef<std::string> objects,
                 const std::string &out, const Scratch &scratch) {
  auto linker = findLinker(foreign);
  if (!linker)
    return linker.takeError();
  std::vector<std::string> arguments = {"-r", "-o", out};
  llvm::append_range(arguments, objects);
  return execute(*linker, arguments, scratch.file("link.log"));
}

llvm::Error writeObject(const std::string &path, llvm::Module &module,
                        llvm::TargetMachine &machine) {
  std::error_code code;
  llvm::raw_fd_ostream os(path, code);
  if (code)
    return fileError(path, code.message());
  llvm::Error error =
      writeMachineCode(module, machine, llvm::CodeGenFileType::ObjectFile, os);
  if (error)
    return error;
  os.close();
  if (std::error_code code = os.error()) {
    os.clear_error();
    return fileError(path, code.message());
  }
  return llvm::Error::success();
}

/// Writes the weights where an object file has zeros for them.
llvm::Error fillWeights(const std::string &path, const Weights &weights) {
  uint64_t offset = 0;
  {
    auto object = llvm::object::ObjectFile::createObjectFile(path);
    if (!object)
      return object.takeError();
    for (llvm::object::ELFSectionRef section : object->getBinary()->sections())
      if (auto name = section.getName(); !name)
        return name.takeError();
      else if (*name == kWeightsSection)
        offset = section.getOffset();
  }
  std::error_code code;
  llvm::raw_fd_ostream os(path, code, fs::CD_OpenExisting);
  if (code)
    return fileError(path, code.message());
  os.seek(offset);
  weights.write(os);
  os.close();
  if (std::error_code code = os.error()) {
    os.clear_error();
    return fileError(path, code.message());
  }
  return llvm::Error::success();
}

/// Copies a file piece by piece: libraries may be larger than memory.
llvm::Error copyFile(const std::string &from, StringRef to) {
  auto file = fs::openNativeFileForRead(from);
  if (!file)
    return fileError(from, llvm::toString(file.takeError()));
  llvm::Error failure = llvm::Error::success();
  llvm::Error error = writeFile(to, [&](raw_ostream &os) {
    std::vector<char> piece(1 << 20);
    while (!failure) {
      auto read = fs::readNativeFile(*file, piece);
      if (!read)
        failure = fileError(from, llvm::toString(read.takeError()));
      else if (*read == 0)
        break;
      else
        os.write(piece.data(), *read);
    }
  });
  fs::closeFile(*file);
  return llvm::joinErrors(std::move(failure), std::move(error));
}

/// safetensors: the length of a JSON header in 8 bytes, the header, the data
/// (https://github.com/huggingface/safetensors#format).
void writeSafetensors(raw_ostream &os, const Weights &weights) {
  std::string header;
  llvm::raw_string_ostream(header) << llvm::json::Value(llvm::json::Object{
      {"weights", llvm::json::Object{
                      {"dtype", "U8"},
                      {"shape", llvm::json::Array{weights.bytes}},
                      {"data_offsets", llvm::json::Array{0, weights.bytes}}}}});
  // Data begin at a multiple of 64 bytes.
  header.append(63 - (8 + header.size() + 63) % 64, ' ');
  uint64_t length = header.size();
  os.write(reinterpret_cast<const char *>(&length), 8);
  os << header;
  weights.write(os);
}

} // namespace

llvm::Error mlir::act::writeLibrary(const CompiledProgram &program,
                                    const LibraryOptions &options) {
  Scratch scratch;
  if (llvm::Error error = scratch.create())
    return error;
  std::vector<std::string> objects;
  auto write = [&](const llvm::Twine &name, Writer writer) -> llvm::Error {
    objects.push_back(scratch.file(name));
    return writeFile(objects.back(), writer);
  };
  for (const Level &level : program.levels)
    if (llvm::Error error = write(level.name + ".o",
                                  [&](raw_ostream &os) { os << level.code; }))
      return error;

  if (program.gpu)
    if (llvm::Error error = write(
            "gpu.o", [&](raw_ostream &os) { os << program.gpu->host.code; }))
      return error;

  ModelImage image = makeImage(program);
  auto hash = selftestHash(program);
  if (!hash)
    return hash.takeError();
  image.selftest = *hash;
  if (program.weights.bytes && options.externalWeights) {
    SmallString<128> file(options.path);
    path::replace_extension(file, ".safetensors");
    image.externalWeights = path::filename(file).str();
    if (llvm::Error error = writeFile(file, [&](raw_ostream &os) {
          writeSafetensors(os, program.weights);
        }))
      return error;
  }

  llvm::LLVMContext context;
  CPUTarget target;
  target.triple = program.triple;
  target.cpu = program.levels.back().name;
  auto machine = createTargetMachine(target);
  if (!machine)
    return machine.takeError();
  std::unique_ptr<llvm::Module> module =
      buildModelModule(context, image, options.shared);
  module->setTargetTriple((*machine)->getTargetTriple());
  module->setDataLayout((*machine)->createDataLayout());
  objects.push_back(scratch.file("model.o"));
  if (llvm::Error error = writeObject(objects.back(), *module, **machine))
    return error;
  if (program.weights.bytes && image.externalWeights.empty())
    if (llvm::Error error = fillWeights(objects.back(), program.weights))
      return error;

  std::string out = scratch.file("out");
  if (options.shared) {
    std::string runtime = options.runtime;
    if (isForeign(program)) {
      SmallString<128> path(path::parent_path(runtime));
      path::append(path, program.triple, path::filename(runtime));
      runtime = path.str().str();
    }
    if (!fs::exists(runtime))
      return fileError(runtime, "no runtime for " + program.triple +
                                    ": it is built where a C compiler for it "
                                    "is installed; --emit=obj needs none");
    objects.push_back(runtime);
  }
  StringRef soname = path::filename(options.path);
  std::string foreign = isForeign(program) ? program.triple : "";
  if (llvm::Error error = !options.shared ? join(foreign, objects, out, scratch)
                          : !foreign.empty()
                              ? linkFor(foreign, objects, soname, out, scratch)
                              : link(objects, soname, out, scratch))
    return error;
  if (llvm::Error error = copyFile(out, options.path))
    return error;
  if (options.shared)
    (void)fs::setPermissions(options.path,
                             fs::all_read | fs::all_exe | fs::owner_write);
  return llvm::Error::success();
}
