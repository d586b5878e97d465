noinst_LIBRARIES += librf.a
librf_a_SOURCES = lib/addr.c lib/addr.h lib/clock.c lib/clock.h lib/counters.c lib/counters.h lib/fair_queue.c \
	lib/fair_queue.h lib/hash.c lib/hash.h lib/heap.c lib/heap.h \
	lib/hmap.c lib/hmap.h lib/list.h lib/loop.c lib/loop.h lib/log.c lib/log.h lib/log_modules.def lib/sbuf.c lib/sbuf.h lib/slab.c lib/slab.h lib/wire.c lib/wire.h \
	lib/xalloc.c lib/xalloc.h
