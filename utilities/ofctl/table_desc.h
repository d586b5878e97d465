/* SPDX-License-Identifier: ISC */
/* Eviction and vacancy events of a switch's tables (EXT-192), for dump-table-desc and mod-table. */
#ifndef UTILITIES_OFCTL_TABLE_DESC_H
#define UTILITIES_OFCTL_TABLE_DESC_H

#include "ofctl.h"

struct table_setting {
	uint32_t clear, set; /* OFPTC_* */
	bool has_vacancy;
	uint8_t vacancy_down, vacancy_up;
};

/* A switch tells the importance of a flow entry only to who has used the extension: asks for the tables, once a connection, and does not
 * wait for the answer, which client_recv_xid passes over.  The numbers are this project's, so a switch whose DESC says that another
 * made it is asked nothing that it would not know. */
void tell_ext192(struct ofctl *);
int run_dump_table_desc(struct ofctl *, int argc, char **argv);
/* evict, noevict, vacancy:LOW,HIGH, novacancy.  False: reported in the words of ovs-ofctl. */
bool table_setting_parse(const char *text, struct table_setting *);
/* Asks what the tables do now and sends that with the change; OFPTT_ALL = each of them.  The exit status. */
int table_setting_apply(struct ofctl *, uint8_t table, const struct table_setting *);

#endif
