# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Ends act-compile at many times: `interrupt.py PROGRAM FOLDER`."""
import os
import signal
import subprocess
import sys
import time

program, folder = sys.argv[1:]
output = os.path.join(folder, "term.so")
temporary = os.path.join(folder, "tmp")
command = ["act-compile", program, "-o", output, "--march=x86-64-v3"]
environment = dict(os.environ, TMPDIR=temporary)


def files():
    return {name: open(os.path.join(folder, name), "rb").read()
            for name in os.listdir(folder) if name.startswith("term")}


start = time.monotonic()
subprocess.run(command, check=True, env=environment)
whole = time.monotonic() - start
compiled = files()
old = {"term.so": b"old"}
interrupts = broken = left = 0
for k in range(24):
    for name in files():
        os.remove(os.path.join(folder, name))
    with open(output, "wb") as file:
        file.write(old["term.so"])
    process = subprocess.Popen(command, env=environment)
    time.sleep(whole * (k + 1) / 25)
    process.send_signal(signal.SIGTERM)
    interrupts += process.wait() != 0
    # The linker may outlive the compiler by a moment.
    for _ in range(100):
        if not os.listdir(temporary):
            break
        time.sleep(0.1)
    found = files()
    broken += found.get("term.so") not in (b"old", compiled["term.so"])
    left += len(set(found) - set(compiled)) + len(os.listdir(temporary))
print(f"{interrupts} interrupts, {broken} broken files, {left} left over")
