/* SPDX-License-Identifier: ISC */
/* Flow keys: what each header gives, and every truncation of every stack (in memory that ends where the frame ends). */
#include "flow_key.h"
#include "frames.h"
#include "openflow/openflow13.h"
#include "wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static struct flow_key key;
static struct flow_offsets ofs;

/* Hex to bytes; blanks are skipped. */
static size_t
unhex(const char *s, uint8_t *out)
{
	size_t n = 0;

	for (; *s; s++) {
		const int d = *s >= 'a' ? *s - 'a' + 10 : *s - '0';

		if (*s == ' ')
			continue;
		if (n % 2 == 0)
			out[n / 2] = (uint8_t)(d << 4);
		else
			out[n / 2] |= (uint8_t)d;
		n++;
	}
	return n / 2;
}

/* Extracts from a heap block of exactly 'len' bytes, so that a sanitizer sees any read beyond. */
static void
extract(const uint8_t *f, size_t len, size_t frame_len)
{
	uint8_t *copy = malloc(len ? len : 1);

	assert_non_null(copy);
	memcpy(copy, f, len);
	flow_key_extract(copy, len, frame_len, 7, &key, &ofs);
	free(copy);
}

#define MACS "020000000002 020000000001 "
#define V4(len, frag, proto) "45b8" len "0001" frag "40" proto "0000 0a000001 0a000002 "
#define V6(len, next) "6ab12345" len next "40 20010db8000000000000000000000001 20010db8000000000000000000000002 "
#define TCP "04d20050 00000001 00000002 5018ffff 00000000 "
#define UDP "04d20035 00080000 "
#define NDT "fe800000000000000000000000000099 "

static const struct stack {
	const char *hex;
	uint64_t has; /* beyond Ethernet */
	uint16_t exthdr;
	uint8_t layout;
} stacks[] = {
    {MACS "88b5 01020304", 0, 0, 0},
    {MACS "0026 424203 00000000", 0, 0, 0},
    {MACS "0026 aaaa03000000 0800" V4("001c", "0000", "11") UDP, OXM_BIT(OXM_UDP_SRC) | OXM_BIT(OXM_IPV4_SRC), 0, 0},
    {MACS "0800" V4("0028", "0000", "06") TCP, OXM_BIT(OXM_TCP_SRC) | OXM_BIT(OXM_IP_DSCP), 0, 0},
    {MACS "8100 2064 0800" V4("001c", "0000", "11") UDP, OXM_BIT(OXM_UDP_DST) | OXM_BIT(OXM_VLAN_PCP), 0, 1},
    {MACS "88a8 2064 8100 0005 9100 0006 8100 0007 0800" V4("001c", "0000", "11") UDP, OXM_BIT(OXM_UDP_DST), 0, 3},
    {MACS "0800" V4("0020", "0000", "84") "04d20050 00000000 00000000", OXM_BIT(OXM_SCTP_DST), 0, 0},
    {MACS "0800" V4("001c", "0000", "01") "0800 0000 0001 0001", OXM_BIT(OXM_ICMPV4_TYPE), 0, 0},
    {MACS "0800" V4("001c", "2000", "11") UDP, OXM_BIT(OXM_UDP_SRC), 0, FLOW_LAYOUT_FRAG},
    {MACS "0800" V4("001c", "0010", "11") UDP, OXM_BIT(OXM_IP_PROTO), 0, FLOW_LAYOUT_FRAG | FLOW_LAYOUT_FRAG_LATER},
    {MACS "0800 46000020 00010000 4011 0000 0a000001 0a000002 01010101" UDP, OXM_BIT(OXM_UDP_SRC), 0, 0},
    {MACS "0806 0001 0800 06 04 0001 020000000001 0a000001 000000000000 0a000002",
     OXM_BIT(OXM_ARP_OP) | OXM_BIT(OXM_ARP_THA), 0, 0},
    {MACS "86dd" V6("0014", "06") TCP, OXM_BIT(OXM_TCP_DST) | OXM_BIT(OXM_IPV6_FLABEL), 0, 0},
    {MACS "86dd" V6("0010", "00") "1100000000000000" UDP, OXM_BIT(OXM_UDP_DST), OFPIEH_HOP, 0},
    {MACS "86dd" V6("0018", "3c") "0000000000000000 1100000000000000" UDP, OXM_BIT(OXM_UDP_DST),
     OFPIEH_HOP | OFPIEH_DEST | OFPIEH_UNSEQ, 0},
    {MACS "86dd" V6("0018", "2b") "2b00000000000000 1100000000000000" UDP, OXM_BIT(OXM_UDP_DST),
     OFPIEH_ROUTER | OFPIEH_UNREP, 0},
    {MACS "86dd" V6("0010", "2c") "1100000100000001" UDP, OXM_BIT(OXM_UDP_DST), OFPIEH_FRAG, FLOW_LAYOUT_FRAG},
    {MACS "86dd" V6("0010", "2c") "1100001000000001" UDP, OXM_BIT(OXM_IP_PROTO), OFPIEH_FRAG,
     FLOW_LAYOUT_FRAG | FLOW_LAYOUT_FRAG_LATER},
    {MACS "86dd" V6("0028", "33") "1104000000000000 0000000000000000 0000000000000000 00000000 00000000" UDP,
     OXM_BIT(OXM_IP_PROTO), OFPIEH_AUTH, 0},
    {MACS "86dd" V6("0008", "32") "0000000100000002", OXM_BIT(OXM_IP_PROTO), OFPIEH_ESP, 0},
    {MACS "86dd" V6("0000", "3b"), OXM_BIT(OXM_IP_PROTO), OFPIEH_NONEXT, 0},
    {MACS "86dd" V6("0020", "3a") "87000000 00000000" NDT "0101 020000000077",
     OXM_BIT(OXM_IPV6_ND_TARGET) | OXM_BIT(OXM_IPV6_ND_SLL) | OXM_BIT(OXM_ICMPV6_TYPE), 0, 0},
    {MACS "86dd" V6("0028", "3a") "88000000 00000000" NDT "0e01 000000000000 0201 020000000077",
     OXM_BIT(OXM_IPV6_ND_TARGET) | OXM_BIT(OXM_IPV6_ND_TLL), 0, 0},
    {MACS "86dd" V6("0020", "3a") "88000000 00000000" NDT "0200 020000000077", OXM_BIT(OXM_IPV6_ND_TARGET), 0, 0},
    {MACS "8847 12345b40 00000140", OXM_BIT(OXM_MPLS_LABEL) | OXM_BIT(OXM_MPLS_BOS), 0, 0},
    {MACS "88e7 00abcdef 020000000004 020000000003 0800", OXM_BIT(OXM_PBB_ISID), 0, 0},
};

