/* SPDX-License-Identifier: ISC */
/* Reads the vectors: a line is a directive, a printed line, or bytes.  See vectors.h and README. */
#include "vectors.h"

#include "xalloc.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define MAX_LEN 65535u /* bytes of a message */

struct reader {
	struct vectors *vs;
	struct vector *v; /* the last one begun */
	struct wbuf bytes, again;
	bool in_again; /* bytes belong to what is written after reading */
	const char *file;
	unsigned line;
	char *why;
	size_t why_size;
};

static bool
fail_at(const struct reader *r, const char *reason)
{
	snprintf(r->why, r->why_size, "%s:%u: %s", r->file, r->line, reason);
	return false;
}

static char *
skip_blanks(char *s)
{
	return s + strspn(s, " \t");
}

/* Moves the collected bytes into their vector. */
static bool
finish(struct reader *r)
{
	struct vector *v = r->v;

	if (!v)
		return true;
	if (!r->bytes.len)
		return fail_at(r, "the vector before has no bytes");
	if (!v->error == !v->text.len)
		return fail_at(r, "the vector before has neither a text nor an error, or both");
	if (!wbuf_ok(&r->bytes) || !wbuf_ok(&r->again) || v->text.bad)
		return fail_at(r, "the vector before is longer than a message can be");
	v->bytes = xcalloc(1, r->bytes.len);
	memcpy(v->bytes, r->bytes.data, r->bytes.len);
	v->len = r->bytes.len;
	if (r->again.len) {
		v->again = xcalloc(1, r->again.len);
		memcpy(v->again, r->again.data, r->again.len);
		v->again_len = r->again.len;
	}
	wbuf_reset(&r->bytes);
	wbuf_reset(&r->again);
	r->in_again = false;
	return true;
}

/* "vector NAME Sentence (section)." */
static bool
begin(struct reader *r, char *args)
{
	char *says = args + strcspn(args, " ");
	struct vector *v;

	if (!finish(r))
		return false;
	if (*says)
		*says++ = '\0';
	says = skip_blanks(says);
	if (!*args || !strchr(says, '('))
		return fail_at(r, "a vector has a name and a sentence with the section");
	for (size_t i = 0; i < r->vs->n; i++) {
		if (!strcmp(r->vs->v[i].name, args))
			return fail_at(r, "there is a vector of this name");
	}
	r->vs->v = xrealloc(r->vs->v, r->vs->n + 1, sizeof(*v));
	v = r->v = &r->vs->v[r->vs->n++];
	memset(v, 0, sizeof(*v));
	v->name = xstrdup(args);
	v->says = xstrdup(says);
	v->file = r->file;
	v->line = r->line;
	return true;
}

static bool
refusal(struct reader *r, const char *args, bool reply)
{
	if (!r->v || r->v->error || !strchr(args, '/'))
		return fail_at(r, "one error of a vector: OFPET_TYPE/CODE");
	r->v->error = xstrdup(args);
	r->v->reply = reply;
	return true;
}

/* One word of bytes: hexadecimal or "ASCII", perhaps *TIMES.  Returns its end, NULL when it is none. */
static const char *
read_word(const char *s, struct wbuf *b)
{
	const size_t start = b->len;
	unsigned long times = 1;
	char *end;

	if (*s == '"') {
		const size_t n = strcspn(s + 1, "\"");

		wbuf_put(b, s + 1, n);
		s += n + 1 + (s[n + 1] == '"');
	}
	for (; isxdigit((unsigned char)s[0]) && isxdigit((unsigned char)s[1]); s += 2) {
		const char pair[3] = {s[0], s[1], '\0'};

		wbuf_put_u8(b, (uint8_t)strtoul(pair, NULL, 16));
	}
	if (*s == '*') {
		times = strtoul(s + 1, &end, 10);
		s = end;
	}
	if (b->len == start || !wbuf_ok(b) || times == 0 || times > MAX_LEN || (*s && !isspace((unsigned char)*s)))
		return NULL;
	for (const size_t n = b->len - start; times > 1 && wbuf_ok(b); times--) {
		uint8_t *to = wbuf_put_zeros(b, n);

		if (to)
			memcpy(to, b->data + start, n);
	}
	return s;
}

