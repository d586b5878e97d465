/* SPDX-License-Identifier: ISC */
/* 10,000 generated flows: what is printed reads back as the same flow, and prints the same again.
 *
 * With "--wire FILE" the program writes the same flows as FLOW replies instead, for comparison with what ovs-ofctl prints of them
 * (tests/system/test_ofctl_diff.py); then without what Open vSwitch does not know. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "flow_text.h"
#include "loose.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define N_FLOWS 10000

static uint64_t seed = 1;
static bool plain; /* nothing that Open vSwitch does not know */

/* xorshift64*: the same flows everywhere. */
static uint64_t
rnd(void)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return seed * UINT64_C(0x2545f4914f6cdd1d);
}

static unsigned
below(unsigned n)
{
	return (unsigned)((rnd() >> 33) % n);
}

static bool
chance(unsigned percent)
{
	return below(100) < percent;
}

static void
bytes(uint8_t *p, size_t n)
{
	while (n--)
		*p++ = (uint8_t)rnd();
}

/* ---- matches ---- */

/* A value and a mask of 'bits': exact, a prefix, or anything. */
static uint64_t
masked(uint64_t *mask, unsigned bits, bool maskable)
{
	const uint64_t all = bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;

	*mask = all;
	if (maskable && chance(30))
		*mask = all & ~(((UINT64_C(1) << below(bits)) - 1));
	else if (maskable && chance(20))
		*mask = rnd() & all;
	if (!*mask)
		*mask = 1;
	return rnd() & *mask;
}

#define PUT(member, bits, maskable)                                                                                    \
	do {                                                                                                           \
		uint64_t mask_;                                                                                        \
		const uint64_t value_ = masked(&mask_, bits, maskable);                                                \
		l->key.member = (__typeof__(l->key.member))value_;                                                     \
		l->mask.member = (__typeof__(l->mask.member))mask_;                                                    \
	} while (0)

static void
put_bytes(uint8_t *key, uint8_t *mask, size_t n)
{
	bytes(key, n);
	memset(mask, 0xff, n);
	if (chance(20)) {
		memset(mask + 1, 0, n - 1);
	} else if (chance(10)) {
		bytes(mask, n);
		mask[0] |= 1;
	}
	for (size_t i = 0; i < n; i++)
		key[i] &= mask[i];
}

static void
random_transport(struct loose_match *l)
{
	static const uint8_t protos[] = {6, 17, 132, 1, 58, 50};
	const bool v6 = l->key.dl_type == 0x86dd;

	l->key.nw_proto = protos[below(sizeof(protos))];
	l->mask.nw_proto = 0xffff;
	switch (l->key.nw_proto) {
	case 6:
	case 17:
	case 132:
		if (chance(60))
			PUT(tp_src, 16, true);
		if (chance(60))
			PUT(tp_dst, 16, true);
		break;
	case 1:
	case 58:
		if ((l->key.nw_proto == 58) != v6 || chance(30))
			break;
		l->key.tp_src = v6 && chance(50) ? (uint16_t)(135 + below(2)) : (uint16_t)below(256);
		l->key.tp_dst = v6 && chance(80) ? 0 : (uint16_t)below(256);
		l->mask.tp_src = l->mask.tp_dst = 0xffff;
		if (!v6 || l->key.tp_dst || l->key.tp_src < 135 || l->key.tp_src > 136)
			break;
		if (chance(50))
			put_bytes(l->key.nd_target, l->mask.nd_target, 16);
		if (l->key.tp_src == 135)
			put_bytes(l->key.arp_sha, l->mask.arp_sha, 6);
		else
			put_bytes(l->key.arp_tha, l->mask.arp_tha, 6);
		break;
	}
}

