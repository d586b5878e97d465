/* SPDX-License-Identifier: ISC */
/* The heap as a whole. */
#ifndef LIB_HEAP_H
#define LIB_HEAP_H

/* Gives the system back what is free in it, as far as the C library can: some 0.1 ms a MiB, in which nobody allocates. */
void heap_give_back(void);

#endif
