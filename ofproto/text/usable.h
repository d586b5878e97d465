/* SPDX-License-Identifier: ISC */
/* Which flow formats can express a flow: what ovs-ofctl calls "usable protocols".  This program speaks OpenFlow 1.3 alone, but its
 * answers name the formats that would do, as scripts know them. */
#ifndef OFPROTO_TEXT_USABLE_H
#define OFPROTO_TEXT_USABLE_H

#include "sbuf.h"

#include <stdint.h>

#define USABLE_OF10 0x0001u /* OpenFlow 1.0 */
#define USABLE_OF10_TID 0x0002u /* with table numbers */
#define USABLE_NXM 0x0004u /* 1.0 with Nicira matches */
#define USABLE_NXM_TID 0x0008u
#define USABLE_OF11 0x0010u
#define USABLE_OF12 0x0020u
#define USABLE_OF13 0x0040u
#define USABLE_OF14 0x0080u
#define USABLE_OF15 0x0100u

#define USABLE_OF10_UP 0x01ffu
#define USABLE_ANY USABLE_OF10_UP
#define USABLE_OF13_UP (USABLE_OF13 | USABLE_OF14 | USABLE_OF15)
#define USABLE_OF12_UP (USABLE_OF12 | USABLE_OF13_UP)
#define USABLE_OF11_UP (USABLE_OF11 | USABLE_OF12_UP)
#define USABLE_NXM_ANY (USABLE_NXM | USABLE_NXM_TID)
#define USABLE_NXM_OXM (USABLE_NXM_ANY | USABLE_OF12_UP)
#define USABLE_NXM_OF11 (USABLE_NXM_OXM | USABLE_OF11)
#define USABLE_OLD (USABLE_OF10 | USABLE_OF10_TID | USABLE_NXM_ANY) /* formats that check no prerequisites */
#define USABLE_TABLES (USABLE_OF10_TID | USABLE_NXM_TID | USABLE_OF11_UP)

/* "any", "NXM,OXM", "none". */
void usable_format(struct sbuf *, uint32_t usable);

#endif
