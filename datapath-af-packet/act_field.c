/* SPDX-License-Identifier: ISC */
/* SET_FIELD. */
#include "act.h"

bool
act_set_field(struct act *a, const struct dp_op_set_field *op)
{
	(void)a;
	(void)op;
	return false;
}
