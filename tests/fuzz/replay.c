/* SPDX-License-Identifier: ISC */
/* Replays a fuzz target's seeds without a fuzzer: each seed, its truncations, and each of its bytes set to 0, to 0xff and with the
 * lowest bit flipped.  One TAP test per target; a crash or an abort is the failure.  With FUZZ_VECTORS the messages of tests/vectors are
 * seeds, too. */
#ifndef FUZZ_LIBFUZZER /* .ci/fuzz.sh: libFuzzer has its own main */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef FUZZ_VECTORS
#include "vectors.h"
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_SEED 4096u

/* Runs from memory of exactly 'size' bytes, so that a sanitizer sees reads beyond. */
static void
run(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	if (!copy)
		return;
	memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static void
run_variants(uint8_t *data, size_t size)
{
	for (size_t n = 0; n <= size; n++)
		run(data, n);
	for (size_t i = 0; i < size; i++) {
		const uint8_t old = data[i];

		data[i] = 0;
		run(data, size);
		data[i] = 0xff;
		run(data, size);
		data[i] = old ^ 1;
		run(data, size);
		data[i] = old;
	}
}

/* White space in the file is ignored. */
static size_t
read_hex(FILE *f, uint8_t *data)
{
	size_t n = 0;
	unsigned byte;

	while (n < MAX_SEED && fscanf(f, "%2x", &byte) == 1)
		data[n++] = (uint8_t)byte;
	return n;
}

static int
replay_dir(const char *dir)
{
	static uint8_t data[MAX_SEED];
	DIR *d = opendir(dir);
	int n_seeds = 0;

	for (struct dirent *e; d && (e = readdir(d));) {
		const char *dot = strrchr(e->d_name, '.');
		char path[4096];
		FILE *f;

		if (!dot || strcmp(dot, ".hex"))
			continue;
		if (snprintf(path, sizeof(path), "%s/%s", dir, e->d_name) >= (int)sizeof(path))
			continue;
		f = fopen(path, "r");
		if (!f)
			continue;
		printf("# %s\n", e->d_name);
		fflush(stdout);
		run_variants(data, read_hex(f, data));
		fclose(f);
		n_seeds++;
	}
	if (d)
		closedir(d);
	return n_seeds;
}

#ifdef FUZZ_VECTORS
/* Returns how many there are, -1 when they can't be read. */
static int
replay_vectors(const char *top)
{
	struct vectors vectors;
	char dir[2048], why[512];
	int n = -1;

	snprintf(dir, sizeof(dir), "%s/tests/vectors", top);
	if (vectors_read(&vectors, dir, why, sizeof(why))) {
		for (size_t i = 0; i < vectors.n; i++)
			run_variants(vectors.v[i].bytes, vectors.v[i].len);
		n = (int)vectors.n;
	} else {
		printf("# %s\n", why);
	}
	vectors_fini(&vectors);
	return n;
}
#endif

int
main(void)
{
	const char *top = getenv("top_srcdir");
	char dir[2048];
	int n;

	snprintf(dir, sizeof(dir), "%s/tests/fuzz/corpus/%s", top ? top : ".", FUZZ_TARGET);
	printf("1..1\n");
	n = replay_dir(dir);
#ifdef FUZZ_VECTORS
	const int n_vectors = replay_vectors(top ? top : ".");

	printf("# %d vectors\n", n_vectors);
	n = n_vectors < 0 ? 0 : n + n_vectors;
#endif
	printf("# %d seeds\n%s 1 - %s\n", n, n ? "ok" : "not ok", FUZZ_TARGET);
	return n ? 0 : 1;
}

#endif
