# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import os
import shutil

import lit.formats

config.name = "act-mlir"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.act_build_dir, "test")
config.excludes = ["Inputs", "CMakeLists.txt", "consumer", "Python"]

path = [os.path.join(config.act_build_dir, "bin"), config.llvm_tools_dir,
        os.path.join(config.act_source_dir, ".venv", "bin"),
        os.environ["PATH"]]
config.environment["PATH"] = os.pathsep.join(path)
config.environment["FILECHECK_OPTS"] = "-enable-var-scope"
config.environment["ACT_CACHE_DIR"] = ""
config.substitutions.append(("%act_lib", os.path.join(config.act_build_dir, "lib")))
config.substitutions.append(("%act_src", config.act_source_dir))
config.substitutions.append(("%host_cxx", config.host_cxx))
config.substitutions.append(("%host_cc", config.host_cc))
config.substitutions.append(("%python", os.path.join(
    config.act_source_dir, ".venv", "bin", "python")))
config.substitutions.append(("%llvm_include", os.path.join(
    os.path.dirname(config.llvm_tools_dir), "include")))
config.substitutions.append(("%llvm_lib", os.path.join(
    os.path.dirname(config.llvm_tools_dir), "lib")))
config.substitutions.append(("%act_build", config.act_build_dir))

with open("/proc/cpuinfo") as cpuinfo:
    flags = cpuinfo.read()
if " avx512f " in flags:
    config.available_features.add("avx512")
if shutil.which("ptxas"):
    config.available_features.add("ptxas")
if (shutil.which("qemu-aarch64") and shutil.which("aarch64-linux-gnu-gcc") and
        os.path.exists(os.path.join(config.act_build_dir, "lib",
                                    "aarch64-linux-gnu", "libActRuntime.a"))):
    config.available_features.add("aarch64")
if os.path.exists(os.path.join(config.act_build_dir, "bin", "ActUnitTests")):
    config.available_features.add("unit-tests")
