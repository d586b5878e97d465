/* SPDX-License-Identifier: ISC */
/* The vectors: each is read, printed and written again; malformed ones are refused, by the codec and by a switch over a connection, with
 * their code.  Then each is cut at every length and changed in every byte: whatever comes, nothing is read that is not there, and what is
 * taken reads the same when it is written and read again. */
#include "codec.h"
#include "conn_rig.h"
#include "coverage.h"
#include "print.h"

#include "clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

static struct vectors vectors;

#define FOR_EACH_VECTOR(v) for (const struct vector *v = vectors.v; v < vectors.v + vectors.n; v++)

static int
setup(void **state)
{
	const char *top = getenv("top_srcdir");
	char dir[2048], why[512];

	(void)state;
	snprintf(dir, sizeof(dir), "%s/tests/vectors", top ? top : ".");
	if (vectors_read(&vectors, dir, why, sizeof(why)))
		return 0;
	fprintf(stderr, "%s\n", why);
	return -1;
}

static int
teardown(void **state)
{
	(void)state;
	vectors_fini(&vectors);
	return 0;
}

/* ---- names ---- */

static const char *const error_types[] = {
    "OFPET_HELLO_FAILED",     "OFPET_BAD_REQUEST",           "OFPET_BAD_ACTION",           "OFPET_BAD_INSTRUCTION",
    "OFPET_BAD_MATCH",        "OFPET_FLOW_MOD_FAILED",       "OFPET_GROUP_MOD_FAILED",     "OFPET_PORT_MOD_FAILED",
    "OFPET_TABLE_MOD_FAILED", "OFPET_QUEUE_OP_FAILED",       "OFPET_SWITCH_CONFIG_FAILED", "OFPET_ROLE_REQUEST_FAILED",
    "OFPET_METER_MOD_FAILED", "OFPET_TABLE_FEATURES_FAILED",
};

static const char *
error_text(uint16_t type, uint16_t code)
{
	static char s[128];
	const char *name = of_error_name(of_error_from_wire(type, code));

	snprintf(s, sizeof(s), "%s/%s",
	         type == 0xffff                                        ? "OFPET_EXPERIMENTER"
	         : type < sizeof(error_types) / sizeof(error_types[0]) ? error_types[type]
	                                                               : "?",
	         name);
	return s;
}

static const char *
of_error_text(enum of_error error)
{
	return error ? error_text(of_error_type(error), of_error_code(error)) : "taken";
}

static void
print_bytes(const char *label, const uint8_t *p, size_t len)
{
	fprintf(stderr, "%s", label);
	for (size_t i = 0; i < len; i++)
		fprintf(stderr, "%s%02x", i % 16 ? " " : "\n  ", p[i]);
	fprintf(stderr, "\n");
}

static unsigned
complain(const struct vector *v, const char *what)
{
	fprintf(stderr, "%s:%u: %s: %s\n", v->file, v->line, v->name, what);
	return 1;
}

/* ---- the vectors as they are ---- */

/* The header's length is that of the vector, so that nothing stands behind it. */
static void
test_lengths(void **state)
{
	unsigned bad = 0;

	(void)state;
	FOR_EACH_VECTOR(v)
	{
		if (v->len < OFP_HEADER_LEN || get_be16(v->bytes + 2) != v->len)
			bad += complain(v, "the length in the header is another");
	}
	assert_int_equal(bad, 0);
}

static void
test_text(void **state)
{
	unsigned bad = 0;

	(void)state;
	FOR_EACH_VECTOR(v)
	{
		struct sbuf b = SBUF_INIT;

		ofp_print(&b, v->bytes, v->len, NULL);
		if (!v->error && strcmp(sbuf_str(&b), sbuf_str(&v->text))) {
			bad += complain(v, "prints otherwise:");
			fprintf(stderr, "%s", sbuf_str(&b));
		}
		sbuf_fini(&b);
	}
	assert_int_equal(bad, 0);
}