#define N_STACKS (sizeof(stacks) / sizeof(stacks[0]))

static void
each_stack_gives_its_fields(void **state)
{
	uint8_t f[512];

	(void)state;
	for (size_t i = 0; i < N_STACKS; i++) {
		const size_t len = unhex(stacks[i].hex, f);

		extract(f, len, len);
		assert_int_equal(key.present & stacks[i].has, stacks[i].has);
		assert_int_equal(be16_to_host(key.ipv6_exthdr), stacks[i].exthdr);
		assert_int_equal(key.layout, stacks[i].layout);
		assert_true(flow_key_has(&key, OXM_ETH_TYPE) && flow_key_has(&key, OXM_VLAN_VID));
	}
}

/* Rows beyond flow_key_words are zero, and absent fields are zero: what the cache relies on. */
static void
check_invariants(size_t len)
{
	const uint64_t *w = (const uint64_t *)(const void *)&key;
	const uint64_t l4 = OXM_BIT(OXM_TCP_SRC) | OXM_BIT(OXM_UDP_SRC) | OXM_BIT(OXM_SCTP_SRC) |
	                    OXM_BIT(OXM_ICMPV4_TYPE) | OXM_BIT(OXM_ICMPV6_TYPE);

	for (size_t i = flow_key_words(&key); i < FLOW_KEY_WORDS; i++)
		assert_int_equal(w[i], 0);
	assert_int_equal((key.present & l4) != 0, ofs.l4 != 0);
	if (!(key.present & l4))
		assert_int_equal(key.tcp_src | key.tcp_dst, 0);
	assert_true(ofs.l4 <= len && ofs.l3 <= len && ofs.l2_5 <= len);
	assert_true(flow_key_has(&key, OXM_IN_PORT) && flow_key_has(&key, OXM_METADATA));
	assert_int_equal(flow_key_has(&key, OXM_ETH_DST), len >= 14);
}

