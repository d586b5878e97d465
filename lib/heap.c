/* SPDX-License-Identifier: ISC */
/* malloc of glibc gives back on its own only what lies at the heap's end; others (musl) do it as they free. */
#include "heap.h"

#include <stdlib.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

void
heap_give_back(void)
{
#ifdef __GLIBC__
	(void)malloc_trim(0);
#endif
}