static void
test_bytes(void **state)
{
	struct wbuf b = WBUF_INIT(1u << 20);
	unsigned bad = 0;

	(void)state;
	FOR_EACH_VECTOR(v)
	{
		const uint8_t *want = v->again ? v->again : v->bytes;
		const size_t want_len = v->again ? v->again_len : v->len;
		enum of_error error;

		if (v->error)
			continue;
		wbuf_reset(&b);
		error = codec_again(v->bytes, v->len, &b);
		if (error) {
			bad += complain(v, of_error_text(error));
		} else if (!wbuf_ok(&b) || b.len != want_len || memcmp(b.data, want, want_len)) {
			bad += complain(v, "is written otherwise:");
			print_bytes("written", b.data, b.len);
		} else if (v->again && v->again_len == v->len && !memcmp(v->again, v->bytes, v->len)) {
			bad += complain(v, "encodes as itself: say nothing");
		}
	}
	wbuf_fini(&b);
	assert_int_equal(bad, 0);
}

/* ---- malformed ---- */

static void
test_refusals(void **state)
{
	struct wbuf b = WBUF_INIT(1u << 20);
	unsigned bad = 0;

	(void)state;
	FOR_EACH_VECTOR(v)
	{
		const struct ofp_type_info *info = ofp_type_info(v->bytes[1]);
		enum of_error error;

		if (!v->error)
			continue;
		wbuf_reset(&b);
		error = codec_again(v->bytes, v->len, &b);
		if (!v->reply && info && info->direction == OFP_TO_CONTROLLER)
			error = OFPBRC_BAD_TYPE; /* for a switch, whatever its form */
		if (strcmp(of_error_text(error), v->error))
			bad += complain(v, of_error_text(error));
		if (v->reply && info && info->direction == OFP_TO_SWITCH)
			bad += complain(v, "is for switches: an error, not a refusal");
	}
	wbuf_fini(&b);
	assert_int_equal(bad, 0);
}

/* A malformed message is not printed as if it were none. */
static void
test_refused_text(void **state)
{
	unsigned bad = 0;

	(void)state;
	FOR_EACH_VECTOR(v)
	{
		const struct ofp_type_info *info = ofp_type_info(v->bytes[1]);
		struct sbuf b = SBUF_INIT;

		if (!v->error || (!v->reply && info && info->direction == OFP_TO_CONTROLLER))
			continue;
		ofp_print(&b, v->bytes, v->len, NULL);
		if (!strstr(sbuf_str(&b), "***decode error: ")) {
			bad += complain(v, "prints as if it were well formed:");
			fprintf(stderr, "%s", sbuf_str(&b));
		}
		sbuf_fini(&b);
	}
	assert_int_equal(bad, 0);
}

/* What a switch answers: the error, the xid and the request.  Each vector has a connection of its own. */
static void
test_answers(void **state)
{
	struct rig rig;
	unsigned bad = 0;

	(void)state;
	clock_fake_set(UINT64_C(1000000000000));
	rig_open(&rig, 254, 4);
	FOR_EACH_VECTOR(v)
	{
		struct peer peer;
		const uint8_t *m;
		size_t len, head;

		if (!v->error || v->reply)
			continue;
		peer_open_ready(&rig, &peer, false);
		peer_send(&peer, v->bytes, v->len);
		rig_run(&rig, &peer, 1);
		m = peer_next(&peer, &len);
		if (!m || m[1] != OFPT_ERROR || len < 12) {
			bad += complain(v, "is not answered with an error");
		} else if (strcmp(error_text(get_be16(m + 8), get_be16(m + 10)), v->error)) {
			bad += complain(v, error_text(get_be16(m + 8), get_be16(m + 10)));
		} else {
			head = get_be16(m + 8) == 0xffff ? 16 : 12;
			if (memcmp(m + 4, v->bytes + 4, 4) || len != head + v->len ||
			    memcmp(m + head, v->bytes, v->len))
				bad += complain(v, "the error has another xid or request");
		}
		peer_close(&rig, &peer);
	}
	rig_close(&rig);
	clock_fake_set(0);
	assert_int_equal(bad, 0);
}

