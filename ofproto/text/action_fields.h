/* SPDX-License-Identifier: ISC */
/* The parse functions of the rows whose action sets a field. */
#ifndef OFPROTO_TEXT_ACTION_FIELDS_H
#define OFPROTO_TEXT_ACTION_FIELDS_H

#include "action_ctx.h"

action_parse_fn parse_mod_mac, parse_mod_ipv4, parse_mod_tos, parse_mod_ecn, parse_mod_tp;
action_parse_fn parse_vlan, parse_mpls_label, parse_mpls_tc, parse_tunnel, parse_set_field, parse_load;

#endif
