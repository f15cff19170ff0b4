// SPDX-License-Identifier: Apache-2.0
// Part of Alicorn: WebSocket for Swift, whole.
//
// What a process and its children have used: seconds of CPU time in all their threads, and resident memory.
#pragma once

#include <dirent.h>
#include <stdbool.h>
#include <time.h>
#include <unistd.h>

#include "fail.h"

enum { MOST_PROCESSES = 256 };

// Appends a process and those that any of its threads has started, and theirs.
static inline size_t list_processes(int pid, int *pids, size_t count) {
    if (count == MOST_PROCESSES) fail("The server has more than %d processes.", MOST_PROCESSES);
    pids[count++] = pid;
    char path[300];
    snprintf(path, sizeof path, "/proc/%d/task", pid);
    DIR *threads = opendir(path);
    if (!threads) return count; // it has ended
    for (struct dirent *thread; (thread = readdir(threads));) {
        if (thread->d_name[0] == '.') continue;
        snprintf(path, sizeof path, "/proc/%d/task/%s/children", pid, thread->d_name);
        FILE *children = fopen(path, "re");
        if (!children) continue;
        for (int child; fscanf(children, "%d", &child) == 1;) count = list_processes(child, pids, count);
        fclose(children);
    }
    closedir(threads);
    return count;
}

static inline double cpu_seconds(int pid) {
    int pids[MOST_PROCESSES];
    double sum = 0;
    size_t count = list_processes(pid, pids, 0);
    for (size_t i = 0; i < count; i++) {
        // In nanoseconds, where /proc/PID/stat counts hundredths of a second; threads that have ended are in both.
        clockid_t clock;
        struct timespec time;
        bool known = clock_getcpuclockid(pids[i], &clock) == 0 && clock_gettime(clock, &time) == 0;
        if (known) sum += (double)time.tv_sec + (double)time.tv_nsec / 1e9;
        else if (i == 0) fail("There is no process %d to measure.", pid);
    }
    return sum;
}

static inline double resident_bytes(int pid) {
    int pids[MOST_PROCESSES];
    double sum = 0;
    size_t count = list_processes(pid, pids, 0);
    for (size_t i = 0; i < count; i++) {
        char path[64], line[256];
        snprintf(path, sizeof path, "/proc/%d/smaps_rollup", pids[i]);
        FILE *file = fopen(path, "re");
        if (!file && i == 0) fail("It is not possible to read the memory of process %d in %s.", pid, path);
        double kibibytes;
        while (file && fgets(line, sizeof line, file))
            if (sscanf(line, "Rss: %lf", &kibibytes) == 1) sum += kibibytes * 1024;
        if (file) fclose(file);
    }
    return sum;
}
