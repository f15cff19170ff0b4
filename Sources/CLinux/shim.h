// SPDX-License-Identifier: Apache-2.0
// What Swift's modules for Linux leave out of the C library.
#pragma once
#ifdef __linux__
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

// Headers that define other modules' types cannot be included here, so these name what those would: `address` is a
// struct sockaddr, `thread` a pthread_t.
int clinux_accept4(int descriptor, void *address, unsigned int *length, int flags) __asm__("accept4");
int clinux_wcwidth(int character) __asm__("wcwidth");
int clinux_setname(unsigned long thread, const char *name) __asm__("pthread_setname_np");
#ifdef __GLIBC__
int clinux_malloc_trim(unsigned long kept) __asm__("malloc_trim");
#endif
#endif
