/* SPDX-License-Identifier: ISC */
/* A build without libseccomp: nothing is given up. */
#include "sandbox.h"
#include "log.h"

void
sandbox_worker(void)
{
}

void
sandbox_enter(enum sandbox_mode mode)
{
	if (mode != SANDBOX_OFF)
		log_info(LOG_MAIN, "sandbox: none, this program was built without libseccomp");
}
