# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import os

lit_config.load_config(config, os.path.join(
    config.act_build_dir, "share", "act-mlir", "lit.cfg.py"))
config.name = "act-mlir"
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.act_build_dir, "test")
config.excludes = ["Inputs", "CMakeLists.txt", "Python"]

# lit itself, for the suites of others.
config.environment["PATH"] = os.pathsep.join(
    [config.environment["PATH"],
     os.path.join(config.act_source_dir, ".venv", "bin")])
llvm = os.path.dirname(config.llvm_tools_dir)
config.substitutions += [
    ("%act_src", config.act_source_dir),
    ("%host_cmake", f"-DCMAKE_C_COMPILER={config.host_cc} "
     f"-DCMAKE_CXX_COMPILER={config.host_cxx} "
     "-DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=lld-22 "
     "-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache"),
    ("%host_cxx", config.host_cxx),
    ("%host_cc", config.host_cc),
    ("%python", os.path.join(config.act_source_dir, ".venv", "bin", "python")),
    ("%llvm_include", os.path.join(llvm, "include")),
    ("%llvm_lib", os.path.join(llvm, "lib")),
    ("%act_build", config.act_build_dir)]

if os.path.exists(os.path.join(config.act_build_dir, "bin", "ActUnitTests")):
    config.available_features.add("unit-tests")