static void
random_network(struct loose_match *l)
{
	static const uint16_t types[] = {0x0800, 0x0800, 0x86dd, 0x86dd, 0x0806,
	                                 0x8847, 0x8848, 0x88cc, 0x8035, 0x88e7};

	l->key.dl_type = types[below(sizeof(types) / sizeof(types[0]) - plain)];
	l->mask.dl_type = 0xffff;
	switch (l->key.dl_type) {
	case 0x0800:
		if (chance(60))
			PUT(nw_src, 32, true);
		if (chance(60))
			PUT(nw_dst, 32, true);
		break;
	case 0x86dd:
		if (chance(50))
			put_bytes(l->key.ipv6_src, l->mask.ipv6_src, 16);
		if (chance(50))
			put_bytes(l->key.ipv6_dst, l->mask.ipv6_dst, 16);
		if (chance(20))
			PUT(ipv6_label, 20, true);
		if (!plain && chance(10))
			PUT(ipv6_exthdr, 9, true);
		break;
	case 0x0806:
		if (chance(60))
			PUT(nw_src, 32, true);
		if (chance(50)) {
			l->key.nw_proto = (uint16_t)below(plain ? 256 : 65536);
			l->mask.nw_proto = 0xffff;
		}
		if (chance(40))
			put_bytes(l->key.arp_sha, l->mask.arp_sha, 6);
		return;
	case 0x8847:
	case 0x8848:
		if (chance(60))
			PUT(mpls_label, 20, false);
		if (chance(30))
			PUT(mpls_tc, 3, false);
		if (chance(30))
			PUT(mpls_bos, 1, false);
		return;
	case 0x88e7:
		if (chance(60))
			PUT(pbb_isid, 24, true);
		return;
	default:
		return;
	}
	if (chance(30)) {
		l->key.nw_tos = (uint8_t)(below(64) << 2);
		l->mask.nw_tos = 0xfc;
	}
	if (chance(20)) {
		l->key.nw_tos |= (uint8_t)below(4);
		l->mask.nw_tos |= 3;
	}
	if (chance(70))
		random_transport(l);
}

static void
random_vlan(struct loose_match *l)
{
	switch (below(5)) {
	case 0:
		l->key.vlan_tci = 0; /* untagged */
		l->mask.vlan_tci = 0x1fff;
		break;
	case 1:
		l->key.vlan_tci = (uint16_t)(0x1000 | below(4096));
		l->mask.vlan_tci = 0x1fff;
		break;
	case 2:
		l->key.vlan_tci = (uint16_t)(0x1000 | below(4096) | below(8) << 13);
		l->mask.vlan_tci = 0xffff;
		break;
	case 3:
		l->key.vlan_tci = 0x1000;
		l->mask.vlan_tci = 0x1000;
		break;
	case 4:
		l->mask.vlan_tci = (uint16_t)(0x1000 | below(4096));
		l->key.vlan_tci = (uint16_t)(0x1000 | (rnd() & l->mask.vlan_tci));
		break;
	}
}

static void
random_match(struct match *m)
{
	struct loose_match loose, *l = &loose;

	memset(l, 0, sizeof(*l));
	if (chance(50)) {
		l->key.in_port = chance(10) ? OFPP_LOCAL : 1 + below(60000);
		l->mask.in_port = UINT32_MAX;
		if (!plain && chance(10)) {
			l->key.in_phy_port = 1 + below(60000);
			l->mask.in_phy_port = UINT32_MAX;
		}
	}
	if (chance(15))
		PUT(metadata, 64, true);
	if (chance(10))
		PUT(tun_id, 64, true);
	if (chance(30))
		put_bytes(l->key.dl_src, l->mask.dl_src, 6);
	if (chance(30))
		put_bytes(l->key.dl_dst, l->mask.dl_dst, 6);
	if (chance(30))
		random_vlan(l);
	if (chance(70))
		random_network(l);
	(void)loose_to_match(l, m);
}

/* ---- actions ---- */

static void
one_field(struct act_buf *acts, enum oxm_field field)
{
	const struct oxm_info *info = oxm_info(field);
	const unsigned spare = info->bytes * 8u - info->bits;
	uint8_t value[16] = {0};

	bytes(value, info->bytes);
	for (unsigned i = 0; i < spare; i++)
		value[i / 8] &= (uint8_t) ~(0x80u >> i % 8);
	if (field == OXM_VLAN_VID)
		value[0] |= 0x10;
	act_buf_set_field(acts, field, value);
}

static void
add(struct act_buf *acts, uint16_t type, uint32_t id, uint16_t ethertype, uint8_t ttl)
{
	struct ofp_act *a = act_buf_add(acts, type, 0);

	assert_non_null(a);
	if (id)
		a->id = id;
	else if (ethertype)
		a->ethertype = ethertype;
	else
		a->ttl = ttl;
}

