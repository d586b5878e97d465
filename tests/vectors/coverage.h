/* SPDX-License-Identifier: ISC */
/* What the vectors show of the standard, and what they must. */
#ifndef TESTS_VECTORS_COVERAGE_H
#define TESTS_VECTORS_COVERAGE_H

#include "vectors.h"

/* Appends the name of each thing that no vector shows, one a line, to 'missing'; returns how many things there must be. */
size_t coverage_check(const struct vectors *, struct sbuf *missing);

#endif
