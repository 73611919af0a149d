# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Runs a sweep, interrupts it once it has left a state, and runs it again.

    interrupt.py <rows> <command>...
"""
import os
import signal
import subprocess
import sys
import time

state, command = sys.argv[1] + ".state", sys.argv[2:]
process = subprocess.Popen(command)
while not os.path.exists(state) and process.poll() is None:
    time.sleep(0.01)
process.send_signal(signal.SIGINT)
if process.wait() != 130:
    sys.exit(f"expected exit code 130, got {process.returncode}")
subprocess.run(command, check=True)