static void
every_truncation_is_safe(void **state)
{
	uint8_t f[512];

	(void)state;
	for (size_t i = 0; i < N_STACKS; i++) {
		const size_t len = unhex(stacks[i].hex, f);

		for (size_t n = 0; n <= len; n++) {
			extract(f, n, n);
			check_invariants(n);
			extract(f, n, len);
			check_invariants(n);
		}
	}
}

static void
every_flipped_byte_is_safe(void **state)
{
	static const uint8_t values[] = {0, 1, 0x3c, 0x7f, 0x80, 0xff};
	uint8_t f[512];

	(void)state;
	for (size_t i = 0; i < N_STACKS; i++) {
		const size_t len = unhex(stacks[i].hex, f);

		for (size_t at = 12; at < len; at++) {
			const uint8_t was = f[at];

			for (size_t v = 0; v < sizeof(values); v++) {
				f[at] = values[v];
				extract(f, len, len);
				check_invariants(len);
			}
			f[at] = was;
		}
	}
}

static void
padding_is_not_transport(void **state)
{
	uint8_t f[128] = {0};
	const size_t len = unhex(MACS "0800" V4("0018", "0000", "06"), f);

	(void)state;
	assert_int_equal(len, 34);
	extract(f, 60, 60);
	assert_int_equal(ofs.l3_end, 14 + 24);
	assert_int_equal(ofs.l4, 0);
	assert_true(flow_key_has(&key, OXM_IPV4_SRC));
	assert_false(flow_key_has(&key, OXM_TCP_SRC));
}

static void
lying_lengths_make_a_bad_ip(void **state)
{
	static const char *const bad[] = {
	    MACS "0800" V4("0013", "0000", "11") UDP, /* shorter than its header */
	    MACS "0800" V4("001d", "0000", "11") UDP, /* longer than the frame */
	    MACS "0800" V4("0000", "0000", "11") UDP,
	    MACS "0800 44000014 00010000 4011 0000 0a000001 0a000002", /* header of 16 bytes */
	    MACS "0800 4f000014 00010000 4011 0000 0a000001 0a000002",
	    MACS "86dd" V6("0009", "11") UDP,
	};
	uint8_t f[256];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		const size_t len = unhex(bad[i], f);

		extract(f, len, len);
		assert_true(key.layout & FLOW_LAYOUT_BAD_IP);
		assert_false(flow_key_has(&key, OXM_IP_PROTO));
		assert_int_equal(ofs.l3, 0);
	}
}

static void
values_are_what_the_headers_say(void **state)
{
	uint8_t f[256];
	size_t len = unhex(stacks[12].hex, f);

	(void)state;
	extract(f, len, len);
	assert_int_equal(key.ip_dscp, 0xab >> 2);
	assert_int_equal(key.ip_ecn, 3);
	assert_int_equal(be32_to_host(key.ipv6_flabel), 0x12345);
	assert_int_equal(be16_to_host(key.tcp_src), 1234);
	assert_int_equal(ofs.l4, 54);
	len = unhex(stacks[5].hex, f);
	extract(f, len, len);
	assert_int_equal(be16_to_host(key.vlan_vid), 0x1064);
	assert_int_equal(key.vlan_pcp, 1);
	assert_int_equal(be16_to_host(key.eth_type), 0x0800);
	len = unhex(stacks[24].hex, f);
	extract(f, len, len);
	assert_int_equal(be32_to_host(key.mpls_label), 0x12345);
	assert_int_equal(key.mpls_tc, 5);
	assert_int_equal(key.mpls_bos, 1);
	len = unhex(stacks[1].hex, f);
	extract(f, len, len);
	assert_int_equal(be16_to_host(key.eth_type), 0x05ff);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(each_stack_gives_its_fields), cmocka_unit_test(every_truncation_is_safe),
	    cmocka_unit_test(every_flipped_byte_is_safe),  cmocka_unit_test(padding_is_not_transport),
	    cmocka_unit_test(lying_lengths_make_a_bad_ip), cmocka_unit_test(values_are_what_the_headers_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
