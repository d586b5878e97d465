/* SPDX-License-Identifier: ISC */
/* Commands of ovs-ofctl that steer extensions of Open vSwitch: they say so. */
#include "ofctl.h"

static int
run_foreign(struct ofctl *o, int argc, char **argv)
{
	(void)o;
	(void)argc;
	(void)argv;
	return fail("this command is of an Open vSwitch extension, which OpenFlow 1.3 does not have");
}

#define FOREIGN(name)                                                                                                  \
	{                                                                                                              \
		name, 0, MANY, "", NULL, run_foreign, false                                                            \
	}
const struct command foreign_commands[] = {
    FOREIGN("dump-ipfix-bridge"), FOREIGN("dump-ipfix-flow"),
    FOREIGN("ct-flush"),          FOREIGN("ct-flush-zone"),
    FOREIGN("add-tlv-map"),       FOREIGN("del-tlv-map"),
    FOREIGN("dump-tlv-map"),      {NULL, 0, 0, NULL, NULL, NULL, false},
};
