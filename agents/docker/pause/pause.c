// SPDX-License-Identifier: Apache-2.0
// The only process of a pod's sandbox: it holds the pod's namespaces open, reaps orphans where the pod shares its
// processes, and ends on SIGTERM or SIGINT.
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void end(int signalNumber)
{
    (void)signalNumber;
    _exit(0);
}

static void reap(int signalNumber)
{
    (void)signalNumber;
    while (waitpid(-1, NULL, WNOHANG) > 0) {
    }
}

int main(void)
{
    struct sigaction action = {0};
    action.sa_handler = end;
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    action.sa_handler = reap;
    action.sa_flags = SA_NOCLDSTOP;
    sigaction(SIGCHLD, &action, NULL);
    for (;;)
        pause();
}
