/* SPDX-License-Identifier: ISC */
/* Replays a fuzz target's seeds without a fuzzer: each seed, its truncations, and each of its bytes set to 0, to 0xff and with the
 * lowest bit flipped.  One TAP test per target; a crash or an abort is the failure. */
#ifndef FUZZ_LIBFUZZER /* .ci/fuzz.sh: libFuzzer has its own main */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

int
main(void)
{
	const char *top = getenv("top_srcdir");
	char dir[2048];
	int n;

	snprintf(dir, sizeof(dir), "%s/tests/fuzz/corpus/%s", top ? top : ".", FUZZ_TARGET);
	printf("1..1\n");
	n = replay_dir(dir);
	printf("# %d seeds\n%s 1 - %s\n", n, n ? "ok" : "not ok", FUZZ_TARGET);
	return n ? 0 : 1;
}

#endif
