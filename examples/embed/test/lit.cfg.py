# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

import os

lit_config.load_config(config, config.act_lit_config)
config.name = "toy"
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(config.toy_build_dir, "test")
config.substitutions.append(("toy-opt", os.path.join(config.toy_build_dir, "toy-opt")))
