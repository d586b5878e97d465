/* SPDX-License-Identifier: ISC */
/* TTLs. */
#include "act.h"

bool
act_set_nw_ttl(struct act *a, uint8_t ttl)
{
	(void)a;
	(void)ttl;
	return false;
}

bool
act_set_mpls_ttl(struct act *a, uint8_t ttl)
{
	(void)a;
	(void)ttl;
	return false;
}

bool
act_copy_ttl_out(struct act *a)
{
	(void)a;
	return false;
}

bool
act_copy_ttl_in(struct act *a)
{
	(void)a;
	return false;
}

bool
act_dec_nw_ttl(struct act *a, bool *expired)
{
	(void)a;
	(void)expired;
	return false;
}

bool
act_dec_mpls_ttl(struct act *a, bool *expired)
{
	(void)a;
	(void)expired;
	return false;
}