/* ---- near the vectors ---- */

/* Reads and prints what is in 'p', exactly 'len' bytes; false when what was taken is not taken in the same sense when it was written. */
static bool
try_bytes(const uint8_t *p, size_t len, bool print)
{
	static struct wbuf once = WBUF_INIT(1u << 20), twice = WBUF_INIT(1u << 20);
	bool same = true;

	wbuf_reset(&once);
	wbuf_reset(&twice);
	if (get_be16(p + 2) == len && !codec_again(p, len, &once) && wbuf_ok(&once) && once.len <= OFP_MAX_MSG_LEN)
		same = !codec_again(once.data, once.len, &twice) && twice.len == once.len &&
		       !memcmp(once.data, twice.data, once.len);
	if (print) {
		struct sbuf b = SBUF_INIT;

		ofp_print(&b, p, len, NULL);
		sbuf_fini(&b);
	}
	return same;
}

static void
test_truncations(void **state)
{
	unsigned bad = 0;

	(void)state;
	FOR_EACH_VECTOR(v)
	{
		for (size_t len = OFP_HEADER_LEN; len < v->len; len++) {
			uint8_t *p = malloc(len);

			assert_non_null(p);
			memcpy(p, v->bytes, len);
			put_be16(p + 2, (uint16_t)len);
			if (!try_bytes(p, len, true))
				bad += complain(v, "cut short, it is taken and written as something else");
			free(p);
		}
	}
	assert_int_equal(bad, 0);
}

/* Every byte to every value; all are decoded, and those with one bit flipped, none set or all set are printed, too. */
static void
test_mutations(void **state)
{
	unsigned bad = 0;

	(void)state;
	FOR_EACH_VECTOR(v)
	{
		for (size_t i = 0; i < v->len; i++) {
			const uint8_t old = v->bytes[i];

			for (unsigned value = 0; value < 256; value++) {
				const unsigned flipped = value ^ old;

				v->bytes[i] = (uint8_t)value;
				if (!try_bytes(v->bytes, v->len,
				               !(flipped & (flipped - 1)) || value == 0 || value == 0xff)) {
					bad += complain(v, "changed, it is taken and written as something else");
					fprintf(stderr, "  byte %zu: %02x\n", i, value);
				}
			}
			v->bytes[i] = old;
		}
	}
	assert_int_equal(bad, 0);
}

/* ---- all of them ---- */

static void
test_coverage(void **state)
{
	struct sbuf missing = SBUF_INIT;
	const size_t n = coverage_check(&vectors, &missing);
	unsigned malformed = 0;

	(void)state;
	FOR_EACH_VECTOR(v)
	malformed += v->error != NULL;
	printf("# %zu vectors, %u of them malformed; %zu things to show\n", vectors.n, malformed, n);
	if (missing.len)
		fail_msg("no vector shows:\n%s", sbuf_str(&missing));
	assert_true(malformed >= 80);
}

/* Each message as a file of its own, for a fuzzer to begin with. */
static int
write_seeds(const char *dir)
{
	bool ok = setup(NULL) == 0;

	FOR_EACH_VECTOR(v)
	{
		char path[4096];
		FILE *f;

		snprintf(path, sizeof(path), "%s/vector-%s", dir, v->name);
		f = fopen(path, "w");
		ok = ok && f && fwrite(v->bytes, 1, v->len, f) == v->len;
		ok = f && fclose(f) == 0 && ok;
	}
	teardown(NULL);
	return ok ? 0 : 1;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_coverage), cmocka_unit_test(test_lengths),     cmocka_unit_test(test_text),
	    cmocka_unit_test(test_bytes),    cmocka_unit_test(test_refusals),    cmocka_unit_test(test_refused_text),
	    cmocka_unit_test(test_answers),  cmocka_unit_test(test_truncations), cmocka_unit_test(test_mutations),
	};

	if (argc == 3 && !strcmp(argv[1], "--seeds"))
		return write_seeds(argv[2]);
	return cmocka_run_group_tests(tests, setup, teardown);
}
