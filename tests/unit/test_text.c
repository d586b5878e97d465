/* SPDX-License-Identifier: ISC */
/* Flows as text: what is read is printed in the one canonical way, and what is wrong is refused with its name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "field_text.h"
#include "flow_text.h"
#include "parse.h"
#include "print.h"

#include <stdio.h>
#include <string.h>

struct pair {
	const char *in, *out;
};

static void
check_pairs(const struct pair *p, size_t n, int command)
{
	struct act_buf acts = ACT_BUF_INIT;
	struct sbuf err = SBUF_INIT, out = SBUF_INIT;
	struct flow_mod fm;

	for (size_t i = 0; i < n; i++) {
		sbuf_reset(&err);
		sbuf_reset(&out);
		if (!flow_parse(p[i].in, command, NULL, &acts, &fm, &err))
			fail_msg("%s: %s", p[i].in, sbuf_str(&err));
		flow_mod_format(&out, &fm, NULL);
		assert_string_equal(sbuf_str(&out), p[i].out);
	}
	act_buf_fini(&acts);
	sbuf_fini(&err);
	sbuf_fini(&out);
}

static void
matches_are_printed_in_the_old_names(void **state)
{
	static const struct pair pairs[] = {
	    {"tcp,tp_dst=80,actions=output:2", "ADD tcp,tp_dst=80 actions=output:2"},
	    {"ip,nw_proto=50,actions=drop", "ADD ip,nw_proto=50 actions=drop"},
	    {"in_port=1 dl_vlan=5 actions=pop_vlan,goto_table:3",
	     "ADD in_port=1,dl_vlan=5 actions=pop_vlan,goto_table:3"},
	    {"vlan_vid=0x1000/0x1000,actions=1", "ADD vlan_tci=0x1000/0x1000 actions=output:1"},
	    {"vlan_tci=0x0000/0x1fff actions=1", "ADD vlan_tci=0x0000/0x1fff actions=output:1"},
	    {"vlan_tci=0x1123/0x1fff actions=1", "ADD dl_vlan=291 actions=output:1"},
	    {"vlan_pcp=3 actions=1", "ADD dl_vlan_pcp=3 actions=output:1"},
	    {"tp_dst=80,tcp actions=1", "ADD tcp,tp_dst=80 actions=output:1"},
	    {"tp_dst=80,tp_dst=*,tcp actions=1", "ADD tcp actions=output:1"},
	    {"ipv6,tcp actions=1", "ADD tcp actions=output:1"},
	    {"udp,tcp_dst=5 actions=1", "ADD udp,tp_dst=5 actions=output:1"},
	    {"tun_id=0,metadata=0/5 actions=1", "ADD tun_id=0,metadata=0/0x5 actions=output:1"},
	    {"icmp6,icmp_type=136,icmp_code=0,nd_target=fe80::1,nd_tll=1:2:3:4:5:6 actions=1",
	     "ADD icmp6,icmp_type=136,icmp_code=0,nd_target=fe80::1,nd_tll=01:02:03:04:05:06 actions=output:1"},
	    {"pbb,pbb_isid=5 actions=1", "ADD dl_type=0x88e7,pbb_isid=0x5 actions=output:1"},
	    {"dl_vlan=0xffff actions=1", "ADD vlan_tci=0x0000/0x1fff actions=output:1"},
	    {"eth_type=0x806,nw_src=1.1.1.1,nw_proto=1 actions=1", "ADD arp,arp_spa=1.1.1.1,arp_op=1 actions=output:1"},
	    {"tun_id=5/0xff,metadata=6,in_port=LOCAL,ipv6,ipv6_src=fe80::/10,ipv6_label=5,nw_tos=32,nw_ecn=2,actions=1",
	     "ADD "
	     "ipv6,tun_id=0x5/0xff,metadata=0x6,in_port=LOCAL,ipv6_src=fe80::/10,ipv6_label=0x00005,nw_tos=32,nw_ecn=2 "
	     "actions=output:1"},
	    {"table=3,priority=5,cookie=0x12,idle_timeout=4,send_flow_rem,check_overlap,arp,arp_spa=10.0.0.0/"
	     "8,arp_op=1,"
	     "actions=in_port,output:LOCAL,all",
	     "ADD table:3 priority=5,arp,arp_spa=10.0.0.0/8,arp_op=1 cookie:0x12 idle:4 send_flow_rem check_overlap "
	     "actions=IN_PORT,LOCAL,ALL"},
	    {"dl_src=01:00:00:00:00:00/01:00:00:00:00:00 actions=1",
	     "ADD dl_src=01:00:00:00:00:00/01:00:00:00:00:00 actions=output:1"},
	    {"dl_type=0x88cc actions=controller", "ADD dl_type=0x88cc actions=CONTROLLER:65535"},
	    {"icmp6,icmpv6_type=128 actions=1", "ADD icmp6,icmp_type=128 actions=output:1"},
	    {"tcp,tcp_dst=0x50/0xf0 actions=1", "ADD tcp,tp_dst=0x50/0xf0 actions=output:1"},
	    {"ip,nw_src=1.2.3.4/255.255.0.255 actions=1", "ADD ip,nw_src=1.2.0.4/255.255.0.255 actions=output:1"},
	};

	(void)state;
	check_pairs(pairs, sizeof(pairs) / sizeof(pairs[0]), OFPFC_ADD);
}

static void
instructions_are_printed_in_order(void **state)
{
	static const struct pair pairs[] = {
	    {"actions=", "ADD actions=drop"},
	    {"actions=meter:4,output:1,goto_table:1", "ADD actions=meter:4,output:1,goto_table:1"},
	    {"tcp actions=dec_ttl,clear_actions,write_actions(output:1,set_field:9->tcp_dst),write_metadata:5/0xff",
	     "ADD tcp "
	     "actions=dec_ttl,clear_actions,write_actions(output:1,set_field:9->tcp_dst),write_metadata:0x5/0xff"},
	    {"actions=write_actions()", "ADD actions=drop"},
	    {"actions=mod_vlan_vid:7", "ADD actions=push_vlan:0x8100,set_field:4103->vlan_vid"},
	    {"dl_vlan=3,actions=mod_vlan_vid:7,set_vlan_pcp:3",
	     "ADD dl_vlan=3 actions=set_field:4103->vlan_vid,set_field:3->vlan_pcp"},
	    {"udp actions=mod_tp_src:5,mod_nw_dst:1.2.3.4",
	     "ADD udp actions=set_field:5->udp_src,set_field:1.2.3.4->ip_dst"},
	    {"actions=controller(max_len=100),set_tunnel:7", "ADD actions=CONTROLLER:100,set_field:0x7->tun_id"},
	};

	(void)state;
	check_pairs(pairs, sizeof(pairs) / sizeof(pairs[0]), OFPFC_ADD);
}

static void
file_lines_may_name_their_command(void **state)
{
	static const struct pair pairs[] = {
	    {"priority=7 actions=1", "ADD priority=7 actions=output:1"},
	    {"modify tcp actions=1", "MOD tcp actions=output:1"},
	    {"delete tcp,out_port=3,table=4", "DEL table:4 tcp out_port:3 actions=drop"},
	    {"delete_strict cookie=5/-1", "DEL_STRICT table:255 cookie:0x5/0xffffffffffffffff actions=drop"},
	};

	(void)state;
	check_pairs(pairs, sizeof(pairs) / sizeof(pairs[0]), FLOW_PARSE_FILE);
}

static void
errors_name_the_word_at_fault(void **state)
{
	static const struct pair pairs[] = {
	    {"foo=1 actions=1", "unknown keyword foo"},
	    {"foo actions=1", "field foo missing value"},
	    {"in_port=1", "must specify an action"},
	    {"actions=bar", "unknown action bar"},
	    {"actions=drop,1", "\"drop\" must not be accompanied by any other action or instruction"},
	    {"nw_ttl=1 actions=1", "nw_ttl: not available in OpenFlow 1.3 (an Open vSwitch extension)"},
	    {"actions=resubmit(,1)", "resubmit: not available in OpenFlow 1.3 (an Open vSwitch extension)"},
	    {"tcp actions=set_field:99999->tcp_dst", "99999: value too large for 2-byte field tcp_dst"},
	    {"priority=70000 actions=1", "invalid priority \"70000\""},
	    {"cookie=1/1 actions=1", "flow additions cannot use a cookie mask"},
	    {"dl_dst=1:2:3 actions=1", "1:2:3: invalid Ethernet address"},
	    {"actions=goto_table:1,goto_table:2",
	     "duplicate goto_table instruction not allowed, for OpenFlow 1.1+ compatibility"},
	    {"actions=goto_table:1,2", "invalid instruction ordering: apply_actions must appear before goto_table, for "
	                               "OpenFlow 1.1+ compatibility"},
	    {"actions=dec_ttl",
	     "none of the usable flow formats (OpenFlow10,NXM) is among the allowed flow formats (OXM-OpenFlow13)"},
	    {"ip,ip_dscp=64 actions=1", "64: value too large for 6-bit field ip_dscp"},
	    {"actions=set_field:5->tcp_src", "actions are invalid with specified match (OFPBAC_MATCH_INCONSISTENT)"},
	};
	struct act_buf acts = ACT_BUF_INIT;
	struct sbuf err = SBUF_INIT;
	struct flow_mod fm;

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		sbuf_reset(&err);
		assert_false(flow_parse(pairs[i].in, OFPFC_ADD, NULL, &acts, &fm, &err));
		assert_int_equal(error_first_line(sbuf_str(&err)), strlen(pairs[i].out));
		assert_memory_equal(sbuf_str(&err), pairs[i].out, strlen(pairs[i].out));
	}
	act_buf_fini(&acts);
	sbuf_fini(&err);
}

static void
errors_point_at_the_word_and_suggest_another(void **state)
{
	struct act_buf acts = ACT_BUF_INIT;
	struct sbuf err = SBUF_INIT;
	struct flow_mod fm;

	(void)state;
	assert_false(flow_parse("tcp,tcp_dts=80,actions=2", OFPFC_ADD, NULL, &acts, &fm, &err));
	assert_string_equal(sbuf_str(&err), "unknown keyword tcp_dts\n"
	                                    "  tcp,tcp_dts=80,actions=2\n"
	                                    "      ^ did you mean \"tcp_dst\"?");
	sbuf_reset(&err);
	assert_false(flow_parse("tcp,actions=dec_tll,2", OFPFC_ADD, NULL, &acts, &fm, &err));
	assert_string_equal(sbuf_str(&err), "unknown action dec_tll\n"
	                                    "  tcp,actions=dec_tll,2\n"
	                                    "              ^ did you mean \"dec_ttl\"?");
	act_buf_fini(&acts);
	sbuf_fini(&err);
}

static void
ports_are_read_and_written_by_name(void **state)
{
	struct port_names names = {.show = true};
	struct sbuf b = SBUF_INIT;
	uint32_t port = 0;

	(void)state;
	assert_true(port_names_add(&names, 7, "eth1"));
	assert_true(port_names_add(&names, 8, "odd name"));
	assert_true(port_parse("eth1", &names, &port));
	assert_int_equal(port, 7);
	assert_true(port_parse("\"odd name\"", &names, &port));
	assert_int_equal(port, 8);
	assert_true(port_parse("local", NULL, &port));
	assert_true(port == OFPP_LOCAL);
	assert_false(port_parse("eth1", NULL, &port));
	port_format(&b, 7, &names);
	sbuf_putc(&b, ' ');
	port_format(&b, 8, &names);
	sbuf_putc(&b, ' ');
	port_format(&b, 9, &names);
	assert_string_equal(sbuf_str(&b), "eth1 \"odd name\" 9");
	sbuf_fini(&b);
	port_names_fini(&names);
}

static void
durations_are_short(void **state)
{
	struct sbuf b = SBUF_INIT;

	(void)state;
	duration_format(&b, 5, 0);
	sbuf_putc(&b, ' ');
	duration_format(&b, 1, 1000000);
	sbuf_putc(&b, ' ');
	duration_format(&b, 394, 174990140);
	assert_string_equal(sbuf_str(&b), "5s 1.001s 394.17499014s");
	sbuf_fini(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(matches_are_printed_in_the_old_names),
	    cmocka_unit_test(instructions_are_printed_in_order),
	    cmocka_unit_test(file_lines_may_name_their_command),
	    cmocka_unit_test(errors_name_the_word_at_fault),
	    cmocka_unit_test(errors_point_at_the_word_and_suggest_another),
	    cmocka_unit_test(ports_are_read_and_written_by_name),
	    cmocka_unit_test(durations_are_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
