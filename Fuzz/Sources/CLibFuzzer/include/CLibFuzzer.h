// SPDX-License-Identifier: Apache-2.0
// libFuzzer as a library. The toolchain has it, but no header for it.
#pragma once
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerRunDriver(int *count, char ***arguments, int (*test)(const uint8_t *start, size_t count));