/* One action that any frame takes. */
static void
random_action(struct act_buf *acts)
{
	static const uint32_t reserved[] = {OFPP_IN_PORT, OFPP_NORMAL, OFPP_FLOOD, OFPP_ALL, OFPP_LOCAL};

	switch (below(8)) {
	case 0:
	case 1:
		act_buf_output(acts, 1 + below(60000), 0);
		break;
	case 2:
		act_buf_output(acts, reserved[below(5)], 0);
		break;
	case 3:
		act_buf_output(acts, OFPP_CONTROLLER, (uint16_t)below(65536));
		break;
	case 4:
		add(acts, OFPAT_GROUP, 1 + below(100000), 0, 0);
		break;
	case 5:
		add(acts, OFPAT_SET_QUEUE, 1 + below(1000), 0, 0);
		break;
	case 6:
		one_field(acts, chance(50) ? OXM_ETH_SRC : OXM_ETH_DST);
		break;
	case 7:
		one_field(acts, OXM_TUNNEL_ID);
		break;
	}
}

/* Actions that need what the match says. */
static void
fitting_actions(struct act_buf *acts, const struct match *m)
{
	for (unsigned f = 0; f < OXM_N_FIELDS; f++)
		if (oxm_info((enum oxm_field)f)->prereq != OXM_PREREQ_NONE && oxm_info((enum oxm_field)f)->settable &&
		    oxm_prereq_ok(m, (enum oxm_field)f) && chance(10)) {
			if (plain &&
			    (f == OXM_IP_PROTO || f == OXM_MPLS_BOS || f == OXM_IPV6_EXTHDR || f == OXM_ARP_OP))
				continue;
			if (f == OXM_IP_PROTO)
				continue; /* the fields after it would be other ones */
			one_field(acts, (enum oxm_field)f);
		}
	if (oxm_prereq_ok(m, OXM_IP_DSCP) && chance(20))
		add(acts, OFPAT_DEC_NW_TTL, 0, 0, 0);
	if (oxm_prereq_ok(m, OXM_IP_DSCP) && chance(10))
		add(acts, OFPAT_SET_NW_TTL, 0, 0, (uint8_t)(1 + below(255)));
	if (oxm_prereq_ok(m, OXM_MPLS_LABEL) && chance(30))
		add(acts, OFPAT_SET_MPLS_TTL, 0, 0, (uint8_t)(1 + below(255)));
	if (oxm_prereq_ok(m, OXM_MPLS_LABEL) && chance(30))
		add(acts, OFPAT_DEC_MPLS_TTL, 0, 0, 0);
	if (oxm_prereq_ok(m, OXM_VLAN_PCP) && chance(20))
		add(acts, OFPAT_POP_VLAN, 0, 0, 0);
	if (!plain && chance(5))
		add(acts, chance(50) ? OFPAT_COPY_TTL_IN : OFPAT_COPY_TTL_OUT, 0, 0, 0);
	if (oxm_prereq_ok(m, OXM_MPLS_LABEL) && chance(20))
		add(acts, OFPAT_POP_MPLS, 0, 0x0800, 0);
	if (chance(10)) {
		add(acts, OFPAT_PUSH_VLAN, 0, chance(50) ? 0x8100 : 0x88a8, 0);
		one_field(acts, OXM_VLAN_VID);
	}
	if (chance(5)) {
		add(acts, OFPAT_PUSH_MPLS, 0, 0x8847, 0);
		one_field(acts, OXM_MPLS_LABEL);
	}
	if (!plain && chance(3))
		add(acts, OFPAT_PUSH_PBB, 0, 0x88e7, 0);
}

static void
random_insts(struct ofp_insts *insts, struct act_buf *acts, struct act_buf *write, const struct match *m, uint8_t table)
{
	memset(insts, 0, sizeof(*insts));
	act_buf_reset(acts);
	act_buf_reset(write);
	fitting_actions(acts, m);
	for (unsigned n = below(3); n; n--)
		random_action(acts);
	if (act_buf_acts(acts).len) {
		insts->present |= OFP_INST_BIT(OFPIT_APPLY_ACTIONS);
		insts->apply = act_buf_acts(acts);
	}
	if (chance(10)) {
		random_action(write);
		insts->present |= OFP_INST_BIT(OFPIT_WRITE_ACTIONS);
		insts->write = act_buf_acts(write);
	}
	if (chance(10)) {
		insts->present |= OFP_INST_BIT(OFPIT_METER);
		insts->meter = 1 + below(1000);
	}
	if (chance(5))
		insts->present |= OFP_INST_BIT(OFPIT_CLEAR_ACTIONS);
	if (chance(10)) {
		insts->present |= OFP_INST_BIT(OFPIT_WRITE_METADATA);
		insts->metadata_mask = chance(50) ? UINT64_MAX : rnd();
		insts->metadata = rnd() & insts->metadata_mask;
	}
	if (chance(20)) {
		insts->present |= OFP_INST_BIT(OFPIT_GOTO_TABLE);
		insts->goto_table = (uint8_t)(table + 1 + below(10));
	}
}

