/* SPDX-License-Identifier: ISC */
/* Feeds lines to the flow parser; what it takes, it must be able to print. */
#include "flow_text.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int commands[] = {OFPFC_ADD, OFPFC_DELETE, FLOW_PARSE_FILE, FLOW_PARSE_QUERY};
	struct act_buf acts = ACT_BUF_INIT;
	struct sbuf err = SBUF_INIT, out = SBUF_INIT;
	struct flow_mod fm;
	char *line = malloc(size + 1);

	if (!line)
		return 0;
	if (size)
		memcpy(line, data, size);
	line[size] = '\0';
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		sbuf_reset(&err);
		if (flow_parse(line, commands[i], NULL, &acts, &fm, &err))
			flow_mod_format(&out, &fm, NULL);
		else if (!err.len)
			abort(); /* a refusal without a reason */
	}
	free(line);
	act_buf_fini(&acts);
	sbuf_fini(&err);
	sbuf_fini(&out);
	return 0;
}
