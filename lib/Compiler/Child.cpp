// Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "Child.h"
#include "llvm/ADT/STLExtras.h"
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace mlir::act;

static constexpr int kCrashes[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL};

bool ChildResult::exited() const { return started && WIFEXITED(status); }
bool ChildResult::succeeded() const {
  return exited() && WEXITSTATUS(status) == 0;
}
bool ChildResult::crashed() const {
  return started && WIFSIGNALED(status) &&
         llvm::is_contained(kCrashes, WTERMSIG(status));
}

static void limit(int resource, rlim_t value) {
  rlimit both = {value, value};
  setrlimit(resource, &both);
}

ChildResult mlir::act::runInChild(rlim_t seconds, std::optional<rlim_t> bytes,
                                  llvm::function_ref<int(int)> work) {
  int ends[2];
  if (pipe(ends))
    return {};
  pid_t child = fork();
  if (child < 0) {
    close(ends[0]);
    close(ends[1]);
    return {};
  }
  if (child == 0) {
    close(ends[0]);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_CPU, seconds);
    if (bytes)
      limit(RLIMIT_AS, *bytes);
    for (int signal : kCrashes)
      std::signal(signal, SIG_DFL);
    std::signal(SIGXCPU, SIG_DFL);
    dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
    _exit(work(ends[1]));
  }
  close(ends[1]);
  ChildResult result;
  result.started = true;
  char buffer[4096];
  for (ssize_t n; (n = read(ends[0], buffer, sizeof buffer)) != 0;) {
    if (n > 0)
      result.text.append(buffer, n);
    else if (errno != EINTR)
      break;
  }
  close(ends[0]);
  while (waitpid(child, &result.status, 0) < 0 && errno == EINTR) {
  }
  return result;
}