static void
random_flow(struct flow_stats *fs, struct act_buf *acts, struct act_buf *write)
{
	memset(fs, 0, sizeof(*fs));
	fs->table_id = (uint8_t)below(100);
	fs->priority = chance(30) ? OFP_DEFAULT_PRIORITY : (uint16_t)below(65536);
	fs->cookie = chance(50) ? 0 : rnd() >> 1;
	fs->idle_timeout_s = chance(70) ? 0 : (uint16_t)below(65536);
	fs->hard_timeout_s = chance(70) ? 0 : (uint16_t)below(65536);
	fs->flags = chance(70) ? 0 : (uint16_t)below(32);
	fs->duration_s = below(100000);
	fs->duration_ns = chance(50) ? below(1000) * 1000000 : below(1000000000);
	fs->packet_count = rnd() >> below(64);
	fs->byte_count = rnd() >> below(64);
	random_match(&fs->match);
	random_insts(&fs->insts, acts, write, &fs->match, fs->table_id);
}

/* ---- the test ---- */

static void
as_stats(struct flow_stats *to, const struct flow_stats *counters, const struct flow_mod *fm)
{
	*to = *counters;
	to->table_id = fm->table_id;
	to->priority = fm->priority;
	to->cookie = fm->cookie;
	to->idle_timeout_s = fm->idle_timeout_s;
	to->hard_timeout_s = fm->hard_timeout_s;
	to->flags = fm->flags;
	to->match = fm->match;
	to->insts = fm->insts;
}

static void
printed_flows_read_back_as_they_were(void **state)
{
	const struct flow_format format = {.names = NULL};
	struct act_buf acts = ACT_BUF_INIT, write = ACT_BUF_INIT, again_acts = ACT_BUF_INIT;
	struct sbuf once = SBUF_INIT, twice = SBUF_INIT, err = SBUF_INIT;
	struct flow_stats fs, again;
	struct flow_mod fm;

	(void)state;
	for (unsigned i = 0; i < N_FLOWS; i++) {
		random_flow(&fs, &acts, &write);
		sbuf_reset(&once);
		sbuf_reset(&twice);
		flow_stats_format(&once, &fs, &format);
		if (!flow_parse(sbuf_str(&once), OFPFC_ADD, NULL, &again_acts, &fm, &err))
			fail_msg("%s\n%s", sbuf_str(&once), sbuf_str(&err));
		as_stats(&again, &fs, &fm);
		assert_memory_equal(&again.match, &fs.match, sizeof(fs.match));
		assert_true(ofp_insts_equal(&again.insts, &fs.insts));
		flow_stats_format(&twice, &again, &format);
		assert_string_equal(sbuf_str(&once), sbuf_str(&twice));
	}
	act_buf_fini(&acts);
	act_buf_fini(&write);
	act_buf_fini(&again_acts);
	sbuf_fini(&once);
	sbuf_fini(&twice);
	sbuf_fini(&err);
}

/* FLOW replies of some flows each, back to back. */
static int
write_wire(const char *name)
{
	struct act_buf acts = ACT_BUF_INIT, write = ACT_BUF_INIT;
	struct wbuf b = WBUF_INIT(OFP_MAX_MSG_LEN);
	FILE *out = fopen(name, "wb");
	struct flow_stats fs;

	if (!out)
		return 1;
	plain = true;
	for (unsigned i = 0; i < N_FLOWS; i += 50) {
		size_t start;

		wbuf_reset(&b);
		start = multipart_begin(&b, OFPT_MULTIPART_REPLY, i + 1, OFPMP_FLOW, 0);
		for (unsigned k = 0; k < 50; k++) {
			random_flow(&fs, &acts, &write);
			flow_stats_encode(&b, &fs);
		}
		ofp_end(&b, start);
		if (!wbuf_ok(&b) || fwrite(b.data, 1, b.len, out) != b.len)
			return 1;
	}
	act_buf_fini(&acts);
	act_buf_fini(&write);
	wbuf_fini(&b);
	return fclose(out) ? 1 : 0;
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(printed_flows_read_back_as_they_were),
	};

	if (argc == 3 && !strcmp(argv[1], "--wire"))
		return write_wire(argv[2]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
