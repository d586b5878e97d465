/* SPDX-License-Identifier: ISC */
/* Messages in text form: the files of this folder, in the format that README describes. */
#ifndef TESTS_VECTORS_VECTORS_H
#define TESTS_VECTORS_VECTORS_H

#include "sbuf.h"
#include "wire.h"

struct vector {
	char *name;
	char *says;             /* the sentence beside the name */
	const char *file;       /* without folders; the list's */
	unsigned line;
	uint8_t *bytes;         /* exactly 'len' of them on the heap, so that a sanitizer sees reads beyond */
	size_t len;
	uint8_t *again;         /* what we write after reading it; NULL: the same */
	size_t again_len;
	char *error;            /* malformed: "OFPET_BAD_ACTION/OFPBAC_BAD_LEN"; NULL: well formed */
	bool reply;             /* malformed, and a client refuses it ('refused') rather than a switch ('error') */
	struct sbuf text;       /* well formed: what it prints */
};

struct vectors {
	struct vector *v;
	size_t n;
	char **files;
	size_t n_files;
};

/* Reads all *.txt of 'dir'.  False with the place and the reason in 'why' (one line) when a file can't be read or breaks the format; call
 * vectors_fini in any case. */
bool vectors_read(struct vectors *, const char *dir, char *why, size_t why_size);
void vectors_fini(struct vectors *);

#endif
