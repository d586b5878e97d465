/* SPDX-License-Identifier: ISC */
/* Pushes and pops below the IP header. */
#include "act.h"

bool
act_push_vlan(struct act *a, uint16_t tpid)
{
	(void)a;
	(void)tpid;
	return false;
}

bool
act_pop_vlan(struct act *a)
{
	(void)a;
	return false;
}

bool
act_push_mpls(struct act *a, uint16_t ethertype)
{
	(void)a;
	(void)ethertype;
	return false;
}

bool
act_pop_mpls(struct act *a, uint16_t ethertype)
{
	(void)a;
	(void)ethertype;
	return false;
}

bool
act_push_pbb(struct act *a, uint16_t ethertype)
{
	(void)a;
	(void)ethertype;
	return false;
}

bool
act_pop_pbb(struct act *a)
{
	(void)a;
	return false;
}