static bool
read_bytes(struct reader *r, const char *s)
{
	struct wbuf *b = r->in_again ? &r->again : &r->bytes;

	if (!r->v || r->v->error || r->v->text.len)
		return fail_at(r, "bytes follow the line of their vector");
	while (*s && *s != '#') {
		s = read_word(s, b);
		if (!s)
			return fail_at(r, "neither hexadecimal bytes, nor \"text\", nor one of these and *TIMES");
		s += strspn(s, " \t");
	}
	return true;
}

static bool
read_line(struct reader *r, char *s)
{
	char *words = skip_blanks(s);

	if (!*words || *words == '#')
		return true;
	if (!strncmp(s, "vector ", 7))
		return begin(r, skip_blanks(s + 7));
	if (!strncmp(s, "error ", 6))
		return refusal(r, skip_blanks(s + 6), false);
	if (!strncmp(s, "refused ", 8))
		return refusal(r, skip_blanks(s + 8), true);
	if (!strncmp(s, "encodes-as ", 11)) {
		r->in_again = r->v != NULL;
		return r->v ? true : fail_at(r, "no vector before");
	}
	if (*s != '|')
		return read_bytes(r, words);
	if (!r->v)
		return fail_at(r, "no vector before");
	sbuf_puts(&r->v->text, s + 1 + (s[1] == ' '));
	sbuf_putc(&r->v->text, '\n');
	return true;
}

static bool
read_file(struct reader *r, const char *path)
{
	FILE *f = fopen(path, "r");
	char *line = NULL;
	size_t size = 0;
	bool ok = true;
	ssize_t n;

	r->line = 0;
	if (!f)
		return fail_at(r, strerror(errno));
	while (ok && (n = getline(&line, &size, f)) >= 0) {
		r->line++;
		if (n && line[n - 1] == '\n')
			line[n - 1] = '\0';
		ok = read_line(r, line);
	}
	ok = ok && finish(r);
	r->v = NULL;
	free(line);
	fclose(f);
	return ok;
}

static int
is_vectors(const struct dirent *e)
{
	const char *dot = strrchr(e->d_name, '.');

	return dot && !strcmp(dot, ".txt");
}

bool
vectors_read(struct vectors *vs, const char *dir, char *why, size_t why_size)
{
	struct reader r = {.vs = vs, .file = dir, .why = why, .why_size = why_size};
	struct dirent **entries = NULL;
	const int n = scandir(dir, &entries, is_vectors, alphasort);
	bool ok = n > 0;

	memset(vs, 0, sizeof(*vs));
	r.bytes = r.again = (struct wbuf)WBUF_INIT(MAX_LEN);
	if (!ok)
		fail_at(&r, "no vectors there");
	else
		vs->files = xcalloc((size_t)n, sizeof(*vs->files));
	for (int i = 0; i < n; i++) {
		char path[4096];

		r.file = vs->files[vs->n_files++] = xstrdup(entries[i]->d_name);
		snprintf(path, sizeof(path), "%s/%s", dir, entries[i]->d_name);
		ok = ok && read_file(&r, path);
		free(entries[i]);
	}
	free(entries);
	wbuf_fini(&r.bytes);
	wbuf_fini(&r.again);
	return ok;
}

void
vectors_fini(struct vectors *vs)
{
	for (size_t i = 0; i < vs->n; i++) {
		free(vs->v[i].name);
		free(vs->v[i].says);
		free(vs->v[i].bytes);
		free(vs->v[i].again);
		free(vs->v[i].error);
		sbuf_fini(&vs->v[i].text);
	}
	for (size_t i = 0; i < vs->n_files; i++)
		free(vs->files[i]);
	free(vs->files);
	free(vs->v);
	memset(vs, 0, sizeof(*vs));
}
